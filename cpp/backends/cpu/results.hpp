// From sums over a page to results: sign, helicity, colour flow, channel weight, for all events
// of the page at once. Follows MadEvent's SMATRIX and SELECT_COLOR, order of additions included.
#pragma once

#include "backends/cpu/inputs.hpp"
#include "backends/cpu/page.hpp"

namespace meb::MEB_TARGET {

// Sums of a page, [...][lane]
template <class F, class G>
struct Sums {
  const G* matrix_element;  // by active helicity, not averaged
  const G* jamp2;           // by colour flow
  const F* amp2;            // by index of AMP2
};

// V: lanes of a page. Selection is in double precision, a vector of them at a time.
template <class F, class G, int V>
class Results {
  using B = Bundle<double>;
  using R = B::real;
  static constexpr int W = B::lanes;
  using Mask = decltype(R{} < R{});

public:
  // weight: [n_helicity]
  Results(const Plan& plan, const double* weight)
      : plan_(plan),
        p_(*plan.program),
        weight_(plan.n_active()),
        terms_(plan.n_active()),
        targets_(p_.n_flow),
        by_diagram_(p_.n_diagram + 1) {
    for (std::size_t a = 0; a < plan.n_active(); ++a) weight_[a] = weight[plan.active[a]];
  }

  // Writes the outputs; returns how many events are not finite.
  std::size_t operator()(const PageOfEvents& page, const Sums<F, G>& sums) {
    std::size_t n_non_finite = 0;
    for (int offset = 0; offset < V && static_cast<std::size_t>(offset) < page.count; offset += W) {
      const std::size_t left = page.count - static_cast<std::size_t>(offset);
      const PageOfEvents part{page.batch, page.first + static_cast<std::size_t>(offset),
                              left < static_cast<std::size_t>(W) ? left : static_cast<std::size_t>(W)};
      n_non_finite += write(part, {sums.matrix_element + offset, sums.jamp2 + offset, sums.amp2 + offset});
    }
    return n_non_finite;
  }

private:
  template <class T>
  static R load(const T* x) {
    if constexpr (std::is_same_v<T, double>) {
      return B::load(x);
    } else {
      double lane[W];
      for (int v = 0; v < W; ++v) lane[v] = static_cast<double>(x[v]);
      return B::load(lane);
    }
  }
  static R absolute(R x) { return x < 0 ? -x : x; }
  static bool finite(double x) { return x - x == 0; }
  static R contiguous(const PageOfEvents& page, const double* x) {
    if (page.count == static_cast<std::size_t>(W)) return B::load(x + page.first);
    return each(page, [=](std::size_t e) { return x[e]; });
  }
  // `value` of each event
  template <class Value>
  static R each(const PageOfEvents& page, Value value) {
    return gather<B>(page, value);
  }

  std::size_t write(const PageOfEvents& page, const Sums<F, G>& sums) {
    const Batch& batch = *page.batch;
    R helicity{}, flow{};
    R value = sum_helicities(page, sums, helicity);
    if (batch.channel) value = value * channel_weight(page, sums);
    value = value / p_.averaging_factor;
    if (batch.color_flow) flow = color_flow(page, sums);
    double values[W], helicities[W], flows[W];
    B::store(values, value);
    B::store(helicities, helicity);
    B::store(flows, flow);
    std::size_t n_non_finite = 0;
    for (std::size_t v = 0; v < page.count; ++v) {
      const std::size_t event = page.first + v;
      const bool good = finite(values[v]);
      n_non_finite += !good;
      if (batch.matrix_element) batch.matrix_element[event] = good ? values[v] : 0;
      if (batch.helicity) batch.helicity[event] = good ? static_cast<std::int32_t>(helicities[v]) : 0;
      if (batch.color_flow) batch.color_flow[event] = good ? static_cast<std::int32_t>(flows[v]) : 0;
      if (batch.flag) batch.flag[event] = good ? 0 : 1;
    }
    if (batch.jamp2 || batch.amp2 || batch.by_helicity) write_sums(page, sums);
    return n_non_finite;
  }

  // Sum of |T| with the sign of the chosen T; without a random number the plain sum.
  R sum_helicities(const PageOfEvents& page, const Sums<F, G>& sums, R& helicity) {
    const Batch& batch = *page.batch;
    const std::size_t n = plan_.n_active();
    R sum{}, total{};
    for (std::size_t a = 0; a < n; ++a) {
      terms_[a] = weight_[a] * load(sums.matrix_element + a * V);
      if (batch.helicity_in) terms_[a] = wanted(page, a) ? terms_[a] : R{};
      sum += terms_[a];
      total += absolute(terms_[a]);
    }
    if (!batch.random_helicity) {
      if (batch.helicity_in) helicity = single(page);
      return sum;
    }
    const R target = total * contiguous(page, batch.random_helicity);
    R cumulative{}, n_below{};
    for (std::size_t a = 0; a < n; ++a) {
      cumulative += absolute(terms_[a]);
      n_below += target < cumulative ? R{} : R{} + 1;
    }
    R value = choose(n_below, sum, total, helicity);
    if (batch.helicity_in) {
      const R own = single(page);
      helicity = own != 0 ? own : helicity;
      value = own != 0 ? sum : value;
    }
    return value;
  }
  // n_below: how many cumulative sums do not exceed the target
  R choose(R n_below, R sum, R total, R& helicity) const {
    const double* terms = reinterpret_cast<const double*>(terms_.data());
    double index[W], values[W], totals[W], helicities[W];
    B::store(index, n_below);
    B::store(values, sum);
    B::store(totals, total);
    for (int v = 0; v < W; ++v) {
      helicities[v] = 0;
      if (!finite(totals[v]) || totals[v] == 0) continue;
      const auto term = [&](std::size_t a) { return terms[a * W + static_cast<std::size_t>(v)]; };
      auto chosen = static_cast<std::size_t>(index[v]);
      // rounding may leave the last sum below the target: then the last term that is not zero
      if (chosen == plan_.n_active()) do
          --chosen;
        while (chosen > 0 && term(chosen) == 0);
      helicities[v] = plan_.active[chosen] + 1.0;
      values[v] = std::copysign(totals[v], term(chosen));
    }
    helicity = B::load(helicities);
    return B::load(values);
  }
  static R single(const PageOfEvents& page) {
    return each(page, [&](std::size_t e) { return page.batch->helicity_in[e]; });
  }
  Mask wanted(const PageOfEvents& page, std::size_t a) const {
    const R own = single(page);
    return (own == 0) | (own == plan_.active[a] + 1.0);
  }

