// A Program made ready for one set of helicities: states of each wave, index lists of the
// instruction loops, places in the arena. Independent of the SIMD mode.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/program.hpp"

namespace meb {

namespace need {
inline constexpr unsigned jamp = 1, amp2_densities = 2, amp2_amplitudes = 4;
}

struct Step {
  Op op;
  std::uint32_t flags;
  unsigned need;            // bits of `need`: what this step serves
  std::uint32_t n;          // helicity states of the result, or groups of a product
  std::uint32_t index;      // first entry in Plan::indices
  std::size_t out, in[3];   // arena places of slots, in complex numbers of a page;
                            // custom: in[0] is the first of its places in Plan::places
  std::uint32_t n_component;
  const Instruction* instruction;
};

struct Plan {
  std::shared_ptr<const Program> program;
  std::vector<std::uint32_t> active;  // helicity combinations, from 0, in the Program's order
  std::vector<Step> steps;
  // Vertices: for each state of the result the states of the inputs. External waves: the
  // helicity of each state. Products: for each state of D its number, how many pairs
  // follow, and the pairs (state of the wave, position in `active`).
  std::vector<std::uint32_t> indices;
  std::vector<std::size_t> places;  // of the inputs of custom steps
  std::size_t arena_size = 0;  // complex numbers of a page
  // AMP2 may come from density matrices: all that `active` leaves out vanishes diagram by diagram.
  bool densities_exact = false;

  std::size_t n_active() const { return active.size(); }
};

// helicities: combinations to compute, from 0, ascending; may be empty.
std::shared_ptr<const Plan> make_plan(std::shared_ptr<const Program> program,
                                      std::vector<std::uint32_t> helicities);

}  // namespace meb
