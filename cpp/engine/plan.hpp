// A Program made ready for one set of helicities: states of each wave, index lists of the
// instruction loops, places in the arena. Independent of the SIMD mode.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/program.hpp"

namespace meb {

namespace need {
inline constexpr unsigned jamp = 1, amp2_densities = 2, amp2_amplitudes = 4;
}

struct Step {
  Op op;
  std::uint32_t flags;
  unsigned need;           // bits of `need`: what this step serves
  std::uint32_t n;         // helicity states of the result, or groups of a product
  std::uint32_t index;     // first entry in Plan::indices
  std::size_t out, in[3];  // arena places of slots, in complex numbers of a page;
                           // custom: in[0] is the first of its places in Plan::places
  std::uint32_t n_component;
  std::uint32_t coefficient[3];  // in Plan::factors; custom: [0] is the first of its own in Plan::custom_factors
  std::uint32_t propagator;      // in Plan::propagators, or none
  const Instruction* instruction;
};

// Of a momentum, mass and width of the Program.
struct PropagatorOf {
  std::uint32_t momentum, mass, width;
};

// A coefficient of the Program, times 1 / den of the propagator that its sum ends in and the sign before it.
struct Factor {
  std::uint32_t coefficient;
  std::uint32_t propagator;  // none: the coefficient alone
  bool negative;
};

// What may differ from zero of a helicity state: bits `upper` (components 0, 1 of a spinor) and `lower`
// (2, 3), both of anything else.
namespace half {
inline constexpr std::uint8_t none = 0, upper = 1, lower = 2, both = 3;
}

// States of a step that are computed alike; loops.hpp. An entry of Plan::loop_indices is the state of
// the result (of a density: none) and those of the inputs.
struct Loop {
  std::uint32_t step;   // in Plan::steps
  bool accumulate;      // add to what is there
  bool fill;            // store the other half of the spinor, too: zeros
  bool zero;            // store zeros, nothing else
  std::uint32_t first;  // entry in Plan::loop_indices
  // So many entries that take one half alone (ffv: the coupling's left-handed, right-handed part;
  // densities: the upper, the lower half), then those that take both.
  std::uint32_t n_left, n_right, n_whole;
};

// When products run: after all vertices, tile by tile, or each where it stands among the steps, so that
// derivatives are used while they are in the cache and their places are free again.
enum class Order { products_last, as_steps };

// A helicity combination, from 0, and the position in Plan::active of the one that stands for it.
struct Known {
  std::uint32_t combination, position;
};

struct Plan {
  std::shared_ptr<const Program> program;
  std::vector<std::uint32_t> active;  // helicity combinations that are computed, from 0, in the Program's order
  // Those whose |M|^2 is known thereby, in the Program's order: `active` and, if so planned, the opposite ones. Sums
  // over `active` stand for `multiplicity` times as much.
  std::vector<Known> known;
  std::uint32_t multiplicity = 1;
  std::vector<Step> steps;
  // Vertices: for each state of the result the states of the inputs. External waves: the
  // helicity of each state. Products: for each state of D its number, how many pairs
  // follow, and the pairs (state of the wave, position in `active`).
  std::vector<std::uint32_t> indices;
  std::vector<std::size_t> places;                // of the inputs of custom steps
  std::vector<PropagatorOf> propagators;          // each once
  std::vector<Factor> factors;                    // each once
  std::vector<std::uint32_t> custom_factors;      // in `factors`
  std::vector<std::vector<std::uint8_t>> halves;  // [slot][state]: bits of `half`
  std::vector<Loop> loops;                        // external waves, vertices and densities, in the order of `steps`
  std::vector<std::uint32_t> loop_indices;
  std::size_t arena_size = 0;  // complex numbers of a page
  Order order;
  // AMP2 may come from density matrices: what `active` lacks to all choices of one of its helicities for each leg
  // vanishes diagram by diagram.
  bool densities_exact = false;

  std::size_t n_active() const { return active.size(); }
};

// helicities: combinations to compute, from 0, ascending; may be empty. opposite: empty, or for each of them one that
// it stands for besides itself.
std::shared_ptr<const Plan> make_plan(std::shared_ptr<const Program> program, std::vector<std::uint32_t> helicities,
                                      Order order = Order::products_last, std::span<const std::uint32_t> opposite = {});

}  // namespace meb
