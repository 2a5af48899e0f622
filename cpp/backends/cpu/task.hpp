// A loop of a Plan, bound to the arrays of one runner.
#pragma once

#include "backends/cpu/page.hpp"
#include "kernels/propagator.hpp"

namespace meb::MEB_TARGET {

// Arrays that tasks read and write.
template <class B>
struct Arrays {
  using R = typename B::real;
  Complex<R>* arena;
  const Momentum<R>* momenta;
  const Complex<R>* factors;  // Plan::factors
  R* amp2;
  const Values* values;               // they may be set anew
  const meb_plugin_function* custom;  // of the plug-in
};

template <class B>
struct Task {
  using R = typename B::real;
  using F = typename B::scalar;
  using C = Complex<R>;
  void (*run)(const Task& task);
  const std::uint32_t* index;        // entries as Loop says; external waves, functions of the plug-in: Plan::indices
  std::uint32_t n_left, n_right, n;  // of one half each, then whole ones
  bool accumulate, fill;
  C* out;
  const C* in[3];
  std::uint32_t n_in;
  std::uint32_t n_state[3];  // of the inputs
  const C* coefficient[3];
  const Momentum<R>* momentum[3];  // of the inputs
  const Numerator<B>* propagator;  // its denominator is in the coefficients
  const Step* step;
  const Plan* plan;
  const Arrays<B>* arrays;

  F parameter(std::uint32_t index_of) const {
    return index_of == none ? F(0) : static_cast<F>(arrays->values->parameter[index_of]);
  }
};

template <PropagatorKind kind, class B>
MEB_INLINE void propagate(const Numerator<B>& propagator, Complex<typename B::real>* d) {
  if constexpr (kind == PropagatorKind::vector_massless) propagator.massless_vector(d);
  if constexpr (kind == PropagatorKind::vector_massive) propagator.massive_vector(d);
  if constexpr (kind == PropagatorKind::fermion_out) propagator.fermion_out(d);
  if constexpr (kind == PropagatorKind::fermion_in) propagator.fermion_in(d);
}

}  // namespace meb::MEB_TARGET
