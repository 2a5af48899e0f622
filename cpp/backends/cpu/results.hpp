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
  using Word = typename Vector<std::uint64_t, W == 1 ? 0 : W * 8>::type;  // one an event
  using Int = typename Vector<std::int32_t, W == 1 ? 0 : W * 4>::type;
  using Lanes = std::make_integer_sequence<int, W>;

public:
  // weight: [n_helicity]
  Results(const Plan& plan, const double* weight)
      : plan_(plan),
        p_(*plan.program),
        weight_(plan.n_active()),
        terms_(plan.n_active()),
        targets_(p_.n_flow),
        by_diagram_(p_.n_diagram + 1),
        n_word_((p_.n_flow + 63) / 64),
        allowed_((p_.n_config + 1) * n_word_) {
    for (std::size_t a = 0; a < plan.n_active(); ++a) weight_[a] = weight[plan.active[a]];
    for (std::size_t w = 0; w < n_word_; ++w) allowed_[w] = ~std::uint64_t{0};
    for (std::size_t c = 0; c < p_.n_config; ++c)
      for (std::size_t f = 0; f < p_.n_flow; ++f)
        allowed_[(c + 1) * n_word_ + f / 64] |= std::uint64_t{p_.config_flows[c * p_.n_flow + f] != 0} << f % 64;
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
    return lanes<R>([&](int v) MEB_LAMBDA { return static_cast<double>(value(page.event(v))); }, Lanes{});
  }
  // Without a detour through memory, where a vector is not there at once after its parts are stored.
  template <class Wide, class Value, int... v>
  MEB_INLINE static Wide lanes(Value value, std::integer_sequence<int, v...>) {
    return Wide{value(v)...};
  }

  std::size_t write(const PageOfEvents& page, const Sums<F, G>& sums) {
    const Batch& batch = *page.batch;
    R helicity{}, flow{};
    R value = sum_helicities(page, sums, helicity);
    if (batch.channel) value = value * channel_weight(page, sums);
    value = value / p_.averaging_factor;
    if (batch.color_flow) flow = color_flow(page, sums);
    const Mask good = value - value == 0;
    store(page, good ? value : R{}, batch.matrix_element);
    store(page, good ? helicity : R{}, batch.helicity);
    store(page, good ? flow : R{}, batch.color_flow);
    store(page, good ? R{} : R{} + 1, batch.flag);
    if (batch.jamp2 || batch.amp2 || batch.by_helicity) write_sums(page, sums);
    double bad[W];
    B::store(bad, good ? R{} : R{} + 1);
    std::size_t n_non_finite = 0;
    for (std::size_t v = 0; v < page.count; ++v) n_non_finite += bad[v] != 0;
    return n_non_finite;
  }
  template <class Integers, class Reals>
  MEB_INLINE static void to_integers(Reals x, std::int32_t* out) {
    const Integers number = __builtin_convertvector(x, Integers);
    std::memcpy(out, &number, sizeof number);
  }
  template <class T>
  static void store(const PageOfEvents& page, R x, T* out) {
    if (!out) return;
    T lane[W];
    if constexpr (std::is_same_v<T, double>) {
      B::store(lane, x);
    } else if constexpr (W == 1) {
      lane[0] = static_cast<T>(x);
    } else {
      to_integers<Int>(x, lane);
    }
    if (page.count == static_cast<std::size_t>(W)) {
      std::memcpy(out + page.first, lane, sizeof lane);
    } else {
      for (std::size_t v = 0; v < page.count; ++v) out[page.first + v] = lane[v];
    }
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
    // The first term whose cumulative sum exceeds the target; rounding may leave the last sum below it:
    // then the last term that is not zero.
    const R target = total * contiguous(page, batch.random_helicity);
    R cumulative{}, chosen{};
    for (std::size_t a = 0; a < n; ++a) {
      const Mask here = (!(target < cumulative)) & (terms_[a] != 0);
      helicity = here ? R{} + (plan_.active[a] + 1.0) : helicity;
      chosen = here ? terms_[a] : chosen;
      cumulative += absolute(terms_[a]);
    }
    R value = chosen < 0 ? -total : total;
    if (batch.helicity_in) {
      const R own = single(page);
      helicity = own != 0 ? own : helicity;
      value = own != 0 ? sum : value;
    }
    return value;
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
    const auto of_channel = [&](int v) MEB_LAMBDA {
      return flat[static_cast<std::size_t>(batch.channel[page.event(v)]) * W + static_cast<std::size_t>(v)];
    };
    const R own = lanes<R>(of_channel, Lanes{}), channel = each(page, [&](std::size_t e) { return batch.channel[e]; });
    const R one = R{} + 1;
    return (channel == 0) | (total == 0) ? one : own / (total == 0 ? one : total);
  }

  R color_flow(const PageOfEvents& page, const Sums<F, G>& sums) {
    const Batch& batch = *page.batch;
    const std::size_t n = p_.n_flow;
    R sum{}, all{};
    std::size_t config[W] = {};  // ICOLAMP of each event's config; 0: all flows
    if (batch.color_config)
      for (int v = 0; v < W; ++v) config[v] = static_cast<std::size_t>(std::max(0, batch.color_config[page.event(v)]));
    Word allowed{};
    for (std::size_t f = 0; f < n; ++f) {
      if (f % 64 == 0)
        allowed = lanes<Word>([&](int v) MEB_LAMBDA { return allowed_[config[v] * n_word_ + f / 64]; }, Lanes{});
      const R x = load(sums.jamp2 + f * V);
      all += x;
      sum += (allowed & 1) != 0 ? x : R{};
      allowed >>= 1;
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
  std::size_t n_word_;
  AlignedArray<std::uint64_t> allowed_;  // [config, 0: any][word]: colour flows as bits
};

}  // namespace meb::MEB_TARGET
