// Density matrices, rho_ij = sum over helicities of W_i W_j^*, carried through vertices and propagators.
//
// A vertex multiplies each state of one input with each of the other, so the density of what comes out
// follows from the densities of its inputs alone: the sums over helicities are never multiplied out
// (as traces over spins do; e.g. C. Itzykson, J.-B. Zuber, Quantum Field Theory, 1980, A-4).
#pragma once

#if !defined(__CUDACC__)
#include <utility>
#endif

#include "kernels/propagator.hpp"

namespace meb::MEB_TARGET {

template <class R>
MEB_INLINE Complex<R> conjugate(Complex<R> a) {
  return {a.re, -a.im};
}
template <class R>
MEB_INLINE R norm(Complex<R> a) {
  return a.re * a.re + a.im * a.im;
}

// f(0), ..., f(n - 1), each number a constant
template <int... k, class Function>
MEB_INLINE void each_of(std::integer_sequence<int, k...>, Function f) {
  (f(std::integral_constant<int, k>{}), ...);
}
template <int n, class Function>
MEB_INLINE void each(Function f) {
  each_of(std::make_integer_sequence<int, n>{}, f);
}

// Hermitian. Stored as 16 real numbers: diagonal, then (re, im) of the upper triangle by rows.
template <class R>
struct Density {
  Complex<R> at[4][4];

  MEB_INLINE explicit Density(const Complex<R>* stored) {
    for (int i = 0; i < 4; ++i) at[i][i] = {i % 2 ? stored[i / 2].im : stored[i / 2].re, R{}};
    stored += 2;
    for (int i = 0; i < 4; ++i)
      for (int j = i + 1; j < 4; ++j, ++stored) at[i][j] = *stored, at[j][i] = conjugate(*stored);
  }
  MEB_INLINE Density() {}

  MEB_INLINE void store(R factor, Complex<R>* stored) const {
    for (int i = 0; i < 2; ++i) stored[i] = {factor * at[2 * i][2 * i].re, factor * at[2 * i + 1][2 * i + 1].re};
    stored += 2;
    for (int i = 0; i < 4; ++i)
      for (int j = i + 1; j < 4; ++j) *stored++ = factor * at[i][j];
  }

  MEB_INLINE void set(int i, int j, Complex<R> x) { at[i][j] = x, at[j][i] = conjugate(x); }

