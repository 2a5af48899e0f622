#include "backends/cuda/sectors.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "backends/cuda/layout.hpp"

namespace meb::cuda {
namespace {

// Sectors by the helicities of `legs`, a bit mask.
Sectors split_by(const Plan& plan, std::uint32_t legs) {
  const Program& p = *plan.program;
  std::map<std::vector<std::int8_t>, std::vector<std::uint16_t>> found;
  for (std::size_t k = 0; k < plan.n_active(); ++k) {
    std::vector<std::int8_t> key;
    for (std::uint32_t leg = 0; leg < p.n_leg; ++leg)
      if (legs >> leg & 1) key.push_back(p.helicities[plan.active[k] * p.n_leg + leg]);
    found[key].push_back(static_cast<std::uint16_t>(k));
  }
  Sectors sectors;
  for (const auto& [key, positions] : found)
    sectors.size = std::max(sectors.size, static_cast<std::uint32_t>(positions.size()));
  for (const auto& [key, positions] : found) {
    sectors.positions.insert(sectors.positions.end(), positions.begin(), positions.end());
    sectors.positions.resize(sectors.positions.size() + sectors.size - positions.size(), no_index);
  }
  if (found.empty()) sectors.positions.assign(1, no_index);
  return sectors;
}

std::size_t n_tile(std::size_t n_four, std::size_t n_eight) { return (n_four + 3) / 4 * ((n_eight + 7) / 8); }

// Tiles of all sectors with the waves as the four, with the derivatives as the four.
std::pair<std::size_t, std::size_t> count_tiles(const Sides& sides, const std::vector<std::int16_t>& maps,
                                                const Sectors& sectors) {
  std::size_t plain = 0, swapped = 0;
  for (std::uint32_t sector = 0; sector < sectors.n(); ++sector) {
    const SectorStates s = sector_states(sides, maps, sectors, sector);
    plain += n_tile(s.waves.size(), s.derivatives.size());
    swapped += n_tile(s.derivatives.size(), s.waves.size());
  }
  return {plain, swapped};
}

}  // namespace

SectorStates sector_states(const Sides& sides, const std::vector<std::int16_t>& maps, const Sectors& sectors,
                           std::uint32_t sector) {
  const auto begin = sectors.positions.begin() + sector * sectors.size;
  const std::set<std::int32_t> inside(begin, begin + sectors.size);
  std::set<std::uint32_t> waves, derivatives;
  for (std::uint32_t a = 0; a < sides.n_wave; ++a)
    for (std::uint32_t b = 0; b < sides.n_derivative; ++b)
      if (inside.count(maps[sides.map + a * sides.n_derivative + b])) waves.insert(a), derivatives.insert(b);
  return {{waves.begin(), waves.end()}, {derivatives.begin(), derivatives.end()}};
}

Sectors make_sectors(const Plan& plan, std::vector<Sides>& sides, const std::vector<std::int16_t>& maps,
                     std::uint32_t most) {
  const std::uint32_t n_leg = plan.program->n_leg;
  constexpr std::size_t sector_cost = 64;  // tiles that take as long as a sector's barriers
  Sectors best;
  std::size_t least = 0;
  for (std::uint32_t legs = 0; legs < 1u << n_leg; ++legs) {
    Sectors sectors = split_by(plan, legs);
    if (sectors.size > most) continue;
    std::size_t cost = sector_cost * sectors.n();
    if (least != 0 && cost >= least) continue;
    for (const Sides& s : sides) {
      const auto [plain, swapped] = count_tiles(s, maps, sectors);
      cost += std::min(plain, swapped);
    }
    if (least == 0 || cost < least) best = std::move(sectors), least = cost;
  }
  for (Sides& s : sides) {
    const auto [plain, swapped] = count_tiles(s, maps, best);
    s.swapped = swapped < plain;
  }
  return best;
}

}  // namespace meb::cuda
