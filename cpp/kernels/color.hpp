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
template <int rows, int together, class R, class F>
MEB_INLINE void quadratic_rows(const Complex<R>* jamp, const std::uint32_t* order, std::size_t stride,
                               std::size_t n_column, const F* c, std::size_t n, R* out) {
  for (std::size_t i = 0; i < n; i += together) {
    R re[rows][together] = {}, im[rows][together] = {};
    const F* factor = c;
    for (std::size_t j = 0; j < n_column; ++j, factor += rows) {
      const Complex<R>* x = jamp + order[j] * stride + i;
      for (int h = 0; h < together; ++h)
        for (int k = 0; k < rows; ++k) {
          re[k][h] += factor[k] * x[h].re;
          im[k][h] += factor[k] * x[h].im;
        }
    }
    for (int h = 0; h < together; ++h) {
      R even{}, odd{};  // each addition waits for the one before
      for (int k = 0; k < rows; ++k) {
        const Complex<R> x = jamp[order[k] * stride + i + h];
        even += re[k][h] * x.re;
        odd += im[k][h] * x.im;
      }
      out[i + h] += even + odd;
    }
  }
}

// sum_ij J_i^* C_ij J_j over one block of n_row, added to out[n], one for each combination; moves c, coefficients
// of ColorForm, past it
template <class R, class F>
MEB_INLINE void quadratic_form(const Complex<R>* jamp, const std::uint32_t* order, std::size_t stride,
                               std::size_t n_row, const F*& c, std::size_t n, R* out) {
  // two combinations share the coefficients where there are registers enough
  constexpr std::size_t together = sizeof(R) == 64 ? 2 : 1;
  const std::size_t n_shared = n / together * together;
  const auto add = [&]<int rows>() MEB_LAMBDA {
    quadratic_rows<rows, together>(jamp, order, stride, n_row, c, n_shared, out);
    if (n_shared < n) quadratic_rows<rows, 1>(jamp + n_shared, order, stride, n_row, c, n - n_shared, out + n_shared);
    c += rows * n_row, n_row -= rows, order += rows;
  };
  while (n_row >= 4) add.template operator()<4>();
  if (n_row == 3) add.template operator()<3>();
  if (n_row == 2) add.template operator()<2>();
  if (n_row == 1) add.template operator()<1>();
}

}  // namespace meb::MEB_TARGET
