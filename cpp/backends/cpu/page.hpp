// What the mode-independent part of the CPU backend asks of a mode: run one page.
#pragma once

#include <memory>
#include <vector>

#include "engine/engine.hpp"
#include "engine/plan.hpp"
#include "plugin/interface.h"

namespace meb {

inline constexpr int max_lanes = 16;

// Values of parameters in the Program's order.
struct Values {
  std::vector<double> parameter;
  std::vector<double> coupling;  // [][2]
};

// Sums over the active helicities, [...][lane]; a mode with fewer lanes uses the first.
struct PageResult {
  std::vector<double> matrix_element;  // [n_active][max_lanes], not averaged
  std::vector<double> jamp2;           // [n_flow][max_lanes]
  std::vector<double> amp2;            // [n_amp2][max_lanes]

  explicit PageResult(const Plan& plan)
      : matrix_element(plan.n_active() * max_lanes),
        jamp2(plan.program->n_flow * max_lanes),
        amp2(plan.program->amp2_diagrams.size() * max_lanes) {}
};

class PageRunner {
public:
  virtual ~PageRunner() = default;
  virtual int lanes() const = 0;
  // Events [first, first + count) of the batch, count <= lanes(). AMP2 is computed if
  // with_amp2, and left alone otherwise.
  virtual void run(const Batch& batch, std::size_t first, std::size_t count, bool with_amp2,
                   PageResult& result) = 0;
};

// What a runner reads; it owns none of it.
struct RunnerInput {
  const Plan* plan;
  const Values* values;
  const double* color;  // color_blocks
  std::size_t n_color;
  const meb_plugin_function* custom;  // of the plug-in, in the Program's order
};

using MakeRunner = PageRunner* (*)(const RunnerInput&, Precision);

// Colour matrix for JAMP rows, in blocks of four rows: for block b the coefficients
// [j - 4 b][4] for j = 4 b ... n_row - 1. Off-diagonal terms right of the block are doubled.
std::vector<double> color_blocks(const Program& program);

}  // namespace meb
