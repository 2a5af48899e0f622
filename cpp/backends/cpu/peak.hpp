// How fast a mode multiplies and adds: what the engine is measured against.
#pragma once

#include <ctime>

#include "kernels/bundle.hpp"

namespace meb::MEB_TARGET {

inline double thread_seconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Operations a second of one core: twelve independent chains a <- a x + y, the best of some tries.
template <class F>
double peak() {
  using R = typename Bundle<F>::real;
  constexpr int n_chain = 12, n_step = 200000, n_try = 10;
  volatile F start = F(0.5);  // known to the compiler otherwise
  const R x = Bundle<F>::broadcast(start), y = Bundle<F>::broadcast(F(1) - start);
  double best = 0;
  for (int attempt = 0; attempt < n_try; ++attempt) {
    R a[n_chain];
    for (int i = 0; i < n_chain; ++i) a[i] = Bundle<F>::broadcast(start);
    const double begin = thread_seconds();
    for (int step = 0; step < n_step; ++step)
      for (int i = 0; i < n_chain; ++i) a[i] = a[i] * x + y;
    R sum{};
    for (int i = 0; i < n_chain; ++i) sum += a[i];
    F lanes[Bundle<F>::lanes];
    Bundle<F>::store(lanes, sum);
    start = lanes[0] < 0 ? lanes[0] : start;  // uses the result
    const double rate = 2.0 * n_chain * n_step * Bundle<F>::lanes / (thread_seconds() - begin);
    best = rate > best ? rate : best;
  }
  return best;
}

}  // namespace meb::MEB_TARGET
