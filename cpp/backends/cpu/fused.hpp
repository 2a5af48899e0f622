// Products W.D of the states of two currents, one for each helicity combination of a tile.
#pragma once

#include "engine/op.hpp"
#include "kernels/bundle.hpp"

namespace meb::MEB_TARGET {

// Products whose amplitudes are added to JAMPs in passing, or stored as a column.
template <class B>
struct Fused {
  using R = typename B::real;
  using F = typename B::scalar;
  using C = Complex<R>;
  using Run = void (*)(const Fused&, const std::uint32_t* index, C* rows, R* amp2);
  static constexpr std::uint32_t max_row = 32;

  Run run;  // null: somebody reads the amplitudes later
  const C *wave, *derivative;
  F re, im;                  // of the first row's factor
  F ratio[max_row];          // of each row to the first
  std::size_t row[max_row];  // places in the arrays of rows, or that of the column
  std::uint32_t n_row;
  bool first;            // the rows are written for the first time
  std::uint32_t square;  // index of AMP2, or none
  F square_factor;

  template <int begin, int end>
  MEB_INLINE void times_factor(const C* x, C* d) const {
    if (im == 0 && re == 1) {
      for (int k = begin; k < end; ++k) d[k] = x[k];
    } else if (im == 0) {
      for (int k = begin; k < end; ++k) d[k] = RealFactor<F>{re} * x[k];
    } else if (re == 0) {
      for (int k = begin; k < end; ++k) d[k] = ImaginaryFactor<F>{im} * x[k];
    } else {
      for (int k = begin; k < end; ++k) d[k] = RealFactor<F>{re} * x[k] + ImaginaryFactor<F>{im} * x[k];
    }
  }

  // n: n_row, or 0 for any; index: as Tiles::indices, but places in arrays for states and positions. rows: those
  // of a tile, or its amplitudes; amp2: of all diagrams
  template <int n_component, std::uint32_t n, bool square_too, bool first>
  static void run_rows(const Fused& f, const std::uint32_t* index, C* rows, R* amp2) {
    const bool hold_d = index[0] == 1;
    const C *held = hold_d ? f.derivative : f.wave, *other = hold_d ? f.wave : f.derivative;
    const std::uint32_t* n_group = index + 1;
    index += 4;
    R even{}, odd{};
    const auto groups = [&]<int begin, int end>(std::uint32_t n_group) MEB_LAMBDA {
      for (std::uint32_t g = 0; g < n_group; ++g) {
        C d[n_component];
        f.times_factor<begin, end>(held + index[0], d);
        const std::uint32_t n_pair = index[1];
        index += 2;
        for (std::uint32_t i = 0; i < n_pair; ++i, index += 2) {
          const C* w = other + index[0];
          C sum{};
          for (int k = begin; k < end; ++k) {
            sum.re += d[k].re * w[k].re;
            sum.im += d[k].re * w[k].im;
            sum.re -= d[k].im * w[k].im;
            sum.im += d[k].im * w[k].re;
          }
          C* at = rows + index[1];
          for (std::uint32_t r = 0; r < (n ? n : f.n_row); ++r) {
            const C term = r == 0 ? sum : RealFactor<F>{f.ratio[r]} * sum;
            at[f.row[r]] = first ? term : at[f.row[r]] + term;
          }
          if constexpr (square_too) even += sum.re * sum.re, odd += sum.im * sum.im;
        }
      }
    };
    if constexpr (n_component == 4) {
      groups.template operator()<0, 2>(n_group[0]);
      groups.template operator()<2, 4>(n_group[1]);
    }
    groups.template operator()<0, n_component>(n_group[2]);
    if constexpr (square_too) amp2[f.square] += f.square_factor * (even + odd);
  }
  void choose(std::uint32_t n_component) {
    if (n_component == 4) return square != none ? choose<4, true>() : choose<4, false>();
    square != none ? choose<1, true>() : choose<1, false>();
  }
  template <int n_component, bool square_too>
  void choose() {
    first ? choose<n_component, square_too, true, 1, 2, 3, 4, 5, 6, 7, 8>()
          : choose<n_component, square_too, false, 1, 2, 3, 4, 5, 6, 7, 8>();
  }
  template <int n_component, bool square_too, bool first_too, std::uint32_t... n>
  void choose() {
    run = &run_rows<n_component, 0, square_too, first_too>;
    ((n == n_row ? void(run = &run_rows<n_component, n, square_too, first_too>) : void()), ...);
  }
};

}  // namespace meb::MEB_TARGET
