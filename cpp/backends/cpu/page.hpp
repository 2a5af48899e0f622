// What the mode-independent part of the CPU backend asks of a mode: run one page.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "engine/color.hpp"
#include "engine/engine.hpp"
#include "engine/phase_space_batch.hpp"
#include "engine/tiles.hpp"
#include "plugin/interface.h"

namespace meb {

// Values of parameters in the Program's order.
struct Values {
  std::vector<double> parameter;
  std::vector<double> coupling;  // [][2]
};

class PageRunner {
public:
  virtual ~PageRunner() = default;
  // After a change of the Values.
  virtual void update_values() = 0;
  // Events [first, first + count) of the batch, count <= lanes; writes its outputs and returns how many
  // are not finite. wanted: bits of `need`; tiles: made for them, the same object each time.
  virtual std::size_t run(const Batch& batch, std::size_t first, std::size_t count, unsigned wanted,
                          const Tiles& tiles) = 0;
};

// What a runner reads; it owns none of it.
struct RunnerInput {
  const Plan* plan;
  const Values* values;
  const ColorForm* color;
  const meb_plugin_function* custom;  // of the plug-in, in the Program's order
  const double* weight;               // [n_helicity]
};

// What each mode has.
struct ModeFunctions {
  PageRunner* (*make_runner)(const RunnerInput&, Precision);
  std::size_t (*lanes)(Precision);  // events of a page
  double (*peak)(Precision);        // operations a second
  void (*generate)(const PhaseSpaceBatch&, std::size_t first, std::size_t end);
};

struct CpuMode {
  const char* name;
  ModeFunctions functions;
};

class Plugin;
// "auto" is the best. `plugin`: null, or one that may lack modes which its compiler did not know.
// Throws Error(Status::unsupported) naming the modes there are.
const CpuMode& find_mode(std::string_view name, const Plugin* plugin);

}  // namespace meb
