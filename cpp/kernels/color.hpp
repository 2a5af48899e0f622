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
// column, each `stride` combinations. Adds to totals[4], several since each addition waits for the one before.
template <int rows, class R, class F>
MEB_INLINE void quadratic_rows(const Complex<R>* jamp, const std::uint32_t* order, std::size_t stride,
                               std::size_t n_column, const F* c, R* totals) {
  R re[rows] = {}, im[rows] = {};
  for (std::size_t j = 0; j < n_column; ++j, c += rows) {
    const Complex<R> x = jamp[order[j] * stride];
    for (int k = 0; k < rows; ++k) {
      re[k] += c[k] * x.re;
      im[k] += c[k] * x.im;
    }
  }
  for (int k = 0; k < rows; ++k) {
    const Complex<R> x = jamp[order[k] * stride];
    totals[k] += re[k] * x.re;
    totals[(k + 2) % 4] += im[k] * x.im;
  }
}

// sum_ij J_i^* C_ij J_j over one block, to totals[4]; moves c, coefficients of ColorForm, past it
template <class R, class F>
MEB_INLINE void quadratic_form(const Complex<R>* jamp, const std::uint32_t* order, std::size_t stride, std::size_t n,
                               const F*& c, R* totals) {
  const auto add = [&]<int rows>() MEB_LAMBDA {
    quadratic_rows<rows>(jamp, order, stride, n, c, totals);
    c += rows * n, n -= rows, order += rows;
  };
  while (n >= 4) add.template operator()<4>();
  if (n == 3) add.template operator()<3>();
  if (n == 2) add.template operator()<2>();
  if (n == 1) add.template operator()<1>();
}

}  // namespace meb::MEB_TARGET
