// From a batch's arrays, event by event, to pages.
#pragma once

#include <utility>

#include "backends/cpu/aligned.hpp"
#include "engine/engine.hpp"
#include "kernels/external.hpp"

namespace meb::MEB_TARGET {

// Events [first, first + count) of a batch; a short page repeats its last event.
struct PageOfEvents {
  const Batch* batch;
  std::size_t first, count;
  std::size_t event(int lane) const {
    return first + (static_cast<std::size_t>(lane) < count ? static_cast<std::size_t>(lane) : count - 1);
  }
};

typedef double Row __attribute__((vector_size(32)));

// A return value, not a copy in memory: that would be made of halves, for which a load of the whole waits.
MEB_INLINE Row load_row(const double* p) {
  Row row;
  std::memcpy(&row, p, sizeof row);
  return row;
}

// Two doubles from each of two places.
MEB_INLINE Row load_pairs(const double* p, const double* q) {
  typedef double Pair __attribute__((vector_size(16)));
  Pair low, high;
  std::memcpy(&low, p, sizeof low);
  std::memcpy(&high, q, sizeof high);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3);
}

// One number of each event of a page, to memory.
template <class B, class Value>
MEB_INLINE void to_lanes(const PageOfEvents& page, Value value, typename B::scalar* lane) {
  using F = typename B::scalar;
  if (page.count == B::lanes) {
    for (int v = 0; v < B::lanes; ++v) lane[v] = static_cast<F>(value(page.first + static_cast<std::size_t>(v)));
  } else {
    for (int v = 0; v < B::lanes; ++v) lane[v] = static_cast<F>(value(page.event(v)));
  }
}
template <class B, class Value>
MEB_INLINE typename B::real gather(const PageOfEvents& page, Value value) {
  typename B::scalar lane[B::lanes];
  to_lanes<B>(page, value, lane);
  return B::load(lane);
}

// Two vectors as one.
template <class Wide, class Half, std::size_t... i>
MEB_INLINE Wide concatenate(Half low, Half high, std::index_sequence<i...>) {
  return __builtin_shufflevector(low, high, static_cast<int>(i)...);
}

// Rows of four doubles as one vector of n numbers: group k of four is row(v + k step).
template <class F, int n, int step, class RowOf>
MEB_INLINE auto join_rows(RowOf row, int v) {
  using Wide = typename Vector<F, n* static_cast<int>(sizeof(F))>::type;
  if constexpr (n == 4) {
    return __builtin_convertvector(row(v), Wide);
  } else if constexpr (n == 8 && MEB_WIDTH == 64) {  // convert both at once
    using Doubles = typename Vector<double, 64>::type;
    return __builtin_convertvector(concatenate<Doubles>(row(v), row(v + step), std::make_index_sequence<8>{}), Wide);
  } else {
    return concatenate<Wide>(join_rows<F, n / 2, step>(row, v), join_rows<F, n / 2, step>(row, v + n / 8 * step),
                             std::make_index_sequence<n>{});
  }
}

// In each group of four: p of x's (0 to 3) and y's (4 to 7) elements.
template <int p0, int p1, int p2, int p3, class T, std::size_t... i>
MEB_INLINE T shuffle_groups(T x, T y, std::index_sequence<i...>) {
  constexpr int n = sizeof...(i), p[] = {p0, p1, p2, p3};
  return __builtin_shufflevector(x, y, (p[i % 4] / 4 * n + static_cast<int>(i) / 4 * 4 + p[i % 4] % 4)...);
}
template <int p0, int p1, int p2, int p3, class B>
MEB_INLINE typename B::real shuffle(typename B::real x, typename B::real y) {
  return shuffle_groups<p0, p1, p2, p3>(x, y, std::make_index_sequence<B::lanes>{});
}

