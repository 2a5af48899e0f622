// A batch of phase-space points, as the CPU and a GPU see it.
#pragma once

#if defined(__CUDACC__)
#include "backends/cuda/device/device.cuh"
#else
#include <cstdint>
#endif

namespace meb {

constexpr int max_outgoing = 14;

// Layouts and units as in mebridge/rambo.h.
struct PhaseSpaceBatch {
  std::uint64_t n_event;
  const double* random;
  const double* sqrt_s;
  double* momenta;
  double* weight;
  std::uint32_t sqrt_s_common, n_incoming, n_outgoing, spare;
  double incoming_mass[2];
  double outgoing_mass[max_outgoing];
};

}  // namespace meb
