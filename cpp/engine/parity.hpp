// Pairs of opposite helicities with the same |M|^2. Where parity holds, M(-h) = M(h) up to a phase for momenta in a
// plane, whose mirror image they are; where absorptive parts vanish, too (no widths in propagators), M(-h) = M(h)^* up
// to a phase for any momenta. Neither is read off the Program: it is found by comparing values, with the running
// parameters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "engine/engine.hpp"
#include "engine/program.hpp"

namespace meb {

// For which momenta opposite helicities are interchangeable.
enum class Parity { unknown, absent, in_plane, everywhere };

// For each combination of `active` (from 0, ascending) its opposite; empty if one of them is its own, not in `active`
// or has another weight. weight: [n_helicity].
std::vector<std::uint32_t> opposite_helicities(const Program& program, std::span<const std::uint32_t> active,
                                               std::span<const double> weight);

// Ways to leave out one of each pair: for each leg with two helicities, the combinations in which its own is positive.
std::vector<std::vector<std::uint32_t>> helicity_halves(const Program& program, std::span<const std::uint32_t> active);

// Whether each event's four legs lie in a plane with the z axis, the first two along it. momenta: [n_event][4][4]
inline bool lie_in_plane(const double* momenta, std::size_t n_event) {
  typedef double Pair __attribute__((vector_size(16)));
  typedef std::int64_t Bits __attribute__((vector_size(16)));
  const auto transverse = [](const double* p) {
    Pair xy;
    std::memcpy(&xy, p + 1, sizeof xy);
    return xy;
  };
  Bits all = Bits{} - 1;
  for (const double *m = momenta, *end = m + 16 * n_event; m < end; m += 16) {
    const Pair sum = transverse(m + 8) + transverse(m + 12), most = Pair{} + 1e-11 * (m[8] + m[12]);
    all &= (transverse(m) == 0) & (transverse(m + 4) == 0) & (sum <= most) & (-sum <= most);
  }
  return (all[0] & all[1]) != 0;
}

// Events for a comparison, [n_event][n_leg][4]: two on n - 2, along z in their rest frame, spread over phase space at
// the energy of this event of four legs or more; empty if it is none. parameter: values in the Program's order;
// momenta: [n_leg][4]
std::vector<double> spread_events(const Program& program, std::span<const double> parameter, const double* momenta,
                                  std::size_t n_event);
// Rotated and boosted.
std::vector<double> transformed(std::span<const double> momenta);

// What a Plan gives for some events, summed over helicities but for by_helicity.
struct Sums {
  explicit Sums(const Program& program, std::size_t n_event)
      : by_helicity(n_event * program.n_helicity), jamp2(n_event * program.n_flow), amp2(n_event * program.n_diagram) {}
  std::vector<double> by_helicity, jamp2, amp2;  // [event][...]
};

// Whether all of them are numbers, and no event vanishes.
bool tell_something(const Program& program, const Sums& sums);
// Opposite helicities give the same.
bool are_symmetric(const Program& program, std::span<const std::uint32_t> active,
                   std::span<const std::uint32_t> opposite, const Sums& sums);
// Two Plans give the same.
bool agree(const Program& program, const Sums& a, const Sums& b);

}  // namespace meb