  // M rho M^dagger. map(d): d <- M d
  template <class Map>
  MEB_INLINE void transform(Map map) {
    for (int j = 0; j < 4; ++j) {
      Complex<R> d[4] = {at[0][j], at[1][j], at[2][j], at[3][j]};
      map(d);
      for (int i = 0; i < 4; ++i) at[i][j] = d[i];
    }
    for (int i = 0; i < 4; ++i) {
      Complex<R> d[4];
      for (int j = 0; j < 4; ++j) d[j] = conjugate(at[i][j]);
      map(d);
      for (int j = 0; j < 4; ++j) at[i][j] = conjugate(d[j]);
    }
  }
};

// D_i as two products of a component of F and one of V: FFV with V's light-cone components (plus, minus, right,
// left). For dFFV/dV3 both are spinors, and the four sums are combined afterwards.
struct ProductTerm {
  int sign, first, second, is_right;
};
struct ProductTerms {
  ProductTerm of[4][2];
};
inline constexpr ProductTerms ffv_1_terms{{{{1, 2, 0, 0}, {1, 3, 2, 0}},
                                           {{1, 2, 3, 0}, {1, 3, 1, 0}},
                                           {{1, 0, 1, 1}, {-1, 1, 2, 1}},
                                           {{1, 1, 0, 1}, {-1, 0, 3, 1}}}};
inline constexpr ProductTerms ffv_2_terms{{{{1, 2, 1, 1}, {-1, 3, 3, 1}},
                                           {{1, 3, 0, 1}, {-1, 2, 2, 1}},
                                           {{1, 0, 0, 0}, {1, 1, 3, 0}},
                                           {{1, 0, 2, 0}, {1, 1, 1, 0}}}};
inline constexpr ProductTerms ffv_3_terms{{{{1, 0, 2, 0}, {1, 3, 1, 1}},
                                           {{1, 1, 3, 0}, {1, 2, 0, 1}},
                                           {{1, 0, 3, 0}, {-1, 2, 1, 1}},
                                           {{1, 1, 2, 0}, {-1, 3, 0, 1}}}};

// vector: both chiralities couple alike; the coupling is left out.
template <bool vector, const ProductTerms& terms, class R>
MEB_INLINE void density_of_products(const Density<R>& a, const Density<R>& b, Complex<R> cl, Complex<R> cr,
                                    Density<R>& out) {
  const R ll = norm(cl), rr = norm(cr);
  const Complex<R> lr = cl * conjugate(cr);
  each<16>([&](auto number) MEB_LAMBDA {
    constexpr int i = number / 4, j = number % 4;
    if constexpr (i <= j) {
      Complex<R> part[2][2] = {};
      each<4>([&](auto pair) MEB_LAMBDA {
        constexpr ProductTerm x = terms.of[i][pair / 2], y = terms.of[j][pair % 2];
        constexpr int left = vector ? 0 : x.is_right, right = vector ? 0 : y.is_right;
        const Complex<R> product = a.at[x.first][y.first] * b.at[x.second][y.second];
        part[left][right] = x.sign == y.sign ? part[left][right] + product : part[left][right] - product;
      });
      if constexpr (vector) {
        out.set(i, j, part[0][0]);
      } else {
        out.set(i, j, ll * part[0][0] + lr * part[0][1] + conjugate(lr) * part[1][0] + rr * part[1][1]);
      }
    }
  });
}

template <class R>
MEB_INLINE void to_light_cone(Density<R>& v) {
  v.transform([](Complex<R>* d) MEB_LAMBDA {
    const LightCone<R> q = light_cone(d);
    d[0] = q.plus, d[1] = q.minus, d[2] = q.right, d[3] = q.left;
  });
}

// dFFV/dF1 and dFFV/dF2 of a fermion and a vector
template <bool vector, const ProductTerms& terms, class R>
MEB_INLINE void ffv_density(const Density<R>& f, Density<R> v, Complex<R> cl, Complex<R> cr, Density<R>& out) {
  to_light_cone(v);
  density_of_products<vector, terms>(f, v, cl, cr, out);
}

// dFFV/dV3
template <bool vector, class R>
MEB_INLINE void ffv_3_density(const Density<R>& a, const Density<R>& b, Complex<R> cl, Complex<R> cr, Density<R>& out) {
  density_of_products<vector, ffv_3_terms>(a, b, cl, cr, out);
  out.transform([](Complex<R>* e) MEB_LAMBDA {
    const Complex<R> p = e[0], m = e[1], r = e[2], l = e[3];
    e[0] = p + m, e[1] = r + l, e[2] = times_i(r - l), e[3] = p - m;
  });
}

// dVVV/dV1 without the coupling: D = g (V2 (l3.V3) + V3 (l2.V2) + q (V2.V3)), see vvv_1
template <class R>
MEB_INLINE void vvv_density(const Density<R>& a, const Momentum<R>& p2, const Density<R>& b, const Momentum<R>& p3,
                            Density<R>& out) {
  using C = Complex<R>;
  const Momentum<R> on3 = p2 + p2 + p3, on2 = p3 + p3 + p2, along = p2 - p3;
  const R l3[4] = {-on3.e, on3.x, on3.y, on3.z}, l2[4] = {on2.e, -on2.x, -on2.y, -on2.z};
  const R q[4] = {along.e, along.x, along.y, along.z};
  C r2[4], r3[4];  // V2 (l2.V2)^*, V3 (l3.V3)^*
  R s2{}, s3{}, both{};
  for (int i = 0; i < 4; ++i) {
    r2[i] = l2[0] * a.at[i][0] + l2[1] * a.at[i][1] + l2[2] * a.at[i][2] + l2[3] * a.at[i][3];
    r3[i] = l3[0] * b.at[i][0] + l3[1] * b.at[i][1] + l3[2] * b.at[i][2] + l3[3] * b.at[i][3];
    s2 += l2[i] * r2[i].re, s3 += l3[i] * r3[i].re;
    for (int j = 0; j < 4; ++j) {  // |V2.V3|^2
      const R x = a.at[i][j].re * b.at[i][j].re - a.at[i][j].im * b.at[i][j].im;
      both = (i == 0) == (j == 0) ? both + x : both - x;
    }
  }
  C y[4];  // (V2 (l3.V3) + V3 (l2.V2)) (V2.V3)^*
  for (int i = 0; i < 4; ++i) {
    y[i] = C{};
    for (int m = 0; m < 4; ++m) {
      const C x = a.at[i][m] * conjugate(r3[m]) + b.at[i][m] * conjugate(r2[m]);
      y[i] = m == 0 ? y[i] + x : y[i] - x;
    }
  }
  for (int i = 0; i < 4; ++i)
    for (int j = i; j < 4; ++j) {
      const C x = s3 * a.at[i][j] + s2 * b.at[i][j] + r2[i] * conjugate(r3[j]) + r3[i] * conjugate(r2[j]) +
                  q[j] * y[i] + q[i] * conjugate(y[j]) + C{q[i] * q[j] * both, R{}};
      out.set(i, j, (i == 0) == (j == 0) ? x : -x);
    }
}

}  // namespace meb::MEB_TARGET
