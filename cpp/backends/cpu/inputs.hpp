// From a batch's arrays, event by event, to pages.
#pragma once

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

// Rows (E, px, py, pz) of four events to columns.
MEB_INLINE void transpose(const Row* r, Row* c) {
  const Row a = __builtin_shufflevector(r[0], r[1], 0, 4, 2, 6), b = __builtin_shufflevector(r[0], r[1], 1, 5, 3, 7);
  const Row e = __builtin_shufflevector(r[2], r[3], 0, 4, 2, 6), f = __builtin_shufflevector(r[2], r[3], 1, 5, 3, 7);
  c[0] = __builtin_shufflevector(a, e, 0, 1, 4, 5);
  c[1] = __builtin_shufflevector(b, f, 0, 1, 4, 5);
  c[2] = __builtin_shufflevector(a, e, 2, 3, 6, 7);
  c[3] = __builtin_shufflevector(b, f, 2, 3, 6, 7);
}

// One number of each event of a page.
template <class B, class Value>
MEB_INLINE typename B::real gather(const PageOfEvents& page, Value value) {
  typename B::scalar lane[B::lanes];
  for (int v = 0; v < B::lanes; ++v) lane[v] = static_cast<typename B::scalar>(value(page.event(v)));
  return B::load(lane);
}

template <class B>
MEB_INLINE Momentum<typename B::real> load_momentum(const PageOfEvents& page, std::size_t n_leg, std::size_t leg) {
  using F = typename B::scalar;
  const double* momenta = page.batch->momenta + leg * 4;
  if constexpr (B::lanes % 4 == 0) {
    alignas(64) F lane[4][B::lanes];
    for (int v = 0; v < B::lanes; v += 4) {
      Row rows[4], columns[4];
      for (int k = 0; k < 4; ++k) std::memcpy(&rows[k], momenta + page.event(v + k) * n_leg * 4, sizeof(Row));
      transpose(rows, columns);
      for (int k = 0; k < 4; ++k)
        for (int i = 0; i < 4; ++i) lane[k][v + i] = static_cast<F>(columns[k][i]);
    }
    return {B::load(lane[0]), B::load(lane[1]), B::load(lane[2]), B::load(lane[3])};
  } else {
    const auto component = [&](int k) {
      return gather<B>(page, [=](std::size_t e) { return momenta[e * n_leg * 4 + k]; });
    };
    return {component(0), component(1), component(2), component(3)};
  }
}

template <class R>
MEB_INLINE Momentum<R> operator-(const Momentum<R>& p) {
  return {-p.e, -p.x, -p.y, -p.z};
}

}  // namespace meb::MEB_TARGET
