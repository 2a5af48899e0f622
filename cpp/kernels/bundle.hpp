// The type bundle that every kernel is written over: a page of V real numbers.
//
// All of it lives in meb::MEB_TARGET, so that code compiled for one instruction set is
// never called by code compiled for another. MEB_WIDTH is the vector size in bytes; a
// width of 0 means one number a page.
#pragma once

#if defined(__CUDACC__)
#include "backends/cuda/device/device.cuh"
#else
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#endif

#if !defined(MEB_TARGET) || !defined(MEB_WIDTH)
#error "MEB_TARGET and MEB_WIDTH say which mode is compiled"
#endif

// Functions that a GPU runs too. Kernels must be inlined: arguments would otherwise go through memory.
#if defined(__CUDACC__)
#define MEB_DEVICE __device__
#define MEB_INLINE __device__ __forceinline__
#define MEB_LAMBDA
#else
#define MEB_DEVICE
#define MEB_INLINE inline __attribute__((always_inline))
#define MEB_LAMBDA __attribute__((always_inline))
#endif

namespace meb::MEB_TARGET {

template <class T, int bytes>
struct Vector {
#if !defined(__CUDACC__)
  typedef T type __attribute__((vector_size(bytes)));
#endif
  static constexpr int lanes = bytes / static_cast<int>(sizeof(T));
};
template <class T>
struct Vector<T, 0> {
  typedef T type;
  static constexpr int lanes = 1;
};

// Real numbers of a page. F is double or float.
template <class F>
struct Bundle {
  using scalar = F;
  using real = typename Vector<F, MEB_WIDTH>::type;
  static constexpr int lanes = Vector<F, MEB_WIDTH>::lanes;

  MEB_DEVICE static real load(const F* p) {
    real r;
    std::memcpy(&r, p, sizeof r);
    return r;
  }
  MEB_DEVICE static void store(F* p, real r) { std::memcpy(p, &r, sizeof r); }
  MEB_DEVICE static real broadcast(F x) { return real{} + x; }

  template <class Function>
  MEB_DEVICE static real map(real x, Function f) {
    F v[lanes];
    store(v, x);
    for (int i = 0; i < lanes; ++i) v[i] = f(v[i]);
    return load(v);
  }
  MEB_DEVICE static real sqrt(real x) {
    return map(x, [](F v) { return std::sqrt(v); });
  }
  MEB_DEVICE static real min(real x, real y) { return x < y ? x : y; }
  MEB_DEVICE static real max(real x, real y) { return x > y ? x : y; }
};

// A page of complex numbers. A GPU loads both parts at once.
#if defined(__CUDACC__)
template <class R>
struct alignas(2 * sizeof(R)) Complex {
  R re, im;
};
#else
// Copied part by part: compilers copy a plain struct as bytes, in pieces through memory, and the load of a
// whole vector waits for stores of its pieces.
template <class R>
struct Complex {
  R re, im;
  Complex() = default;
  MEB_INLINE Complex(R re_, R im_) : re(re_), im(im_) {}
  MEB_INLINE Complex(const Complex& c) : re(c.re), im(c.im) {}
  MEB_INLINE Complex& operator=(const Complex& c) {
    re = c.re, im = c.im;
    return *this;
  }
};
#endif

template <class R>
MEB_INLINE Complex<R> operator+(Complex<R> a, Complex<R> b) {
  return {a.re + b.re, a.im + b.im};
}
template <class R>
MEB_INLINE Complex<R> operator-(Complex<R> a, Complex<R> b) {
  return {a.re - b.re, a.im - b.im};
}
template <class R>
MEB_INLINE Complex<R> operator-(Complex<R> a) {
  return {-a.re, -a.im};
}
template <class R>
MEB_INLINE Complex<R> operator*(Complex<R> a, Complex<R> b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
template <class R>
MEB_INLINE Complex<R> operator*(R a, Complex<R> b) {
  return {a * b.re, a * b.im};
}
// i * a
template <class R>
MEB_INLINE Complex<R> times_i(Complex<R> a) {
  return {-a.im, a.re};
}

// Factors whose products cost less than those of a complex number.
struct One {};
template <class F>
struct RealFactor {
  F value;
};
template <class F>
struct ImaginaryFactor {
  F value;  // i * value
};
template <class R>
MEB_INLINE Complex<R> operator*(One, Complex<R> a) {
  return a;
}
template <class F, class R>
MEB_INLINE Complex<R> operator*(RealFactor<F> f, Complex<R> a) {
  return {f.value * a.re, f.value * a.im};
}
template <class F, class R>
MEB_INLINE Complex<R> operator*(ImaginaryFactor<F> f, Complex<R> a) {
  return {-(f.value * a.im), f.value * a.re};
}

}  // namespace meb::MEB_TARGET
