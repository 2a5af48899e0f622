// One event's results from its sums, by one warp: sign, helicity, colour flow, channel weight
// (as backends/cpu/results.hpp; sums are taken in another order).
#pragma once

#include "backends/cuda/device/team.cuh"
#include "backends/cuda/layout.hpp"
#include "engine/op.hpp"

namespace meb::MEB_TARGET {

struct EventSums {
  const double *terms, *jamp2, *amp2;  // [n_active], [n_flow], [n_amp2]
};

// Lanes: Team, a warp, or Single, one thread.
template <class Lanes>
class Selection {
public:
  MEB_INLINE Selection(const cuda::Arguments& a, const cuda::Sizes& sizes, const EventSums& sums, std::uint64_t event)
      : a_(a), t_(a.tables), s_(sizes), in_(a.events), sums_(sums), event_(event) {}

  MEB_INLINE void run() const {
    int helicity = 0;
    double value = sum_helicities(helicity);
    value *= channel_weight();
    value /= s_.averaging_factor;
    const bool finite = std::isfinite(value);
    write_sums();
    const int flow = in_.color_flow != nullptr && finite ? color_flow() : 0;
    if (Lanes::lane() != 0) return;
    if (in_.matrix_element) global(in_.matrix_element)[event_] = finite ? value : 0;
    if (in_.helicity) global(in_.helicity)[event_] = finite ? helicity : 0;
    if (in_.color_flow) global(in_.color_flow)[event_] = flow;
    if (in_.flag) global(in_.flag)[event_] = finite ? 0 : 1;
    if (!finite) Lanes::count(in_.n_non_finite);
  }

private:
  MEB_INLINE double term(std::uint32_t a) const {
    const int single = in_.helicity_in ? global(in_.helicity_in)[event_] : 0;
    const bool wanted = single == 0 || single == static_cast<int>(global(t_.active)[a]) + 1;
    return wanted ? global(a_.values.weight)[a] * sums_.terms[a] : 0;
  }

  // Sum of |T| with the sign of the chosen T; without a random number the plain sum.
  MEB_INLINE double sum_helicities(int& helicity) const {
    const std::uint32_t n = s_.n_active;
    double sum = 0, absolute = 0;
    MEB_UNROLL
    for (std::uint32_t a = Lanes::lane(); a < n; a += Lanes::width) {
      const double x = term(a);
      sum += x;
      absolute += std::fabs(x);
    }
    sum = Lanes::sum(sum);
    absolute = Lanes::sum(absolute);
    const int single = in_.helicity_in ? global(in_.helicity_in)[event_] : 0;
    helicity = single;
    if (single != 0 || !in_.random_helicity || absolute == 0 || !std::isfinite(absolute)) return sum;
    const double target = global(in_.random_helicity)[event_] * absolute;
    double before = 0;
    std::uint32_t chosen = 0;
    MEB_UNROLL
    for (std::uint32_t a0 = 0; a0 < n; a0 += Lanes::width) {
      const std::uint32_t a = a0 + Lanes::lane();
      const double x = a < n ? std::fabs(term(a)) : 0;
      const double cumulative = before + Lanes::cumulate(x);
      const unsigned hit = Lanes::ballot(x != 0 && target < cumulative);
      const unsigned some = Lanes::ballot(x != 0);
      if (hit) {
        chosen = a0 + Lanes::first(hit);
        break;
      }
      // rounding may leave the sum below the target: then the last one
      if (some) chosen = a0 + last(some);
      before = Lanes::from(cumulative, Lanes::width - 1);
    }
    helicity = static_cast<int>(global(t_.active)[chosen]) + 1;
    return std::copysign(absolute, term(chosen));
  }

  MEB_INLINE static int last(unsigned bits) {
    int k = 0;
    while (bits >>= 1) ++k;
    return k;
  }

