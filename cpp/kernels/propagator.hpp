// Propagators: from D = dS/dW (vertex.hpp) to the off-shell wave, in place.
//
// With q the sum of the momenta that flow in (p of the wave that comes out) and
// den = q^2 - M (M - i Gamma):
//   vector    W^m = (g^mn - q^m q^n / M^2) D_n / den   (the second term if massive, unitary gauge)
//   fermion   W = -(qslash + M) D / den for a wave that flows out, (qslash - M) D / den
//             for one that flows in (q of a wave that flows in is minus its momentum)
//   scalar    W = -D / den
#pragma once

#include "kernels/vertex.hpp"

namespace meb::MEB_TARGET {

// W den without its sign: what is left where 1 / den, and for fermion_out and the scalar -1 / den, is a factor
// of the coupling already.
template <class B>
struct Numerator {
  using R = typename B::real;
  Momentum<R> q;
  R mass, inverse_mass2;

  MEB_INLINE void massless_vector(Complex<R>* d) const {
    for (int k = 1; k < 4; ++k) d[k] = -d[k];
  }

  MEB_INLINE void massive_vector(Complex<R>* d) const {
    const Complex<R> l = inverse_mass2 * (q.e * d[0] + q.x * d[1] + q.y * d[2] + q.z * d[3]);
    d[0] = d[0] - q.e * l;
    d[1] = -(d[1] + q.x * l);
    d[2] = -(d[2] + q.y * l);
    d[3] = -(d[3] + q.z * l);
  }

  // D = dS/dF1 (flow in is open): the wave that comes out flows out.
  MEB_INLINE void fermion_out(Complex<R>* d) const {
    const Complex<R> right{q.x, q.y}, left{q.x, -q.y};
    const R plus = q.e + q.z, minus = q.e - q.z;
    const Complex<R> w0 = mass * d[0] + plus * d[2] + right * d[3], w1 = mass * d[1] + left * d[2] + minus * d[3];
    const Complex<R> w2 = mass * d[2] + minus * d[0] - right * d[1], w3 = mass * d[3] - left * d[0] + plus * d[1];
    d[0] = w0, d[1] = w1, d[2] = w2, d[3] = w3;
  }

  // D = dS/dF2 (flow out is open): the wave that comes out flows in.
  MEB_INLINE void fermion_in(Complex<R>* d) const {
    const Complex<R> right{q.x, q.y}, left{q.x, -q.y};
    const R plus = q.e + q.z, minus = q.e - q.z;
    const Complex<R> w0 = minus * d[2] - left * d[3] - mass * d[0], w1 = plus * d[3] - right * d[2] - mass * d[1];
    const Complex<R> w2 = plus * d[0] + left * d[1] - mass * d[2], w3 = right * d[0] + minus * d[1] - mass * d[3];
    d[0] = w0, d[1] = w1, d[2] = w2, d[3] = w3;
  }

  // The same for a D of which one half differs from zero, the upper (d[0], d[1]) or the lower (d[2], d[3]):
  // the other half of the wave comes out if it has no mass, else both.
  template <bool upper, bool massive>
  MEB_INLINE void half_out(Complex<R>* d) const {
    const Complex<R> right{q.x, q.y}, left{q.x, -q.y};
    const R plus = q.e + q.z, minus = q.e - q.z;
    if constexpr (upper) {
      d[2] = minus * d[0] - right * d[1], d[3] = plus * d[1] - left * d[0];
    } else {
      d[0] = plus * d[2] + right * d[3], d[1] = left * d[2] + minus * d[3];
    }
    constexpr int own = upper ? 0 : 2;
    if constexpr (massive) d[own] = mass * d[own], d[own + 1] = mass * d[own + 1];
  }
  template <bool upper, bool massive>
  MEB_INLINE void half_in(Complex<R>* d) const {
    const Complex<R> right{q.x, q.y}, left{q.x, -q.y};
    const R plus = q.e + q.z, minus = q.e - q.z;
    if constexpr (upper) {
      d[2] = plus * d[0] + left * d[1], d[3] = right * d[0] + minus * d[1];
    } else {
      d[0] = minus * d[2] - left * d[3], d[1] = plus * d[3] - right * d[2];
    }
    constexpr int own = upper ? 0 : 2;
    if constexpr (massive) d[own] = -(mass * d[own]), d[own + 1] = -(mass * d[own + 1]);
  }
};

template <class B>
MEB_INLINE Numerator<B> in_registers(const Numerator<B>& n) {
  return {in_registers(n.q), n.mass, n.inverse_mass2};
}

template <class B>
struct Propagator : Numerator<B> {
  using R = typename B::real;
  Complex<R> inverse;  // 1 / den

  Propagator() = default;
  MEB_DEVICE Propagator(const Momentum<R>& q, typename B::scalar m, typename B::scalar width)
      : Numerator<B>{in_registers(q), B::broadcast(m), B::broadcast(m != 0 ? 1 / (m * m) : 0)},
        inverse(inverse_of(q, m * m, m * width)) {}

  // 1 / den of M^2 and M Gamma.
  MEB_DEVICE static Complex<R> inverse_of(const Momentum<R>& q, typename B::scalar m2, typename B::scalar im) {
    const R re = q.e * q.e - q.x * q.x - q.y * q.y - q.z * q.z - m2;
    if (im == 0) return {1 / re, R{}};
    const R norm = 1 / (re * re + im * im);
    return {re * norm, -im * norm};
  }

  // With 1 / den and 1 / M^2 known.
  MEB_DEVICE Propagator(const Momentum<R>& q, Complex<R> inverse_, R mass, R inverse_mass2)
      : Numerator<B>{q, mass, inverse_mass2}, inverse(inverse_) {}

  MEB_INLINE void massless_vector(Complex<R>* d) const {
    Numerator<B>::massless_vector(d);
    times(inverse, d);
  }
  MEB_INLINE void massive_vector(Complex<R>* d) const {
    Numerator<B>::massive_vector(d);
    times(inverse, d);
  }
  MEB_INLINE void fermion_out(Complex<R>* d) const {
    Numerator<B>::fermion_out(d);
    times(-inverse, d);
  }
  MEB_INLINE void fermion_in(Complex<R>* d) const {
    Numerator<B>::fermion_in(d);
    times(inverse, d);
  }
  MEB_INLINE void scalar(Complex<R>* d) const { d[0] = -(inverse * d[0]); }

private:
  MEB_INLINE static void times(Complex<R> f, Complex<R>* d) {
    for (int k = 0; k < 4; ++k) d[k] = f * d[k];
  }
};

}  // namespace meb::MEB_TARGET
