// From sums over a page to results: sign, helicity, colour flow, channel weight, for all events
// of the page at once. Follows MadEvent's SMATRIX and SELECT_COLOR, order of additions included.
#pragma once

#include "backends/cpu/inputs.hpp"
#include "backends/cpu/page.hpp"

namespace meb::MEB_TARGET {

// Sums of a page, [...][lane]
template <class F, class G>
struct Sums {
  const G* matrix_element;  // by position of the helicity in Plan::active, not averaged
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

public:
  // weight: [n_helicity]
  Results(const Plan& plan, const double* weight)
      : plan_(plan),
        p_(*plan.program),
        weight_(plan.known.size()),
        number_(plan.known.size()),
        terms_(plan.known.size()),
        targets_(p_.n_flow),
        diagram_(p_.amp2_diagrams.size()),
        weighted_(p_.n_config),
        n_word_((p_.n_flow + 63) / 64),
        allowed_(p_.n_config * n_word_) {
    for (std::size_t k = 0; k < plan.known.size(); ++k) {
      weight_[k] = weight[plan.known[k].combination];
      number_[k] = plan.known[k].combination + 1.0;
    }
    for (std::size_t d = 0; d < p_.amp2_diagrams.size(); ++d) diagram_[d] = p_.amp2_diagrams[d];
    for (std::uint32_t c = 0; c < p_.n_config; ++c) {
      if (p_.config_diagrams[c] != 0) weighted_[n_weighted_++] = {c, amp2_of(p_.config_diagrams[c])};
      for (std::size_t f = 0; f < p_.n_flow; ++f)
        allowed_[c * n_word_ + f / 64] |= std::uint64_t{p_.config_flows[c * p_.n_flow + f] != 0} << f % 64;
    }
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
  // A config with a diagram, and the index of its AMP2, or none.
  struct Weighted {
    std::uint32_t config, amp2;
  };
  std::uint32_t amp2_of(std::uint32_t diagram) const {
    for (std::uint32_t d = 0; d < p_.amp2_diagrams.size(); ++d)
      if (p_.amp2_diagrams[d] == diagram) return d;
    return none;
  }

  template <class To, class From>
  MEB_INLINE static To convert(From x) {
    if constexpr (W == 1) {
      return static_cast<To>(x);
    } else {
      return __builtin_convertvector(x, To);
    }
  }
  template <class T>
  MEB_INLINE static R load(const T* x) {
    typename Vector<T, W == 1 ? 0 : W* static_cast<int>(sizeof(T))>::type value;
    std::memcpy(&value, x, sizeof value);
    return convert<R>(value);
  }
  MEB_INLINE static R absolute(R x) {
    Word bits;
    std::memcpy(&bits, &x, sizeof bits);
    bits &= ~std::uint64_t{0} >> 1;
    std::memcpy(&x, &bits, sizeof x);
    return x;
  }
  // x of each event
  MEB_INLINE static R contiguous(const PageOfEvents& page, const double* x) {
    if (page.count == static_cast<std::size_t>(W)) return B::load(x + page.first);
    return gather<B>(page, [=](std::size_t e) { return x[e]; });
  }
  MEB_INLINE static R contiguous(const PageOfEvents& page, const std::int32_t* x) {
    if (page.count == static_cast<std::size_t>(W)) return load(x + page.first);
    return gather<B>(page, [=](std::size_t e) { return x[e]; });
  }

  std::size_t write(const PageOfEvents& page, const Sums<F, G>& sums) {
    const Batch& batch = *page.batch;
    R helicity{}, flow{};
    R value = sum_helicities(page, sums, helicity);
    R divisor = R{} + p_.averaging_factor;
    if (batch.channel) weigh_channel(page, sums, value, divisor);
    value = value / divisor;
    if (batch.color_flow) flow = color_flow(page, sums);
    const Mask good = value - value == 0;
    store(page, good ? value : R{}, batch.matrix_element);
    store(page, good ? helicity : R{}, batch.helicity);
    store(page, good ? flow : R{}, batch.color_flow);
    const R bad = good ? R{} : R{} + 1;
    store(page, bad, batch.flag);
    if (batch.jamp2 || batch.amp2 || batch.by_helicity) write_sums(page, sums);
    return count(page, bad);
  }
  static std::size_t count(const PageOfEvents& page, R bad) {
    double lane[W], sum = 0;
    B::store(lane, bad);
    for (int v = 0; v < W; ++v) sum += lane[v];
    if (sum == 0 || page.count == static_cast<std::size_t>(W)) return static_cast<std::size_t>(sum);
    std::size_t n = 0;
    for (std::size_t v = 0; v < page.count; ++v) n += lane[v] != 0;
    return n;
  }
  template <class T>
  MEB_INLINE static void store(const PageOfEvents& page, R x, T* out) {
    if (!out) return;
    using To = typename Vector<T, W == 1 ? 0 : W* static_cast<int>(sizeof(T))>::type;
    const To value = convert<To>(x);
    if (page.count == static_cast<std::size_t>(W)) {
      std::memcpy(out + page.first, &value, sizeof value);
    } else {
      std::memcpy(out + page.first, &value, page.count * sizeof(T));
    }
  }

  // Sum of |T| with the sign of the chosen T; without a random number the plain sum.
  R sum_helicities(const PageOfEvents& page, const Sums<F, G>& sums, R& helicity) {
    const Batch& batch = *page.batch;
    const std::size_t n = plan_.known.size();
    const R own = batch.helicity_in ? contiguous(page, batch.helicity_in) : R{};  // 0: all
    R sum{}, total{};
    for (std::size_t k = 0; k < n; ++k) {
      R term = weight_[k] * load(sums.matrix_element + plan_.known[k].position * V);
      if (batch.helicity_in) term = (own == 0) | (own == number_[k]) ? term : R{};
      terms_[k] = term;
      sum += term;
      total += absolute(term);
    }
    if (!batch.random_helicity) {
      helicity = own;
      return sum;
    }
    // The first term whose cumulative sum exceeds the target; rounding may leave the last sum below it:
    // then the last term that is not zero.
    const R target = total * contiguous(page, batch.random_helicity);
    R cumulative{}, chosen{};
    for (std::size_t k = 0; k < n; ++k) {
      const R term = terms_[k];
      const Mask here = (!(target < cumulative)) & (term != 0);
      helicity = here ? R{} + number_[k] : helicity;
      chosen = here ? term : chosen;
      cumulative += absolute(term);
    }
    const R value = chosen < 0 ? -total : total;
    helicity = own != 0 ? own : helicity;
    return own != 0 ? sum : value;
  }

  // Multiplies value / divisor by AMP2 of the channel over the sum of all.
  void weigh_channel(const PageOfEvents& page, const Sums<F, G>& sums, R& value, R& divisor) {
    const Batch& batch = *page.batch;
    const R channel = contiguous(page, batch.channel);
    R own{}, total{};
    for (std::size_t d = 0; d < p_.amp2_diagrams.size(); ++d)
      own = channel == diagram_[d] ? load(sums.amp2 + d * V) : own;
    for (std::size_t k = 0; k < n_weighted_; ++k) {
      const Weighted& w = weighted_[k];
      R x = w.amp2 == none ? R{} : load(sums.amp2 + w.amp2 * V);
      if (batch.channel_cut) {
        const R cut = gather<B>(page, [&](std::size_t e) { return batch.channel_cut[e * p_.n_config + w.config]; });
        x = batch.channel_cut_only ? cut : x * cut;
        own = channel == static_cast<double>(p_.config_diagrams[w.config]) ? x : own;
      }
      total += x;
    }
    const Mask none_given = (channel == 0) | (total == 0);
    value = none_given ? value : value * own;
    divisor = none_given ? divisor : divisor * total;
  }

  R color_flow(const PageOfEvents& page, const Sums<F, G>& sums) {
    const Batch& batch = *page.batch;
    const std::size_t n = p_.n_flow;
    if (n == 1) return R{} + 1;
    R sum{}, all{};
    Word allowed{};
    for (std::size_t f = 0; f < n; ++f) {
      if (f % 64 == 0) allowed = allowed_flows(page, f / 64);
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
  // ICOLAMP of each event's config, 64 flows as bits; config 0: all flows
  Word allowed_flows(const PageOfEvents& page, std::size_t word) {
    Word allowed = Word{} + ~std::uint64_t{0};
    if (!page.batch->color_config) return allowed;
    const R config = contiguous(page, page.batch->color_config);
    for (std::uint32_t c = 0; c < p_.n_config; ++c)
      allowed = config == c + 1.0 ? Word{} + allowed_[c * n_word_ + word] : allowed;
    return allowed;
  }
  void write_sums(const PageOfEvents& page, const Sums<F, G>& sums) const {
    const Batch& batch = *page.batch;
    const double* terms = reinterpret_cast<const double*>(terms_.data());
    for (std::size_t v = 0; v < page.count; ++v) {
      const std::size_t event = page.first + v;
      if (batch.jamp2)
        for (std::size_t f = 0; f < p_.n_flow; ++f)
          batch.jamp2[event * p_.n_flow + f] = plan_.multiplicity * static_cast<double>(sums.jamp2[f * V + v]);
      if (batch.amp2) {
        double* out = batch.amp2 + event * p_.n_diagram;
        for (std::size_t d = 0; d < p_.n_diagram; ++d) out[d] = 0;
        for (std::size_t d = 0; d < p_.amp2_diagrams.size(); ++d)
          out[p_.amp2_diagrams[d] - 1] = plan_.multiplicity * static_cast<double>(sums.amp2[d * V + v]);
      }
      if (batch.by_helicity) {
        double* out = batch.by_helicity + event * p_.n_helicity;
        for (std::size_t h = 0; h < p_.n_helicity; ++h) out[h] = 0;
        for (std::size_t k = 0; k < plan_.known.size(); ++k)
          out[plan_.known[k].combination] = terms[k * W + v] / p_.averaging_factor;
      }
    }
  }

  const Plan& plan_;
  const Program& p_;
  AlignedArray<double> weight_, number_;  // of the known helicities
  AlignedArray<R> terms_, targets_;
  AlignedArray<double> diagram_;  // of each AMP2
  AlignedArray<Weighted> weighted_;
  std::size_t n_weighted_ = 0;
  std::size_t n_word_;
  AlignedArray<std::uint64_t> allowed_;  // [config][word]: colour flows as bits
};

}  // namespace meb::MEB_TARGET