  MEB_INLINE double channel_weight() const {
    const int channel = in_.channel ? global(in_.channel)[event_] : 0;
    if (channel == 0) return 1;
    if (channel < 0 || channel > static_cast<int>(s_.n_diagram)) return std::nan("");
    double total = 0, own = 0;
    bool in_config = false;
    MEB_UNROLL
    for (std::uint32_t c = Lanes::lane(); c < s_.n_config; c += Lanes::width) {
      const std::uint32_t diagram = global(t_.config_diagrams)[c];
      if (diagram == 0) continue;
      const std::uint32_t k = global(t_.config_amp2)[c];
      double x = k == none || in_.channel_cut_only ? 0 : sums_.amp2[k];
      if (in_.channel_cut) {
        const double cut = global(in_.channel_cut)[event_ * s_.n_config + c];
        x = in_.channel_cut_only ? cut : x * cut;
      }
      total += x;
      if (static_cast<int>(diagram) == channel) own = x, in_config = true;
    }
    total = Lanes::sum(total);
    own = Lanes::sum(own);
    if (!Lanes::ballot(in_config)) {
      const std::uint32_t k = global(t_.diagram_amp2)[channel];
      own = k == none || in_.channel_cut_only ? 0 : sums_.amp2[k];
    }
    return total != 0 ? own / total : 1;
  }

  MEB_INLINE double flow_weight(std::uint32_t f, bool all) const {
    const int config = in_.color_config ? global(in_.color_config)[event_] : 0;
    const bool known = config > 0 && config <= static_cast<int>(s_.n_config);
    const bool allowed = all || !known || global(t_.config_flows)[(config - 1) * s_.n_flow + f];
    return f < s_.n_flow && allowed ? sums_.jamp2[f] : 0;
  }

  MEB_INLINE int color_flow() const {
    double sum = 0;
    MEB_UNROLL
    for (std::uint32_t f = Lanes::lane(); f < s_.n_flow; f += Lanes::width) sum += flow_weight(f, false);
    sum = Lanes::sum(sum);
    const bool all = sum == 0;  // no leading flow contributes: all may
    if (all) {
      for (std::uint32_t f = Lanes::lane(); f < s_.n_flow; f += Lanes::width) sum += flow_weight(f, true);
      sum = Lanes::sum(sum);
    }
    const double target = global(in_.random_color)[event_] * sum;
    double before = 0;
    MEB_UNROLL
    for (std::uint32_t f0 = 0; f0 < s_.n_flow; f0 += Lanes::width) {
      const std::uint32_t f = f0 + Lanes::lane();
      const double cumulative = before + Lanes::cumulate(f < s_.n_flow ? flow_weight(f, all) : 0);
      const unsigned hit = Lanes::ballot(f < s_.n_flow && !(cumulative < target));
      if (hit) return static_cast<int>(f0) + Lanes::first(hit) + 1;
      before = Lanes::from(cumulative, Lanes::width - 1);
    }
    return static_cast<int>(s_.n_flow);
  }

  MEB_INLINE void write_sums() const {
    if (in_.jamp2)
      for (std::uint32_t f = Lanes::lane(); f < s_.n_flow; f += Lanes::width)
        global(in_.jamp2)[event_ * s_.n_flow + f] = sums_.jamp2[f];
    if (in_.amp2)
      for (std::uint32_t d = Lanes::lane(); d < s_.n_diagram; d += Lanes::width) {
        const std::uint32_t k = global(t_.diagram_amp2)[d + 1];
        global(in_.amp2)[event_ * s_.n_diagram + d] = k == none ? 0 : sums_.amp2[k];
      }
    if (in_.by_helicity)
      for (std::uint32_t a = Lanes::lane(); a < s_.n_active; a += Lanes::width)
        global(in_.by_helicity)[event_ * s_.n_helicity + global(t_.active)[a]] = term(a) / s_.averaging_factor;
  }

  const cuda::Arguments& a_;
  const cuda::Tables& t_;
  const cuda::Sizes s_;
  const cuda::Events& in_;
  const EventSums sums_;
  std::uint64_t event_;
};

}  // namespace meb::MEB_TARGET
