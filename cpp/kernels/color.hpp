// Colour sum of one helicity combination (engine/color.hpp).
#pragma once

#include "kernels/bundle.hpp"

namespace meb::MEB_TARGET {

// (a, b) <- (a + b, a - b), real and imaginary parts; pairs: places a, b in turn
template <class R>
MEB_INLINE void butterflies(Complex<R>* jamp, const std::uint32_t* pairs, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    Complex<R>&a = jamp[pairs[2 * i]], &b = jamp[pairs[2 * i + 1]];
    const Complex<R> sum = a + b, difference = a - b;
    a = sum, b = difference;
  }
}

// `rows` rows of a quadratic form, columns from the first of them; jamp: at that column
template <int rows, class R, class F>
MEB_INLINE R quadratic_rows(const Complex<R>* jamp, std::size_t n_column, const F* c) {
  R re[rows] = {}, im[rows] = {};
  for (std::size_t j = 0; j < n_column; ++j, c += rows)
    for (int k = 0; k < rows; ++k) {
      re[k] += c[k] * jamp[j].re;
      im[k] += c[k] * jamp[j].im;
    }
  R total = re[0] * jamp[0].re + im[0] * jamp[0].im;
  for (int k = 1; k < rows; ++k) total += re[k] * jamp[k].re + im[k] * jamp[k].im;
  return total;
}

// sum_ij J_i^* C_ij J_j; c: coefficients of ColorForm for one block
template <class R, class F>
MEB_INLINE R quadratic_form(const Complex<R>* jamp, std::size_t n, const F* c) {
  R total{};
  for (; n >= 4; c += 4 * n, n -= 4, jamp += 4) total += quadratic_rows<4>(jamp, n, c);
  if (n == 3) return total + quadratic_rows<3>(jamp, n, c);
  if (n == 2) return total + quadratic_rows<2>(jamp, n, c);
  if (n == 1) return total + quadratic_rows<1>(jamp, n, c);
  return total;
}

}  // namespace meb::MEB_TARGET
