#include "engine/selection.hpp"

#include <algorithm>
#include <cmath>

namespace meb {

Selection::Selection(const Plan& plan, const std::vector<double>& weight)
    : plan_(plan),
      p_(*plan.program),
      terms_(plan.n_active()),
      targets_(p_.n_flow),
      by_diagram_(p_.n_diagram + 1) {
  for (auto h : plan.active) weight_.push_back(weight[h]);
}

// Sum of |T| with the sign of the chosen T; without a random number the plain sum.
double Selection::sum_helicities(const Batch& batch, std::size_t event, const EventSums& sums,
                                 std::int32_t& helicity) {
  const std::size_t n = terms_.size();
  const std::int32_t single = batch.helicity_in ? batch.helicity_in[event] : 0;
  double sum = 0, absolute = 0;
  for (std::size_t a = 0; a < n; ++a) {
    const bool wanted = single == 0 || single == static_cast<std::int32_t>(plan_.active[a]) + 1;
    terms_[a] = wanted ? weight_[a] * sums.matrix_element[a * sums.stride] : 0;
    sum += terms_[a];
    absolute += std::fabs(terms_[a]);
  }
  helicity = 0;
  if (single != 0) {
    helicity = single;
    return sum;
  }
  if (!batch.random_helicity || absolute == 0 || !std::isfinite(absolute)) return sum;
  double cumulative = 0;
  std::size_t chosen = n;
  for (std::size_t a = 0; a < n; ++a) {
    cumulative += std::fabs(terms_[a]) / absolute;
    if (terms_[a] != 0) chosen = a;  // rounding may leave the sum below 1: then the last one
    if (batch.random_helicity[event] < cumulative) break;
  }
  helicity = static_cast<std::int32_t>(plan_.active[chosen]) + 1;
  return std::copysign(absolute, terms_[chosen]);
}

double Selection::channel_weight(const Batch& batch, std::size_t event, const EventSums& sums) {
  const std::int32_t channel = batch.channel ? batch.channel[event] : 0;
  if (channel == 0) return 1;
  for (std::size_t d = 0; d < p_.amp2_diagrams.size(); ++d)
    by_diagram_[p_.amp2_diagrams[d]] = sums.amp2[d * sums.stride];
  double total = 0;
  for (std::uint32_t c = 0; c < p_.n_config; ++c) {
    const std::uint32_t diagram = p_.config_diagrams[c];
    if (diagram == 0) continue;
    if (batch.channel_cut) {
      const double cut = batch.channel_cut[event * p_.n_config + c];
      by_diagram_[diagram] = batch.channel_cut_only ? cut : by_diagram_[diagram] * cut;
    }
    total += by_diagram_[diagram];
  }
  return total != 0 ? by_diagram_[channel] / total : 1;
}

std::int32_t Selection::color_flow(const Batch& batch, std::size_t event, const EventSums& sums) {
  const std::size_t n = p_.n_flow;
  const std::int32_t config = batch.color_config ? batch.color_config[event] : 0;
  const std::uint8_t* allowed = config > 0 ? &p_.config_flows[(config - 1) * n] : nullptr;
  double sum = 0;
  for (std::size_t f = 0; f < n; ++f) {
    if (!allowed || allowed[f]) sum += sums.jamp2[f * sums.stride];
    targets_[f] = sum;
  }
  if (sum == 0) {  // no leading flow contributes: all may
    for (std::size_t f = 0; f < n; ++f) targets_[f] = sum += sums.jamp2[f * sums.stride];
  }
  const double target = batch.random_color[event] * sum;
  std::size_t f = 0;
  while (f + 1 < n && targets_[f] < target) ++f;
  return static_cast<std::int32_t>(f) + 1;
}

void Selection::write_sums(const Batch& batch, std::size_t event, const EventSums& sums) const {
  if (batch.jamp2)
    for (std::size_t f = 0; f < p_.n_flow; ++f) batch.jamp2[event * p_.n_flow + f] = sums.jamp2[f * sums.stride];
  if (batch.amp2) {
    double* out = batch.amp2 + event * p_.n_diagram;
    std::fill(out, out + p_.n_diagram, 0.0);
    for (std::size_t d = 0; d < p_.amp2_diagrams.size(); ++d)
      out[p_.amp2_diagrams[d] - 1] = sums.amp2[d * sums.stride];
  }
  if (batch.by_helicity) {
    double* out = batch.by_helicity + event * p_.n_helicity;
    std::fill(out, out + p_.n_helicity, 0.0);
    for (std::size_t a = 0; a < terms_.size(); ++a) out[plan_.active[a]] = terms_[a] / p_.averaging_factor;
  }
}

bool Selection::operator()(const Batch& batch, std::size_t event, const EventSums& sums) {
  std::int32_t helicity = 0;
  double value = sum_helicities(batch, event, sums, helicity);
  value *= channel_weight(batch, event, sums);
  value /= p_.averaging_factor;
  const bool finite = std::isfinite(value);
  write_sums(batch, event, sums);
  if (batch.matrix_element) batch.matrix_element[event] = finite ? value : 0;
  if (batch.helicity) batch.helicity[event] = finite ? helicity : 0;
  if (batch.color_flow) batch.color_flow[event] = finite ? color_flow(batch, event, sums) : 0;
  if (batch.flag) batch.flag[event] = finite ? 0 : 1;
  return finite;
}

}  // namespace meb
