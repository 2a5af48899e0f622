// Kernel of the thread design: one event a thread, straight-line code made from the Program.
#define MEB_TARGET cuda_device
#define MEB_WIDTH 0
#include "backends/cuda/device/thread.cuh"
#include "generated.cuh"

extern "C" __global__ void __launch_bounds__(MEB_THREADS, MEB_BLOCKS)
    meb_thread(const __grid_constant__ meb::cuda::Arguments arguments) {
  using namespace meb::cuda_device;
  const unsigned long long event = blockIdx.x * static_cast<unsigned long long>(MEB_THREADS) + threadIdx.x;
  if (event >= arguments.events.n_event) return;
  double terms[Straight::n_active], jamp2[Straight::n_flow], amp2[Straight::n_amp2];
  Straight::run(ThreadInput<MEB_REAL>(arguments, event), terms, jamp2, amp2);
  constexpr meb::cuda::Sizes sizes = Straight::sizes();
  const double* between = arguments.events.amp2_between;
  const EventSums sums{terms, jamp2, between ? between + event * Straight::n_amp2 : amp2};
  Selection<Single>(arguments, sizes, sums, event).run();
}
