// Lorentz structures S(W1, W2, W3[, W4]), each written once for each leg left open.
//
// Every structure is linear in each wave. What a kernel returns is the derivative of the
// amplitude with respect to the components of the open wave, D_k = dS/dW_k: the amplitude
// itself is then sum_k W_k D_k, and an off-shell wave is the propagator times D
// (propagator.hpp). Components: fermions the four of HELAS in the chiral basis, vectors
// (t, x, y, z), upper index; D of a vector therefore has a lower index.
//
//   FFV   c_L S_L + c_R S_R, S_L = Gamma P_-, S_R = Gamma P_+ with F1 flowing in, F2 out
//   FFS   c_L S P_- + c_R S P_+
//   VVV   c [(V1.V2)(p1-p2).V3 + (V2.V3)(p2-p3).V1 + (V3.V1)(p3-p1).V2], p1+p2+p3 = 0
//   VVVV  c_1 (V1.V2)(V3.V4) + c_2 (V1.V3)(V2.V4) + c_3 (V1.V4)(V2.V3)
//   VVS, VVSS   c V1.V2 S [S];   VSS   c V1.(p2-p3) S2 S3;   SSS, SSSS   c S S S [S]
//
// All constant factors (the -i of the ALOHA convention among them) are in the c's. K is a complex
// number, or a simpler factor (bundle.hpp).
#pragma once

#include "kernels/external.hpp"

