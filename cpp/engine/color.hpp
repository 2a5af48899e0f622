// The colour sum sum_ij J_i^* C_ij J_j as a sum over small blocks.
//
// A permutation of order two that leaves C as it is (the exchange of two gluons, say) splits it
// into two blocks: one for the sums J_i + J_pi(i), one for the differences. This is done again
// in each block as long as it saves work.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/program.hpp"

namespace meb {

struct ColorForm {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> butterflies;  // rows: (a, b) <- (a + b, a - b), in turn
  std::vector<std::uint32_t> blocks;                                 // sizes
  std::vector<std::uint32_t> order;                                  // the rows, block after block
  // For each block and each four of its rows i ... (fewer at the end): coefficients [j - i][row] for
  // j = i ... end of the block. Terms right of the diagonal square of the rows are doubled.
  std::vector<double> coefficients;
};

// Rows are JAMP rows, pairs of split orders that are not chosen are left out.
ColorForm make_color_form(const Program& program);

}  // namespace meb
