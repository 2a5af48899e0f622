// Sectors: helicity combinations that are computed together, so that all their amplitudes fit in shared memory.
// Those of one sector have the helicities of some legs in common: each product then needs a few states of
// each side alone.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/plan.hpp"

namespace meb::cuda {

// The states of both sides of products: map[n_derivative * a + b] is the position among the active
// helicities, or -1.
struct Sides {
  std::uint32_t n_wave, n_derivative, map;
  bool swapped;  // tiles have four derivatives and eight waves instead of four waves and eight derivatives
};

struct Sectors {
  std::uint32_t size = 1;                // of the largest
  std::vector<std::uint16_t> positions;  // [sector][size] among the active helicities, or no_index
  std::uint32_t n() const { return static_cast<std::uint32_t>(positions.size() / size); }
};

// States of both sides that a sector needs, ascending.
struct SectorStates {
  std::vector<std::uint32_t> waves, derivatives;
};
SectorStates sector_states(const Sides& sides, const std::vector<std::int16_t>& maps, const Sectors& sectors,
                           std::uint32_t sector);

// Sectors of at most so many helicities, with as few tiles as possible; decides Sides::swapped.
Sectors make_sectors(const Plan& plan, std::vector<Sides>& sides, const std::vector<std::int16_t>& maps,
                     std::uint32_t most);

}  // namespace meb::cuda
