// From a Plan to the tables of the block design.
#pragma once

#include <vector>

#include "backends/cuda/layout.hpp"
#include "backends/cuda/sectors.hpp"
#include "engine/plan.hpp"

namespace meb::cuda {

// Bounds of what is computed between two barriers.
struct BatchLimits {
  std::uint32_t amplitudes = 400;  // that only AMP2 needs; those of JAMPs are there together
  std::uint32_t states = 256;
  // JAMPs are in registers: all amplitudes at once, `states` bounds what AMP2 needs besides.
  bool in_registers = false;
  std::uint32_t helicities = 32;  // of a sector
};

// States in shared memory (or no_index) and, from 1, in device memory (or 0); the others only with a propagator.
struct StateItem {
  std::uint16_t out, kept, momentum, propagator;
};
struct StateTerm {
  std::uint16_t in[3], momentum[2], coefficient[3];
};

// States (waves of one helicity) that are computed by the same operations. Terms of state i are
// terms[term + t * n + i], operations ops[op + t].
struct Group {
  std::uint32_t item, n, term, n_term, op, propagator /* PropagatorKind */, n_component;
};

// Amplitude `out`: sum over terms for all helicities.
struct Product {
  std::uint32_t out, sides, first, n, n_component;
};

// Chunks and tiles are made of it for a number of events a block (block_data.cpp).
struct Schedule {
  std::vector<Phase> phases;  // of vertices: first and n count groups
  std::vector<Group> groups;
  std::vector<StateItem> items;
  std::vector<StateTerm> terms;
  std::vector<std::uint32_t> ops;
  std::vector<double> constants;  // [][2]: the Program's, 1, others
  std::vector<Product> products;
  std::vector<ProductTerm> product_terms;
  std::vector<Sides> sides;
  std::vector<std::int16_t> maps;
  Sectors sectors;
  std::vector<Sum> sums;
  std::vector<SumTerm> sum_terms;
  std::uint32_t n_row_sum = 0;  // the first of sums are rows, the rest squares
  std::vector<Density> densities;
  std::vector<Trace> traces;
  std::vector<PropagatorPlace> propagators;
  // What occurs, one bit each: operations; 4 (ffv_k - 1) + chirality; propagators; of external waves
  // 2 kind + whether there is a mass.
  std::uint32_t op_mask = 0, ffv_mask = 0, propagator_mask = 0, external_mask = 0;
  std::uint32_t n_state = 0, n_kept = 0, n_amplitude = 0, n_density = 0;
};

// wanted: bits of `need`. Throws Error(Status::unsupported) for functions of a plug-in.
Schedule make_schedule(const Plan& plan, unsigned wanted, const BatchLimits& limits);

}  // namespace meb::cuda
