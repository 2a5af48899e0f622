// Phase-space points on the CPU.
#pragma once

#include <memory>
#include <string_view>

#include "engine/phase_space.hpp"

namespace meb {

// Throws Error(Status::unsupported) naming the modes there are.
std::unique_ptr<PhaseSpace> make_cpu_phase_space(std::string_view backend, const PhaseSpaceBatch& particles);

}  // namespace meb
