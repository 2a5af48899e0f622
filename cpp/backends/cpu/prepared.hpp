// A Plan for some helicity combinations, with what a mode needs to run it in several threads.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "backends/cpu/page.hpp"

namespace meb {

// What a Prepared reads; it owns none of it.
struct Setup {
  std::shared_ptr<const Program> program;
  const CpuMode* mode;
  Precision precision;
  const Values* values;
  const ColorForm* color;
  const meb_plugin_function* custom;  // of the plug-in, in the Program's order
  const double* weight;               // [n_helicity]
};

class Prepared {
public:
  // active, opposite: as for make_plan.
  Prepared(const Setup& setup, std::vector<std::uint32_t> active, std::span<const std::uint32_t> opposite = {});

  const Plan& plan() const { return *plan_; }
  // Bits of `need`. single_helicity: each event may have one of its own.
  unsigned wanted(bool with_amp2, bool single_helicity) const;
  double operations(bool with_amp2) const;
  const Tiles& tiles(unsigned wanted);
  void set_threads(std::size_t n_thread);
  PageRunner& runner(std::size_t thread) { return *runners_[thread]; }
  void update_values();

private:
  Setup setup_;
  bool by_rows_;  // Tiles
  std::uint32_t tile_size_;
  std::shared_ptr<const Plan> plan_;
  std::map<unsigned, Tiles> tiles_;  // by bits of `need`
  std::vector<std::unique_ptr<PageRunner>> runners_;
};

// Of other events with the couplings of the batch's first, in one thread. momenta: [n_event][n_leg][4]
struct Sums;
Sums evaluate_sums(const Setup& setup, Prepared& prepared, const Batch& batch, std::span<const double> momenta);

}  // namespace meb
