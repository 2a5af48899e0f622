// Phase-space points on a GPU.
#pragma once

#include <memory>
#include <string_view>

#include "backends/cuda/device.hpp"
#include "engine/phase_space.hpp"

namespace meb::cuda {

// backend: "cuda", or "cuda_host", the same code on the CPU. Throws Error(Status::unsupported).
std::unique_ptr<PhaseSpace> make_phase_space(std::string_view backend, const PhaseSpaceBatch& particles);

KernelRequest phase_space_request(int n_outgoing);

}  // namespace meb::cuda
