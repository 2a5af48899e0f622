// One event's results from its sums, by one warp: sign, helicity, colour flow, channel weight
// (as backends/cpu/results.hpp; sums are taken in another order).
#pragma once

#include "backends/cuda/device/team.cuh"
#include "backends/cuda/layout.hpp"
#include "engine/op.hpp"

namespace meb::MEB_TARGET {

// One event's numbers where a warp finds them: T, JAMP2, AMP2 as they were summed.
class EventSums {
public:
  MEB_INLINE EventSums(const cuda::Arguments& a, std::uint64_t event, const double* terms, const double* jamp2,
                       const double* amp2)
      : a_(a), event_(event), terms_(terms), jamp2_(jamp2), amp2_(amp2) {}

  // Of an active helicity, with its weight; 0 if it is not wanted.
  MEB_INLINE double term(std::uint32_t h) const {
    const int single = a_.events.helicity_in ? global(a_.events.helicity_in)[event_] : 0;
    const bool wanted = single == 0 || single == static_cast<int>(global(a_.tables.active)[h]) + 1;
    return wanted ? global(a_.values.weight)[h] * terms_[h] : 0;
  }
  MEB_INLINE double jamp2(std::uint32_t f) const { return jamp2_[f]; }
  MEB_INLINE double amp2(std::uint32_t k) const { return amp2_[k]; }

private:
  const cuda::Arguments& a_;
  std::uint64_t event_;
  const double *terms_, *jamp2_, *amp2_;
};

// Lanes: Team, a warp, or Single, one thread. Sums: as EventSums.
template <class Lanes, class Sums>
class Selection {
public:
  MEB_INLINE Selection(const cuda::Arguments& a, const cuda::Sizes& sizes, const Sums& sums, std::uint64_t event)
      : t_(a.tables), s_(sizes), in_(a.events), sums_(sums), event_(event) {
    if (in_.helicity_in) single_ = global(in_.helicity_in)[event];
    if (in_.random_helicity) random_helicity_ = global(in_.random_helicity)[event];
    if (in_.channel) channel_ = global(in_.channel)[event];
    if (in_.color_config) config_ = global(in_.color_config)[event];
    if (in_.random_color) random_color_ = global(in_.random_color)[event];
  }

  MEB_INLINE void run() const {
    const std::uint8_t* allowed = config_flows();
    // T, |T|, AMP2 of all channels and of the event's own, JAMP2 of the flows allowed
    double part[5] = {};
    add_terms(part[0], part[1]);
    bool in_config = false;
    if (channel_ != 0 || in_.color_flow) {
      in_config = Lanes::ballot(add_channels(part[2], part[3]));
      part[4] = sum_flows(allowed);
      Lanes::template sum<5>(part);
    } else {
      Lanes::template sum<2>(part);
    }
    int helicity = 0;
    double value = choose_helicity(part[0], part[1], helicity);
    value *= channel_weight(part[2], part[3], in_config);
    value /= s_.averaging_factor;
    const bool finite = std::isfinite(value);
    write_sums();
    const int flow = in_.color_flow != nullptr && finite ? color_flow(part[4], allowed) : 0;
    if (Lanes::lane() != 0) return;
    if (in_.matrix_element) global(in_.matrix_element)[event_] = finite ? value : 0;
    if (in_.helicity) global(in_.helicity)[event_] = finite ? helicity : 0;
    if (in_.color_flow) global(in_.color_flow)[event_] = flow;
    if (in_.flag) global(in_.flag)[event_] = finite ? 0 : 1;
    if (!finite) Lanes::count(in_.n_non_finite);
  }

private:
  // -- what a lane has

  MEB_INLINE void add_terms(double& sum, double& absolute) const {
    MEB_UNROLL
    for (std::uint32_t a = Lanes::lane(); a < s_.n_active; a += Lanes::width) {
      const double x = sums_.term(a);
      sum += x;
      absolute += std::fabs(x);
    }
  }

  // Whether one of the configs is the event's channel.
  MEB_INLINE bool add_channels(double& total, double& own) const {
    bool in_config = false;
    MEB_UNROLL
    for (std::uint32_t c = Lanes::lane(); c < s_.n_config; c += Lanes::width) {
      const std::uint32_t diagram = global(t_.config_diagrams)[c], k = global(t_.config_amp2)[c];
      double x = amp2(diagram == 0 ? none : k);
      if (in_.channel_cut) {
        const double cut = global(in_.channel_cut)[event_ * s_.n_config + c];
        x = diagram == 0 ? 0 : in_.channel_cut_only ? cut : x * cut;
      }
      total += x;
      if (diagram != 0 && static_cast<int>(diagram) == channel_) own = x, in_config = true;
    }
    return in_config;
  }

  MEB_INLINE double sum_flows(const std::uint8_t* allowed) const {
    double sum = 0;
    MEB_UNROLL
    for (std::uint32_t f = Lanes::lane(); f < s_.n_flow; f += Lanes::width) sum += flow_weight(f, allowed);
    return sum;
  }

