// What the straight-line code of the thread design is made of.
#pragma once

#include "backends/cuda/device/select.cuh"
#include "kernels/external.hpp"

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
  // 0; NaN where a momentum is not finite, which a wave function that takes a maximum may not show.
  MEB_INLINE F zero(std::uint32_t n_leg) const {
    F sum = 0;
    MEB_UNROLL
    for (std::uint32_t leg = 0; leg < n_leg; ++leg) {
      const Momentum<F> p = momentum(leg, n_leg, 1);
      sum += (p.e + p.x) + (p.y + p.z);
    }
    return sum - sum;
  }
  // zero: of the event's momenta
  MEB_INLINE C constant_coupling(std::uint32_t index, F zero) const {
    const double* c = global(a_.values.coupling) + 2 * index;
    return {F(c[0]) + zero, F(c[1])};
  }
  MEB_INLINE C running_coupling(std::uint32_t index, std::uint32_t n, F zero) const {
    const std::uint64_t row = a_.events.running_coupling_common ? 0 : event_;
    const double* c = global(a_.events.running_coupling) + (row * n + index) * 2;
    return {F(c[0]) + zero, F(c[1])};
  }
  MEB_INLINE F parameter(std::uint32_t index) const { return F(global(a_.values.parameter)[index]); }

  MEB_INLINE double weight(std::uint32_t h) const { return global(a_.values.weight)[h]; }

  // Bit h: active helicity h is in the sum.
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

// One event's sums, in shared memory: those of a thread are MEB_THREADS apart. Terms have their weights.
class ThreadSums {
public:
  MEB_DEVICE ThreadSums(double* first, std::uint32_t n_active, std::uint32_t n_flow)
      : terms_(first), jamp2_(terms_ + n_active * MEB_THREADS), amp2_(jamp2_ + n_flow * MEB_THREADS) {}

  MEB_INLINE void set_term(std::uint32_t h, double x) const { terms_[h * MEB_THREADS] = x; }
  MEB_INLINE void set_jamp2(std::uint32_t f, double x) const { jamp2_[f * MEB_THREADS] = x; }
  MEB_INLINE void set_amp2(std::uint32_t d, double x) const { amp2_[d * MEB_THREADS] = x; }
  MEB_INLINE double term(std::uint32_t h) const { return terms_[h * MEB_THREADS]; }
  MEB_INLINE double jamp2(std::uint32_t f) const { return jamp2_[f * MEB_THREADS]; }
  MEB_INLINE double amp2(std::uint32_t d) const { return amp2_[d * MEB_THREADS]; }

private:
  double *terms_, *jamp2_, *amp2_;
};

// What kernels/external.hpp has for a kind of flag::kind_shift.
template <class B, int kind>
MEB_INLINE void external(const Momentum<typename B::real>& p, typename B::scalar mass, int helicity, int sign,
                         Complex<typename B::real>* out) {
  if constexpr (kind == 3)
    out[0] = {1, 0};
  else if constexpr (kind == 2)
    vector_boson<B>(p, mass, helicity, sign, out);
  else if (mass == 0)
    massless_fermion<B>(p, helicity, sign, kind == 0 ? 1 : -1, out);
  else
    massive_fermion<B>(p, mass, helicity, sign, kind == 0 ? 1 : -1, out);
}

template <class F>
MEB_INLINE F inverse(F x) {
  return 1 / x;
}
template <class F>
MEB_INLINE F inverse_square(F x) {
  return x != 0 ? 1 / (x * x) : F(0);
}

}  // namespace meb::MEB_TARGET
