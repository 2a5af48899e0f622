// Kernel of the thread design: one event a thread, straight-line code made from the Program.
#define MEB_TARGET cuda_device
#define MEB_WIDTH 0
#include "backends/cuda/device/thread.cuh"
#include "generated.cuh"

extern __shared__ double thread_sums[];

extern "C" __global__ void __launch_bounds__(MEB_THREADS, MEB_BLOCKS)
    meb_thread(const __grid_constant__ meb::cuda::Arguments arguments) {
  using namespace meb::cuda_device;
  const unsigned long long event = blockIdx.x * static_cast<unsigned long long>(MEB_THREADS) + threadIdx.x;
  if (event >= arguments.events.n_event) return;
  const ThreadSums sums(thread_sums + threadIdx.x, Straight::n_active, Straight::n_flow);
  Straight::run(ThreadInput<MEB_REAL>(arguments, event), sums);
  constexpr meb::cuda::Sizes sizes = Straight::sizes();
  Selection<Single, ThreadSums>(arguments, sizes, sums, event).run();
}
