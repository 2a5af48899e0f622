// From sums over a page to one event's results: sign, helicity, colour flow, channel weight.
// Follows MadEvent's SMATRIX and SELECT_COLOR, order of additions included.
#pragma once

#include "engine/engine.hpp"
#include "engine/plan.hpp"

namespace meb {

// One event's sums; element i of each array is at [i * stride].
struct EventSums {
  const double* matrix_element;  // [n_active]
  const double* jamp2;           // [n_flow]
  const double* amp2;            // [n_amp2]
  std::size_t stride;
};

class Selection {
public:
  // weight: [n_helicity]
  Selection(const Plan& plan, const std::vector<double>& weight);

  // Writes the outputs of event number `event` of the batch; false if it is not finite.
  bool operator()(const Batch& batch, std::size_t event, const EventSums& sums);

private:
  double sum_helicities(const Batch& batch, std::size_t event, const EventSums& sums, std::int32_t& helicity);
  double channel_weight(const Batch& batch, std::size_t event, const EventSums& sums);
  std::int32_t color_flow(const Batch& batch, std::size_t event, const EventSums& sums);
  void write_sums(const Batch& batch, std::size_t event, const EventSums& sums) const;

  const Plan& plan_;
  const Program& p_;
  std::vector<double> weight_;   // [n_active]
  std::vector<double> terms_;    // [n_active]
  std::vector<double> targets_;  // [n_flow]
  std::vector<double> by_diagram_;
};

}  // namespace meb
