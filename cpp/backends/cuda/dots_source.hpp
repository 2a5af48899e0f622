// Dots in registers: products, JAMPs, JAMP2 and the colour sum of one helicity of one event as
// straight-line code, for one lane of a warp (device/dots.cuh).
#pragma once

#include <string>
#include <vector>

#include "backends/cuda/schedule.hpp"

namespace meb::cuda {

// Whether the JAMPs of one helicity, and AMP2 from amplitudes, may be in registers.
bool may_be_in_registers(const Plan& plan, unsigned wanted);

// How the helicities of an event lie in the lanes of warps: `n_part` times `n_lane`, a power of two.
struct DotLanes {
  std::uint32_t n_lane, n_part, n_sum /* JAMP2 of all flows, AMP2 of squares */;

  std::uint32_t width() const { return n_lane * n_part; }
};
DotLanes dot_lanes(const Plan& plan, const Schedule& schedule);

// Tables::dot_offsets and dot_helicities.
std::vector<std::uint16_t> dot_offsets(const Plan& plan, const Schedule& schedule, std::size_t real_size);
std::vector<std::uint16_t> dot_helicities(const Plan& plan, const Schedule& schedule);

// `struct Dots` of the generated source.
std::string dots_source(const Plan& plan, const Schedule& schedule);

}  // namespace meb::cuda
