// What the functions of a plug-in are written with: arithmetic that mixes real and complex
// numbers, and the loop over helicity states.
#pragma once

#include "kernels/external.hpp"
#include "plugin/interface.h"

namespace meb::MEB_TARGET {

template <class R>
MEB_INLINE Complex<R> operator+(Complex<R> a, R b) {
  return {a.re + b, a.im};
}
template <class R>
MEB_INLINE Complex<R> operator+(R a, Complex<R> b) {
  return {a + b.re, b.im};
}
template <class R>
MEB_INLINE Complex<R> operator-(Complex<R> a, R b) {
  return {a.re - b, a.im};
}
template <class R>
MEB_INLINE Complex<R> operator-(R a, Complex<R> b) {
  return {a - b.re, -b.im};
}
template <class R>
MEB_INLINE Complex<R> operator/(Complex<R> a, R b) {
  return {a.re / b, a.im / b};
}
template <class R>
MEB_INLINE Complex<R> operator/(Complex<R> a, Complex<R> b) {
  const R inverse = 1 / (b.re * b.re + b.im * b.im);
  return {(a.re * b.re + a.im * b.im) * inverse, (a.im * b.re - a.re * b.im) * inverse};
}
template <class R>
MEB_INLINE Complex<R> operator/(R a, Complex<R> b) {
  const R scaled = a / (b.re * b.re + b.im * b.im);
  return {b.re * scaled, -(b.im * scaled)};
}

// i * a for a real number
template <class R>
MEB_INLINE Complex<R> imaginary(R a) {
  return {R{}, a};
}

template <int n, class T>
MEB_INLINE T power(T a) {
  static_assert(n > 0);
  if constexpr (n == 1) {
    return a;
  } else {
    return power<n / 2>(a) * power<n - n / 2>(a);
  }
}

// value where condition differs from zero, else 0
template <class R>
MEB_INLINE R unless_zero(R condition, R value) {
  return condition != R{} ? value : R{};
}
template <class R>
MEB_INLINE Complex<R> unless_zero(R condition, Complex<R> value) {
  return {unless_zero(condition, value.re), unless_zero(condition, value.im)};
}

// What does not depend on helicities is computed by Function's constructor, once a page.
template <template <class> class Function, class F>
void run(const meb_plugin_call* call) {
  using B = Bundle<F>;
  using R = typename B::real;
  using C = Complex<R>;
  using Kernel = Function<B>;
  constexpr int n_in = Kernel::n_in, n_out = Kernel::n_out, n_coupling = Kernel::n_coupling;
  Momentum<R> p[n_in];
  const C* wave[n_in];
  for (int k = 0; k < n_in; ++k) {
    p[k] = *static_cast<const Momentum<R>*>(call->momentum[k]);
    wave[k] = static_cast<const C*>(call->wave[k]);
  }
  C coupling[n_coupling > 0 ? n_coupling : 1];
  for (int k = 0; k < n_coupling; ++k) coupling[k] = *static_cast<const C*>(call->coupling[k]);
  const Kernel kernel(p, coupling, B::broadcast(static_cast<F>(call->mass)), B::broadcast(static_cast<F>(call->width)));
  const std::uint32_t* index = call->index;
  C* out = static_cast<C*>(call->out);
  for (std::size_t n = 0; n < call->n_state; ++n, index += n_in, out += n_out) {
    const C* w[n_in];
    for (int k = 0; k < n_in; ++k) w[k] = wave[k] + index[k] * Kernel::size_in[k];
    C d[n_out];
    kernel(w, d);
    for (int k = 0; k < n_out; ++k) out[k] = call->accumulate ? out[k] + d[k] : d[k];
  }
}

}  // namespace meb::MEB_TARGET
