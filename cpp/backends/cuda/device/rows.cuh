// What the generated sums of JAMP rows (dots_source.cpp) are made of.
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

}  // namespace meb::cuda
