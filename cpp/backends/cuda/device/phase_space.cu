// Kernel of phase space: one point a thread.
#define MEB_TARGET cuda_device
#define MEB_WIDTH 0
#include "kernels/rambo.hpp"

extern "C" __global__ void __launch_bounds__(MEB_THREADS)
    meb_phase_space(const __grid_constant__ meb::PhaseSpaceBatch batch) {
  using namespace meb::cuda_device;
  const unsigned long long event = blockIdx.x * static_cast<unsigned long long>(MEB_THREADS) + threadIdx.x;
  if (event < batch.n_event) generate<Bundle<double>, MEB_OUTGOING>(batch, event, 1, MEB_OUTGOING);
}
