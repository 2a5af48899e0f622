// What the generated sums of JAMP rows are made of.
#pragma once

#include "backends/cuda/layout.hpp"
#include "kernels/bundle.hpp"

namespace meb::cuda {

// x += (re + i im) a, with constants that the compiler knows
template <class C>
MEB_INLINE void multiply_add(C& x, double re, double im, const C& a) {
  using F = decltype(a.re + a.im);
  if (re != 0) x = {x.re + F(re) * a.re, x.im + F(re) * a.im};
  if (im != 0) x = {x.re - F(im) * a.im, x.im + F(im) * a.re};
}

// |Re a b^*|
template <class C>
MEB_INLINE double product(const C& a, const C& b) {
  const double x = double(a.re) * b.re + double(a.im) * b.im;
  return x < 0 ? -x : x;
}

template <class C>
MEB_INLINE void butterfly(C& a, C& b) {
  const C sum{a.re + b.re, a.im + b.im};
  b = {a.re - b.re, a.im - b.im};
  a = sum;
}

}  // namespace meb::cuda
