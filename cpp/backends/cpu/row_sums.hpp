// JAMPs as sums of amplitudes.
#pragma once

#include "backends/cpu/aligned.hpp"
#include "engine/tiles.hpp"

namespace meb::MEB_TARGET {

// Tiles::row_sums for a few helicity combinations together: a row stays in registers while its amplitudes are added.
template <class B>
class RowSums {
  using F = typename B::scalar;
  using C = Complex<typename B::real>;

public:
  static constexpr std::uint32_t block = 2;  // combinations

  explicit RowSums(const Tiles& tiles) : tiles_(tiles), factors_(tiles.factors.size()) {
    for (std::size_t i = 0; i < tiles.factors.size(); ++i) factors_[i] = static_cast<F>(tiles.factors[i]);
  }

  // From amplitudes of n combinations, those of each `stride` apart, to rows [row][block].
  template <std::uint32_t n>
  void run(const C* amplitudes, std::size_t stride, C* rows) const {
    const std::uint32_t* column = tiles_.columns.data();
    const F* factor = factors_.data();
    for (const RowSum& row : tiles_.row_sums) {
      C sum[n] = {};
      const auto add = [&](std::uint32_t n_term, auto term) MEB_LAMBDA {
        for (std::uint32_t i = 0; i < n_term; ++i, ++column)
          for (std::uint32_t h = 0; h < n; ++h) sum[h] = term(sum[h], amplitudes[h * stride + *column], i);
      };
      add(row.n_plus, [](C old, C a, std::uint32_t) MEB_LAMBDA { return old + a; });
      add(row.n_minus, [](C old, C a, std::uint32_t) MEB_LAMBDA { return old - a; });
      add(row.n_other, [&](C old, C a, std::uint32_t i) MEB_LAMBDA { return old + RealFactor<F>{factor[i]} * a; });
      factor += row.n_other;
      for (std::uint32_t h = 0; h < n; ++h) rows[h] = sum[h];
      rows += block;
    }
  }

private:
  const Tiles& tiles_;
  AlignedArray<F> factors_;
};

}  // namespace meb::MEB_TARGET