namespace meb::MEB_TARGET {

template <class R>
using Wave = Complex<R>[4];

// V.W, upper indices on both
template <class R>
MEB_INLINE Complex<R> dot(const Complex<R>* v, const Complex<R>* w) {
  return v[0] * w[0] - v[1] * w[1] - v[2] * w[2] - v[3] * w[3];
}
// p.V
template <class R>
MEB_INLINE Complex<R> dot(const Momentum<R>& p, const Complex<R>* v) {
  return p.e * v[0] - p.x * v[1] - p.y * v[2] - p.z * v[3];
}
// -p.V: a product with a minus sign before it may be computed twice, with either sign.
template <class R>
MEB_INLINE Complex<R> minus_dot(const Momentum<R>& p, const Complex<R>* v) {
  return p.x * v[1] + p.y * v[2] + p.z * v[3] - p.e * v[0];
}
template <class R>
MEB_INLINE Momentum<R> operator+(const Momentum<R>& p, const Momentum<R>& q) {
  return {p.e + q.e, p.x + q.x, p.y + q.y, p.z + q.z};
}
template <class R>
MEB_INLINE Momentum<R> operator-(const Momentum<R>& p, const Momentum<R>& q) {
  return {p.e - q.e, p.x - q.x, p.y - q.y, p.z - q.z};
}

// Light-cone components of a vector.
template <class R>
struct LightCone {
  Complex<R> plus, minus, right, left;  // t+z, t-z, x+iy, x-iy
};
template <class R>
MEB_INLINE LightCone<R> light_cone(const Complex<R>* v) {
  return {v[0] + v[3], v[0] - v[3], v[1] + times_i(v[2]), v[1] - times_i(v[2])};
}
template <class K, class R>
MEB_INLINE LightCone<R> operator*(K k, const LightCone<R>& q) {
  return {k * q.plus, k * q.minus, k * q.right, k * q.left};
}

// Which chiralities couple: `vector` has c_L = c_R.
enum class Chirality { vector, general, left, right };

// dFFV/dF1: F2, V3 -> D
template <Chirality chirality, class K, class R>
MEB_INLINE void ffv_1(const Complex<R>* f, const LightCone<R>& q, K cl, K cr, Complex<R>* d) {
  const Complex<R> none{};
  d[0] = d[1] = d[2] = d[3] = none;
  if constexpr (chirality != Chirality::right) {
    d[0] = cl * (f[2] * q.plus + f[3] * q.right);
    d[1] = cl * (f[2] * q.left + f[3] * q.minus);
  }
  if constexpr (chirality != Chirality::left) {
    const K c = chirality == Chirality::vector ? cl : cr;
    d[2] = c * (f[0] * q.minus - f[1] * q.right);
    d[3] = c * (f[1] * q.plus - f[0] * q.left);
  }
}
template <Chirality chirality, class K, class R>
MEB_INLINE void ffv_1(const Complex<R>* f, const Complex<R>* v, K cl, K cr, Complex<R>* d) {
  ffv_1<chirality>(f, light_cone(v), cl, cr, d);
}

// dFFV/dF2: F1, V3 -> D
template <Chirality chirality, class K, class R>
MEB_INLINE void ffv_2(const Complex<R>* f, const LightCone<R>& q, K cl, K cr, Complex<R>* d) {
  const Complex<R> none{};
  d[0] = d[1] = d[2] = d[3] = none;
  if constexpr (chirality != Chirality::right) {
    d[2] = cl * (f[0] * q.plus + f[1] * q.left);
    d[3] = cl * (f[0] * q.right + f[1] * q.minus);
  }
  if constexpr (chirality != Chirality::left) {
    const K c = chirality == Chirality::vector ? cl : cr;
    d[0] = c * (f[2] * q.minus - f[3] * q.left);
    d[1] = c * (f[3] * q.plus - f[2] * q.right);
  }
}
template <Chirality chirality, class K, class R>
MEB_INLINE void ffv_2(const Complex<R>* f, const Complex<R>* v, K cl, K cr, Complex<R>* d) {
  ffv_2<chirality>(f, light_cone(v), cl, cr, d);
}

// dFFV/dV3: F1, F2 -> D
template <Chirality chirality, class K, class R>
MEB_INLINE void ffv_3(const Complex<R>* a, const Complex<R>* b, K cl, K cr, Complex<R>* d) {
  const Complex<R> none{};
  Complex<R> t = none, x = none, y = none, z = none;
  if constexpr (chirality != Chirality::right) {
    const Complex<R> p = a[0] * b[2], m = a[1] * b[3], r = a[0] * b[3], l = a[1] * b[2];
    t = p + m, z = p - m, x = r + l, y = r - l;
  }
  if constexpr (chirality == Chirality::general) t = cl * t, x = cl * x, y = cl * y, z = cl * z;
  if constexpr (chirality != Chirality::left) {
    const Complex<R> p = a[3] * b[1], m = a[2] * b[0], r = a[2] * b[1], l = a[3] * b[0];
    Complex<R> t2 = p + m, z2 = p - m, x2 = -(r + l), y2 = l - r;
    if constexpr (chirality == Chirality::general) t2 = cr * t2, x2 = cr * x2, y2 = cr * y2, z2 = cr * z2;
    t = t + t2, x = x + x2, y = y + y2, z = z + z2;
  }
  if constexpr (chirality == Chirality::general) {
    d[0] = t, d[1] = x, d[2] = times_i(y), d[3] = z;
  } else {
    const K c = chirality == Chirality::right ? cr : cl;
    d[0] = c * t, d[1] = c * x, d[2] = c * times_i(y), d[3] = c * z;
  }
}

// dFFS/dF of one fermion, given the other and the scalar; both orders are alike.
template <class R>
MEB_INLINE void ffs_f(const Complex<R>* f, Complex<R> s, Complex<R> cl, Complex<R> cr, Complex<R>* d) {
  const Complex<R> l = cl * s, r = cr * s;
  d[0] = l * f[0], d[1] = l * f[1], d[2] = r * f[2], d[3] = r * f[3];
}

// dFFS/dS3
template <class R>
MEB_INLINE Complex<R> ffs_s(const Complex<R>* a, const Complex<R>* b, Complex<R> cl, Complex<R> cr) {
  return cl * (a[0] * b[0] + a[1] * b[1]) + cr * (a[2] * b[2] + a[3] * b[3]);
}

// dVVV/dV1: V2, V3 with their momenta. Of one of them alone: c (p1-p2).V3 for V3, c (p3-p1).V2 for V2.
template <class K, class R>
MEB_INLINE Complex<R> vvv_1_on3(const Momentum<R>& p2, const Complex<R>* v3, const Momentum<R>& p3, K c) {
  return c * minus_dot(p2 + p2 + p3, v3);
}
template <class K, class R>
MEB_INLINE Complex<R> vvv_1_on2(const Complex<R>* v2, const Momentum<R>& p2, const Momentum<R>& p3, K c) {
  return c * dot(p3 + p3 + p2, v2);
}
// q = p2 - p3
template <class K, class R>
MEB_INLINE void vvv_1(const Complex<R>* v2, Complex<R> on2, const Complex<R>* v3, Complex<R> on3, const Momentum<R>& q,
                      K c, Complex<R>* d) {
  const Complex<R> both = c * dot(v2, v3);
  d[0] = on3 * v2[0] + on2 * v3[0] + q.e * both;
  d[1] = -(on3 * v2[1] + on2 * v3[1] + q.x * both);
  d[2] = -(on3 * v2[2] + on2 * v3[2] + q.y * both);
  d[3] = -(on3 * v2[3] + on2 * v3[3] + q.z * both);
}
template <class K, class R>
MEB_INLINE void vvv_1(const Complex<R>* v2, const Momentum<R>& p2, const Complex<R>* v3, const Momentum<R>& p3, K c,
                      Complex<R>* d) {
  vvv_1(v2, vvv_1_on2(v2, p2, p3, c), v3, vvv_1_on3(p2, v3, p3, c), p2 - p3, c, d);
}

// dVVVV/dV1; s2 = c_1 V3.V4, s3 = c_2 V2.V4, s4 = c_3 V2.V3
template <class R>
MEB_INLINE void vvvv_1(const Complex<R>* v2, Complex<R> s2, const Complex<R>* v3, Complex<R> s3, const Complex<R>* v4,
                       Complex<R> s4, Complex<R>* d) {
  d[0] = s2 * v2[0] + s3 * v3[0] + s4 * v4[0];
  for (int k = 1; k < 4; ++k) d[k] = -(s2 * v2[k] + s3 * v3[k] + s4 * v4[k]);
}
template <class R>
MEB_INLINE void vvvv_1(const Complex<R>* v2, const Complex<R>* v3, const Complex<R>* v4, Complex<R> c1, Complex<R> c2,
                       Complex<R> c3, Complex<R>* d) {
  vvvv_1(v2, c1 * dot(v3, v4), v3, c2 * dot(v2, v4), v4, c3 * dot(v2, v3), d);
}

// s V with lowered index: dVVS/dV1 and dVVSS/dV1
template <class R>
MEB_INLINE void lower(const Complex<R>* v, Complex<R> s, Complex<R>* d) {
  d[0] = s * v[0];
  for (int k = 1; k < 4; ++k) d[k] = -(s * v[k]);
}

// dVSS/dV1: scalars with their momenta
template <class R>
MEB_INLINE void vss_1(Complex<R> s2, const Momentum<R>& p2, Complex<R> s3, const Momentum<R>& p3, Complex<R> c,
                      Complex<R>* d) {
  const Complex<R> s = c * s2 * s3;
  const Momentum<R> q = p2 - p3;
  d[0] = q.e * s, d[1] = -(q.x * s), d[2] = -(q.y * s), d[3] = -(q.z * s);
}

// dVSS/dS2: p2 = -(p1+p3); k = c S3, q = p1 + 2 p3
template <class R>
MEB_INLINE Complex<R> vss_2(const Complex<R>* v, const Momentum<R>& q, Complex<R> k) {
  return k * minus_dot(q, v);
}
template <class R>
MEB_INLINE Complex<R> vss_2(const Complex<R>* v, const Momentum<R>& p1, Complex<R> s3, const Momentum<R>& p3,
                            Complex<R> c) {
  return vss_2(v, p1 + p3 + p3, c * s3);
}

}  // namespace meb::MEB_TARGET
