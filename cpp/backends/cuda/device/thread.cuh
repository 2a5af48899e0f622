// What the straight-line code of the thread design is made of.
#pragma once

#include "backends/cuda/device/select.cuh"
#include "kernels/propagator.hpp"

namespace meb::MEB_TARGET {

// One event's input.
template <class F>
class ThreadInput {
public:
  using C = Complex<F>;

  MEB_DEVICE ThreadInput(const cuda::Arguments& a, std::uint64_t event) : a_(a), event_(event) {}

  MEB_INLINE Momentum<F> momentum(std::uint32_t leg, std::uint32_t n_leg, F sign) const {
    const double* p = global(a_.events.momenta) + (event_ * n_leg + leg) * 4;
    return {sign * F(p[0]), sign * F(p[1]), sign * F(p[2]), sign * F(p[3])};
  }
  MEB_INLINE C constant_coupling(std::uint32_t index) const {
    const double* c = global(a_.values.coupling) + 2 * index;
    return {F(c[0]), F(c[1])};
  }
  MEB_INLINE C running_coupling(std::uint32_t index, std::uint32_t n) const {
    const std::uint64_t row = a_.events.running_coupling_common ? 0 : event_;
    const double* c = global(a_.events.running_coupling) + (row * n + index) * 2;
    return {F(c[0]), F(c[1])};
  }
  MEB_INLINE F parameter(std::uint32_t index) const { return F(global(a_.values.parameter)[index]); }

  // Bit a: active helicity a is in the sum.
  MEB_INLINE std::uint64_t wanted(std::uint32_t n_active) const {
    const std::int32_t single = a_.events.helicity_in ? global(a_.events.helicity_in)[event_] : 0;
    if (single == 0) return ~std::uint64_t(0);
    std::uint64_t bits = 0;
    for (std::uint32_t h = 0; h < n_active; ++h)
      if (single == static_cast<std::int32_t>(global(a_.tables.active)[h]) + 1) bits |= std::uint64_t(1) << h;
    return bits;
  }

private:
  const cuda::Arguments& a_;
  std::uint64_t event_;
};

template <class B>
MEB_INLINE void fermion(const Momentum<typename B::real>& p, typename B::scalar mass, int helicity, int sign,
                        int flow_in, Complex<typename B::real>* out) {
  if (mass == 0)
    massless_fermion<B>(p, helicity, sign, flow_in, out);
  else
    massive_fermion<B>(p, mass, helicity, sign, flow_in, out);
}

template <int n, class R>
MEB_INLINE Complex<R> product(const Complex<R>* w, const Complex<R>* d) {
  Complex<R> sum{0, 0};
  for (int k = 0; k < n; ++k) {
    sum.re += d[k].re * w[k].re;
    sum.im += d[k].re * w[k].im;
    sum.re -= d[k].im * w[k].im;
    sum.im += d[k].im * w[k].re;
  }
  return sum;
}

template <int n, class R>
MEB_INLINE void add(Complex<R>* to, const Complex<R>* d) {
  for (int k = 0; k < n; ++k) to[k] = to[k] + d[k];
}

template <int n, class R>
MEB_INLINE void scale(Complex<R> c, const Complex<R>* d, Complex<R>* to) {
  for (int k = 0; k < n; ++k) to[k] = c * d[k];
}

template <class R>
MEB_INLINE R norm(Complex<R> a) {
  return a.re * a.re + a.im * a.im;
}

// As density_matrix and traces of the block design.
template <class R>
MEB_INLINE void add_density(const Complex<R>* w, R* rho) {
  int at = 4;
  for (int i = 0; i < 4; ++i) {
    rho[i] += norm(w[i]);
    for (int j = i + 1; j < 4; ++j, at += 2) {
      rho[at] += w[i].re * w[j].re + w[i].im * w[j].im;
      rho[at + 1] += w[i].im * w[j].re - w[i].re * w[j].im;
    }
  }
}

template <class R>
MEB_INLINE R trace(const R* a, const R* b) {
  R diagonal = 0, off = 0;
  for (int k = 0; k < 4; ++k) diagonal += a[k] * b[k];
  for (int k = 4; k < 16; k += 2) off += a[k] * b[k] - a[k + 1] * b[k + 1];
  return diagonal + 2 * off;
}

}  // namespace meb::MEB_TARGET
