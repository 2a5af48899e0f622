#include "backends/cpu/prepared.hpp"

#include <algorithm>
#include <bit>

#include "engine/operations.hpp"
#include "engine/parity.hpp"

namespace meb {
namespace {

// Of a tile, within the second-level cache.
constexpr std::size_t row_bytes = 256 << 10, amplitude_bytes = 1 << 20;

// JAMPs up to this size are added to in passing: about the first-level cache, if numbers of a page are stored as 64
// bytes, of which there is one store in a cycle. Shorter ones are stored twice as often, and adding costs less.
constexpr std::size_t most_in_passing(std::size_t page_bytes) { return page_bytes < 64 ? 128 << 10 : 32 << 10; }

// Short tiles cost more than they save.
std::uint32_t tile_size(std::size_t bytes, std::size_t combination) {
  return static_cast<std::uint32_t>(
      std::max<std::size_t>(8, std::bit_floor(bytes / std::max<std::size_t>(1, combination))));
}

}  // namespace

Prepared::Prepared(const Setup& setup, std::vector<std::uint32_t> active, std::span<const std::uint32_t> opposite)
    : setup_(setup) {
  const Program& p = *setup_.program;
  const std::size_t lanes = setup_.mode->functions.lanes(setup_.precision);
  const std::size_t page = (setup_.precision == Precision::single ? sizeof(float) : sizeof(double)) * lanes;
  by_rows_ = 2 * page * p.n_row() * active.size() > most_in_passing(page);
  tile_size_ =
      by_rows_ ? tile_size(amplitude_bytes, 2 * page * count_columns(p)) : tile_size(row_bytes, 2 * page * p.n_row());
  const Order order = active.size() <= tile_size_ ? Order::as_steps : Order::products_last;
  plan_ = make_plan(setup_.program, std::move(active), order, opposite);
}

unsigned Prepared::wanted(bool with_amp2, bool single_helicity) const {
  if (!with_amp2) return need::jamp;
  return need::jamp | (plan_->densities_exact && !single_helicity ? need::amp2_densities : need::amp2_amplitudes);
}

double Prepared::operations(bool with_amp2) const {
  return count_operations(*plan_, wanted(with_amp2, false), *setup_.color);
}

const Tiles& Prepared::tiles(unsigned wanted) {
  auto [at, is_new] = tiles_.try_emplace(wanted);
  if (is_new) at->second = make_tiles(*plan_, wanted, tile_size_, by_rows_);
  return at->second;
}

void Prepared::set_threads(std::size_t n_thread) {
  const RunnerInput input{plan_.get(), setup_.values, setup_.color, setup_.custom, setup_.weight};
  while (runners_.size() < n_thread) runners_.emplace_back(setup_.mode->functions.make_runner(input, setup_.precision));
}

void Prepared::update_values() {
  for (auto& runner : runners_) runner->update_values();
}

Sums evaluate_sums(const Setup& setup, Prepared& prepared, const Batch& batch, std::span<const double> momenta) {
  const Program& p = *setup.program;
  Batch probe;
  probe.n_event = momenta.size() / (4 * p.n_leg);
  probe.momenta = momenta.data();
  probe.running_coupling = batch.running_coupling;
  probe.running_coupling_common = true;
  Sums sums(p, probe.n_event);
  probe.by_helicity = sums.by_helicity.data();
  probe.jamp2 = sums.jamp2.data();
  probe.amp2 = sums.amp2.data();
  prepared.set_threads(1);
  const unsigned wanted = prepared.wanted(true, false);
  const std::size_t lanes = setup.mode->functions.lanes(setup.precision);
  for (std::size_t first = 0; first < probe.n_event; first += lanes)
    prepared.runner(0).run(probe, first, std::min(lanes, probe.n_event - first), wanted, prepared.tiles(wanted));
  return sums;
}

}  // namespace meb
