// Colour sum of one helicity combination (engine/color.hpp).
#pragma once

#include "kernels/bundle.hpp"

namespace meb::MEB_TARGET {

// (a, b) <- (a + b, a - b) for n helicity combinations
template <class R>
MEB_INLINE void butterfly(Complex<R>* a, Complex<R>* b, std::size_t n) {
  for (std::size_t h = 0; h < n; ++h) {
    const Complex<R> sum = a[h] + b[h], difference = a[h] - b[h];
    a[h] = sum, b[h] = difference;
  }
}

// `rows` rows of a quadratic form, columns from the first of them; order: of the JAMP rows from that
// column, each `stride` combinations. Adds to out[n], one for each combination.
template <int rows, class R, class F>
MEB_INLINE void quadratic_rows(const Complex<R>* jamp, const std::uint32_t* order, std::size_t stride,
                               std::size_t n_column, const F* c, std::size_t n, R* out) {
  for (std::size_t i = 0; i < n; ++i) {
    R re[rows] = {}, im[rows] = {};
    const F* factor = c;
    for (std::size_t j = 0; j < n_column; ++j, factor += rows) {
      const Complex<R> x = jamp[order[j] * stride + i];
      for (int k = 0; k < rows; ++k) {
        re[k] += factor[k] * x.re;
        im[k] += factor[k] * x.im;
      }
    }
    R even{}, odd{};  // each addition waits for the one before
    for (int k = 0; k < rows; ++k) {
      const Complex<R> x = jamp[order[k] * stride + i];
      even += re[k] * x.re;
      odd += im[k] * x.im;
    }
    out[i] += even + odd;
  }
}

// sum_ij J_i^* C_ij J_j over one block of n_row, added to out[n], one for each combination; moves c, coefficients
// of ColorForm, past it
template <class R, class F>
MEB_INLINE void quadratic_form(const Complex<R>* jamp, const std::uint32_t* order, std::size_t stride,
                               std::size_t n_row, const F*& c, std::size_t n, R* out) {
  const auto add = [&]<int rows>() MEB_LAMBDA {
    quadratic_rows<rows>(jamp, order, stride, n_row, c, n, out);
    c += rows * n_row, n_row -= rows, order += rows;
  };
  while (n_row >= 4) add.template operator()<4>();
  if (n_row == 3) add.template operator()<3>();
  if (n_row == 2) add.template operator()<2>();
  if (n_row == 1) add.template operator()<1>();
}

}  // namespace meb::MEB_TARGET