  // -- of the sums over all lanes

  // Sum of |T| with the sign of the chosen T; without a random number the plain sum.
  MEB_INLINE double choose_helicity(double sum, double absolute, int& helicity) const {
    const std::uint32_t n = s_.n_active;
    helicity = single_;
    if (single_ != 0 || !in_.random_helicity || absolute == 0 || !std::isfinite(absolute)) return sum;
    const double target = random_helicity_ * absolute;
    double before = 0;
    std::uint32_t chosen = 0;
    bool found = false;
    MEB_UNROLL
    for (std::uint32_t a0 = 0; a0 < n; a0 += Lanes::width) {
      const std::uint32_t a = a0 + Lanes::lane();
      const double x = a < n ? std::fabs(sums_.term(a)) : 0;
      const double cumulative = before + Lanes::cumulate(x);
      const unsigned hit = Lanes::ballot(x != 0 && target < cumulative);
      const unsigned some = Lanes::ballot(x != 0);
      // rounding may leave the sum below the target: then the last one
      if (some && !found) chosen = a0 + (hit ? Lanes::first(hit) : last(some));
      found = found || hit;
      before = Lanes::from(cumulative, Lanes::width - 1);
    }
    helicity = static_cast<int>(global(t_.active)[chosen]) + 1;
    return std::copysign(absolute, sums_.term(chosen));
  }

  MEB_INLINE static int last(unsigned bits) {
    int k = 0;
    if constexpr (Lanes::width > 1)
      while (bits >>= 1) ++k;
    return k;
  }

  MEB_INLINE double channel_weight(double total, double own, bool in_config) const {
    if (channel_ == 0) return 1;
    if (channel_ < 0 || channel_ > static_cast<int>(s_.n_diagram)) return std::nan("");
    if (!in_config) own = amp2(global(t_.diagram_amp2)[channel_]);
    return total != 0 ? own / total : 1;
  }

  MEB_INLINE double amp2(std::uint32_t k) const {
    const double x = sums_.amp2(k == none ? 0 : k);
    return k == none || in_.channel_cut_only ? 0 : x;
  }

  // Which flows the event's config has; null: all.
  MEB_INLINE const std::uint8_t* config_flows() const {
    const bool known = config_ > 0 && config_ <= static_cast<int>(s_.n_config);
    return known ? global(t_.config_flows) + (config_ - 1) * s_.n_flow : nullptr;
  }
  MEB_INLINE double flow_weight(std::uint32_t f, const std::uint8_t* allowed) const {
    if (f >= s_.n_flow) return 0;
    const double x = sums_.jamp2(f);
    return allowed == nullptr || allowed[f] ? x : 0;
  }
  // `sum`: of the flows allowed.
  MEB_INLINE int color_flow(double sum, const std::uint8_t* allowed) const {
    if (sum == 0) {  // no leading flow contributes: all may
      allowed = nullptr;
      sum = Lanes::sum(sum_flows(allowed));
    }
    const double target = random_color_ * sum;
    double before = 0;
    std::uint32_t chosen = s_.n_flow;
    MEB_UNROLL
    for (std::uint32_t f0 = 0; f0 < s_.n_flow; f0 += Lanes::width) {
      const std::uint32_t f = f0 + Lanes::lane();
      const double cumulative = before + Lanes::cumulate(flow_weight(f, allowed));
      const unsigned hit = Lanes::ballot(f < s_.n_flow && !(cumulative < target));
      if (hit && chosen == s_.n_flow) chosen = f0 + Lanes::first(hit) + 1;
      before = Lanes::from(cumulative, Lanes::width - 1);
    }
    return static_cast<int>(chosen);
  }

  MEB_INLINE void write_sums() const {
    if (in_.jamp2)
      for (std::uint32_t f = Lanes::lane(); f < s_.n_flow; f += Lanes::width)
        global(in_.jamp2)[event_ * s_.n_flow + f] = sums_.jamp2(f);
    if (in_.amp2)
      for (std::uint32_t d = Lanes::lane(); d < s_.n_diagram; d += Lanes::width) {
        const std::uint32_t k = global(t_.diagram_amp2)[d + 1];
        global(in_.amp2)[event_ * s_.n_diagram + d] = k == none ? 0 : sums_.amp2(k);
      }
    if (in_.by_helicity)
      for (std::uint32_t a = Lanes::lane(); a < s_.n_active; a += Lanes::width)
        global(in_.by_helicity)[event_ * s_.n_helicity + global(t_.active)[a]] = sums_.term(a) / s_.averaging_factor;
  }

  const cuda::Tables& t_;
  const cuda::Sizes s_;
  const cuda::Events& in_;
  const Sums sums_;
  std::uint64_t event_;
  // the event's own, all asked for at once
  std::int32_t single_ = 0, channel_ = 0, config_ = 0;
  double random_helicity_ = 0, random_color_ = 0;
};

}  // namespace meb::MEB_TARGET