// r[k]: rows (E, px, py, pz) of events k, k + 4, ...; shuffles that stay within 16 bytes come first.
template <class B>
MEB_INLINE Momentum<typename B::real> transpose(const typename B::real* r) {
  using R = typename B::real;
  constexpr bool is_double = sizeof(typename B::scalar) == 8;
  const auto low = [](R x, R y)
                       MEB_LAMBDA { return is_double ? shuffle<0, 4, 2, 6, B>(x, y) : shuffle<0, 4, 1, 5, B>(x, y); };
  const auto high = [](R x, R y)
                        MEB_LAMBDA { return is_double ? shuffle<1, 5, 3, 7, B>(x, y) : shuffle<2, 6, 3, 7, B>(x, y); };
  const R a = low(r[0], r[1]), b = high(r[0], r[1]), c = low(r[2], r[3]), d = high(r[2], r[3]);
  const R first = shuffle<0, 1, 4, 5, B>(a, c), second = shuffle<2, 3, 6, 7, B>(a, c);
  const R third = shuffle<0, 1, 4, 5, B>(b, d), fourth = shuffle<2, 3, 6, 7, B>(b, d);
  if constexpr (is_double) return {first, third, second, fourth};
  return {first, second, third, fourth};
}

template <class B>
MEB_INLINE Momentum<typename B::real> load_momentum(const PageOfEvents& page, std::size_t n_leg, std::size_t leg) {
  const double* momenta = page.batch->momenta + leg * 4;
  const std::size_t stride = n_leg * 4;
  if constexpr (B::lanes % 4 == 0) {
    const auto load = [](auto row) MEB_LAMBDA {
      using F = typename B::scalar;
      const typename B::real rows[4] = {join_rows<F, B::lanes, 4>(row, 0), join_rows<F, B::lanes, 4>(row, 1),
                                        join_rows<F, B::lanes, 4>(row, 2), join_rows<F, B::lanes, 4>(row, 3)};
      return transpose<B>(rows);
    };
    if (page.count == B::lanes) {
      const double* at = momenta + page.first * stride;
      return load([=](int v) MEB_LAMBDA { return load_row(at + static_cast<std::size_t>(v) * stride); });
    }
    return load([=](int v) MEB_LAMBDA { return load_row(momenta + page.event(v) * stride); });
  } else {
    const auto component = [&](int k) {
      return gather<B>(page, [=](std::size_t e) { return momenta[e * stride + static_cast<std::size_t>(k)]; });
    };
    return {component(0), component(1), component(2), component(3)};
  }
}

// Complex numbers, one for each event: (re, im) at x[e * stride].
template <class B>
MEB_INLINE Complex<typename B::real> load_complex(const PageOfEvents& page, const double* x, std::size_t stride) {
  if constexpr (B::lanes % 4 == 0) {
    const auto load = [](auto number) MEB_LAMBDA {
      using F = typename B::scalar;
      const auto row = [=](int v) MEB_LAMBDA { return load_pairs(number(v), number(v + 2)); };
      const auto even = join_rows<F, B::lanes, 4>(row, 0), odd = join_rows<F, B::lanes, 4>(row, 1);
      return Complex<typename B::real>{shuffle<0, 4, 2, 6, B>(even, odd), shuffle<1, 5, 3, 7, B>(even, odd)};
    };
    if (page.count == B::lanes) {
      const double* at = x + page.first * stride;
      return load([=](int v) MEB_LAMBDA { return at + static_cast<std::size_t>(v) * stride; });
    }
    return load([=](int v) MEB_LAMBDA { return x + page.event(v) * stride; });
  } else {
    const auto part = [&](std::size_t k) { return gather<B>(page, [=](std::size_t e) { return x[e * stride + k]; }); };
    return {part(0), part(1)};
  }
}

template <class R>
MEB_INLINE Momentum<R> operator-(const Momentum<R>& p) {
  return {-p.e, -p.x, -p.y, -p.z};
}

}  // namespace meb::MEB_TARGET
