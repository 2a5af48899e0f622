// Kernel of the block design: MEB_THREADS threads a block, MEB_BLOCKS blocks a multiprocessor.
#define MEB_TARGET cuda_device
#define MEB_WIDTH 0
// clang-format off: what is generated comes first
#include "generated.cuh"
#include "backends/cuda/device/block.cuh"
// clang-format on

extern "C" __global__ void __launch_bounds__(MEB_THREADS, MEB_BLOCKS)
    meb_block(const __grid_constant__ meb::cuda::Arguments arguments) {
  meb::cuda_device::Block<MEB_REAL>(arguments).run();
}
