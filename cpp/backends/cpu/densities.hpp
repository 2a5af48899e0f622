// AMP2 from density matrices: sum over helicities of |W.D|^2 = tr(rho_W rho_D^T).
#pragma once

#include "backends/cpu/task.hpp"

namespace meb::MEB_TARGET {

// Hermitian matrix as 16 real numbers: diagonal, then (re, im) of the upper triangle by rows.
template <class B>
void density(const Task<B>& t) {
  using R = typename B::real;
  R rho[16] = {};
  constexpr int row[] = {4, 10, 14, 16};  // where the pairs of each row begin
  const std::uint32_t* index = t.index;
  const auto add = [&]<int begin, int end>(std::uint32_t n_state) MEB_LAMBDA {
    for (std::uint32_t n = 0; n < n_state; ++n) {
      const Complex<R>* w = t.in[0] + 4 * *index++;
      Complex<R> x[4];
      for (int k = begin; k < end; ++k) x[k] = w[k];
      for (int i = begin; i < end; ++i) {
        rho[i] += x[i].re * x[i].re + x[i].im * x[i].im;
        for (int j = i + 1; j < end; ++j) {
          const int at = row[i] + 2 * (j - i - 1);
          rho[at] += x[i].re * x[j].re + x[i].im * x[j].im;
          rho[at + 1] += x[i].im * x[j].re - x[i].re * x[j].im;
        }
      }
    }
  };
  add.template operator()<0, 2>(t.n_left);
  add.template operator()<2, 4>(t.n_right);
  add.template operator()<0, 4>(t.n);
  for (int k = 0; k < 8; ++k) t.out[k] = {rho[2 * k], rho[2 * k + 1]};
}

// sum_ij rho_ij sigma_ij
template <class B>
void trace(const Task<B>& t) {
  using R = typename B::real;
  const Complex<R>*a = t.in[0], *b = t.in[1];
  const R diagonal = a[0].re * b[0].re + a[0].im * b[0].im + a[1].re * b[1].re + a[1].im * b[1].im;
  R off{};
  for (int k = 2; k < 8; ++k) off += a[k].re * b[k].re - a[k].im * b[k].im;
  t.arrays->amp2[t.step->instruction->out] += diagonal + 2 * off;
}

}  // namespace meb::MEB_TARGET
