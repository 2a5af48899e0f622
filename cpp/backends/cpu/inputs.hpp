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

// Rows (E, px, py, pz) of four events to columns.
MEB_INLINE void transpose(const Row* r, Row* c) {
  const Row a = __builtin_shufflevector(r[0], r[1], 0, 4, 2, 6), b = __builtin_shufflevector(r[0], r[1], 1, 5, 3, 7);
  const Row e = __builtin_shufflevector(r[2], r[3], 0, 4, 2, 6), f = __builtin_shufflevector(r[2], r[3], 1, 5, 3, 7);
  c[0] = __builtin_shufflevector(a, e, 0, 1, 4, 5);
  c[1] = __builtin_shufflevector(b, f, 0, 1, 4, 5);
  c[2] = __builtin_shufflevector(a, e, 2, 3, 6, 7);
  c[3] = __builtin_shufflevector(b, f, 2, 3, 6, 7);
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

// Two vectors as one, and a vector of doubles as one of the page's numbers.
template <class Wide, class Half, std::size_t... i>
MEB_INLINE Wide concatenate(Half low, Half high, std::index_sequence<i...>) {
  return __builtin_shufflevector(low, high, static_cast<int>(i)...);
}
template <class F, int n>
MEB_INLINE auto join(const Row* columns, std::size_t stride) {
  using Wide = typename Vector<F, n* static_cast<int>(sizeof(F))>::type;
  if constexpr (n == 4) {
    return __builtin_convertvector(*columns, Wide);
  } else {
    return concatenate<Wide>(join<F, n / 2>(columns, stride), join<F, n / 2>(columns + n / 8 * stride, stride),
                             std::make_index_sequence<n>{});
  }
}

template <class B>
MEB_INLINE Momentum<typename B::real> load_momentum(const PageOfEvents& page, std::size_t n_leg, std::size_t leg) {
  const double* momenta = page.batch->momenta + leg * 4;
  if constexpr (B::lanes % 4 == 0) {
    Row columns[B::lanes];  // [block of four events][component]
    const auto fill = [&](auto row) MEB_LAMBDA {
      for (int v = 0; v < B::lanes; v += 4) {
        const Row rows[4] = {row(v), row(v + 1), row(v + 2), row(v + 3)};
        transpose(rows, columns + v);
      }
    };
    const std::size_t stride = n_leg * 4;
    const double* at = momenta + page.first * stride;
    if (page.count == B::lanes) {
      fill([=](int v) MEB_LAMBDA { return load_row(at + static_cast<std::size_t>(v) * stride); });
    } else {
      fill([=](int v) MEB_LAMBDA { return load_row(momenta + page.event(v) * stride); });
    }
    using F = typename B::scalar;
    return {join<F, B::lanes>(columns, 4), join<F, B::lanes>(columns + 1, 4), join<F, B::lanes>(columns + 2, 4),
            join<F, B::lanes>(columns + 3, 4)};
  } else {
    const auto component = [&](int k) {
      return gather<B>(page, [=](std::size_t e) { return momenta[e * n_leg * 4 + static_cast<std::size_t>(k)]; });
    };
    return {component(0), component(1), component(2), component(3)};
  }
}

template <class R>
MEB_INLINE Momentum<R> operator-(const Momentum<R>& p) {
  return {-p.e, -p.x, -p.y, -p.z};
}

}  // namespace meb::MEB_TARGET