  R channel_weight(const PageOfEvents& page, const Sums<F, G>& sums) {
    const Batch& batch = *page.batch;
    for (std::size_t d = 0; d < p_.amp2_diagrams.size(); ++d)
      by_diagram_[p_.amp2_diagrams[d]] = load(sums.amp2 + d * V);
    R total{};
    for (std::uint32_t c = 0; c < p_.n_config; ++c) {
      const std::uint32_t diagram = p_.config_diagrams[c];
      if (diagram == 0) continue;
      R& x = by_diagram_[diagram];
      if (batch.channel_cut) {
        const R cut = each(page, [&](std::size_t e) { return batch.channel_cut[e * p_.n_config + c]; });
        x = batch.channel_cut_only ? cut : x * cut;
      }
      total += x;
    }
    const double* flat = reinterpret_cast<const double*>(by_diagram_.data());
    double own[W];
    for (int v = 0; v < W; ++v) own[v] = flat[static_cast<std::size_t>(batch.channel[page.event(v)]) * W + v];
    const R channel = each(page, [&](std::size_t e) { return batch.channel[e]; });
    const R one = R{} + 1;
    return (channel == 0) | (total == 0) ? one : B::load(own) / (total == 0 ? one : total);
  }

  R color_flow(const PageOfEvents& page, const Sums<F, G>& sums) {
    const Batch& batch = *page.batch;
    const std::size_t n = p_.n_flow;
    R sum{}, all{};
    const std::uint8_t* allowed[W];
    if (batch.color_config) find_allowed(page, allowed);
    for (std::size_t f = 0; f < n; ++f) {
      const R x = load(sums.jamp2 + f * V);
      all += x;
      double one[W];
      for (int v = 0; v < W; ++v) one[v] = batch.color_config && allowed[v] ? allowed[v][f] : 1.0;
      sum += B::load(one) != 0 ? x : R{};
      targets_[f] = sum;
    }
    const Mask no_leading = sum == 0;  // then all flows may be
    const R target = (no_leading ? all : sum) * contiguous(page, batch.random_color);
    R chosen = R{} + 1;
    all = R{};
    for (std::size_t f = 0; f + 1 < n; ++f) {
      all += load(sums.jamp2 + f * V);
      chosen += (no_leading ? all : targets_[f]) < target ? R{} + 1 : R{};
    }
    return chosen;
  }
  // ICOLAMP of each event's config, null: all flows
  void find_allowed(const PageOfEvents& page, const std::uint8_t** allowed) const {
    for (int v = 0; v < W; ++v) {
      const std::int32_t config = page.batch->color_config[page.event(v)];
      allowed[v] = config > 0 ? &p_.config_flows[static_cast<std::size_t>(config - 1) * p_.n_flow] : nullptr;
    }
  }

  void write_sums(const PageOfEvents& page, const Sums<F, G>& sums) const {
    const Batch& batch = *page.batch;
    const double* terms = reinterpret_cast<const double*>(terms_.data());
    for (std::size_t v = 0; v < page.count; ++v) {
      const std::size_t event = page.first + v;
      if (batch.jamp2)
        for (std::size_t f = 0; f < p_.n_flow; ++f)
          batch.jamp2[event * p_.n_flow + f] = static_cast<double>(sums.jamp2[f * V + v]);
      if (batch.amp2) {
        double* out = batch.amp2 + event * p_.n_diagram;
        for (std::size_t d = 0; d < p_.n_diagram; ++d) out[d] = 0;
        for (std::size_t d = 0; d < p_.amp2_diagrams.size(); ++d)
          out[p_.amp2_diagrams[d] - 1] = static_cast<double>(sums.amp2[d * V + v]);
      }
      if (batch.by_helicity) {
        double* out = batch.by_helicity + event * p_.n_helicity;
        for (std::size_t h = 0; h < p_.n_helicity; ++h) out[h] = 0;
        for (std::size_t a = 0; a < plan_.n_active(); ++a)
          out[plan_.active[a]] = terms[a * W + v] / p_.averaging_factor;
      }
    }
  }

  const Plan& plan_;
  const Program& p_;
  AlignedArray<double> weight_;
  AlignedArray<R> terms_, targets_, by_diagram_;
};

}  // namespace meb::MEB_TARGET
