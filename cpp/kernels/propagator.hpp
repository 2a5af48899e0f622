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

template <class B>
struct Propagator {
  using R = typename B::real;
  Momentum<R> q;
  Complex<R> inverse;  // 1 / den
  R mass, inverse_mass2;

  Propagator() = default;
  MEB_DEVICE Propagator(const Momentum<R>& q_, typename B::scalar m, typename B::scalar width)
      : q(q_), mass(B::broadcast(m)), inverse_mass2(B::broadcast(m != 0 ? 1 / (m * m) : 0)) {
    const R re = q.e * q.e - q.x * q.x - q.y * q.y - q.z * q.z - m * m;
    const typename B::scalar im = m * width;
    if (im == 0) {
      inverse = {1 / re, R{}};
    } else {
      const R norm = 1 / (re * re + im * im);
      inverse = {re * norm, -im * norm};
    }
  }

  // With 1 / den and 1 / M^2 known.
  MEB_DEVICE Propagator(const Momentum<R>& q_, Complex<R> inverse_, R mass_, R inverse_mass2_)
      : q(q_), inverse(inverse_), mass(mass_), inverse_mass2(inverse_mass2_) {}

  MEB_INLINE void massless_vector(Complex<R>* d) const {
    d[0] = inverse * d[0];
    for (int k = 1; k < 4; ++k) d[k] = -(inverse * d[k]);
  }

  MEB_INLINE void massive_vector(Complex<R>* d) const {
    const Complex<R> l = inverse_mass2 * (q.e * d[0] + q.x * d[1] + q.y * d[2] + q.z * d[3]);
    d[0] = inverse * (d[0] - q.e * l);
    d[1] = -(inverse * (d[1] + q.x * l));
    d[2] = -(inverse * (d[2] + q.y * l));
    d[3] = -(inverse * (d[3] + q.z * l));
  }

  // D = dS/dF1 (flow in is open): the wave that comes out flows out.
  MEB_INLINE void fermion_out(Complex<R>* d) const {
    numerator_out(d);
    const Complex<R> f = -inverse;
    for (int k = 0; k < 4; ++k) d[k] = f * d[k];
  }
  MEB_INLINE void numerator_out(Complex<R>* d) const {
    const Complex<R> right{q.x, q.y}, left{q.x, -q.y};
    const R plus = q.e + q.z, minus = q.e - q.z;
    const Complex<R> w0 = mass * d[0] + plus * d[2] + right * d[3], w1 = mass * d[1] + left * d[2] + minus * d[3];
    const Complex<R> w2 = mass * d[2] + minus * d[0] - right * d[1], w3 = mass * d[3] - left * d[0] + plus * d[1];
    d[0] = w0, d[1] = w1, d[2] = w2, d[3] = w3;
  }

  // D = dS/dF2 (flow out is open): the wave that comes out flows in.
  MEB_INLINE void fermion_in(Complex<R>* d) const {
    numerator_in(d);
    for (int k = 0; k < 4; ++k) d[k] = inverse * d[k];
  }
  MEB_INLINE void numerator_in(Complex<R>* d) const {
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
    const Complex<R> right{q.x, q.y}, left{q.x, -q.y}, f = -inverse;
    const R plus = q.e + q.z, minus = q.e - q.z;
    Complex<R>*own = d + (upper ? 0 : 2), *other = d + (upper ? 2 : 0);
    const R first = upper ? minus : plus, second = upper ? plus : minus;
    const Complex<R> a = own[0], b = own[1];
    if constexpr (upper) {
      other[0] = f * (first * a - right * b), other[1] = f * (second * b - left * a);
    } else {
      other[0] = f * (first * a + right * b), other[1] = f * (left * a + second * b);
    }
    if constexpr (massive) own[0] = f * (mass * a), own[1] = f * (mass * b);
  }
  template <bool upper, bool massive>
  MEB_INLINE void half_in(Complex<R>* d) const {
    const Complex<R> right{q.x, q.y}, left{q.x, -q.y}, f = inverse;
    const R plus = q.e + q.z, minus = q.e - q.z;
    Complex<R>*own = d + (upper ? 0 : 2), *other = d + (upper ? 2 : 0);
    const R first = upper ? plus : minus, second = upper ? minus : plus;
    const Complex<R> a = own[0], b = own[1];
    if constexpr (upper) {
      other[0] = f * (first * a + left * b), other[1] = f * (right * a + second * b);
    } else {
      other[0] = f * (first * a - left * b), other[1] = f * (second * b - right * a);
    }
    if constexpr (massive) own[0] = -(f * (mass * a)), own[1] = -(f * (mass * b));
  }

  MEB_INLINE void scalar(Complex<R>* d) const { d[0] = -(inverse * d[0]); }
};

}  // namespace meb::MEB_TARGET
