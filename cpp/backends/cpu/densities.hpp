// AMP2 from density matrices: sum over helicities of |W.D|^2 = tr(rho_W rho_D^T).
#pragma once

#include "backends/cpu/task.hpp"
#include "kernels/density.hpp"

namespace meb::MEB_TARGET {

// Hermitian matrix as 16 real numbers: diagonal, then (re, im) of the upper triangle by rows.
template <class B>
void density(const Task<B>& t) {
  using R = typename B::real;
  R rho[16] = {};
  constexpr int row[] = {4, 10, 14, 16};  // where the pairs of each row begin
  const std::uint32_t* index = t.index;
  const auto add = [&]<int begin, int end>(std::uint32_t n_state) MEB_LAMBDA {
    for (std::uint32_t n = 0; n < n_state; ++n) {
      const Complex<R>* w = t.in[0] + 4 * *index++;
      Complex<R> x[4];
      for (int k = begin; k < end; ++k) x[k] = w[k];
      for (int i = begin; i < end; ++i) {
        rho[i] += x[i].re * x[i].re + x[i].im * x[i].im;
        for (int j = i + 1; j < end; ++j) {
          const int at = row[i] + 2 * (j - i - 1);
          rho[at] += x[i].re * x[j].re + x[i].im * x[j].im;
          rho[at + 1] += x[i].im * x[j].re - x[i].re * x[j].im;
        }
      }
    }
  };
  add.template operator()<0, 2>(t.n_left);
  add.template operator()<2, 4>(t.n_right);
  add.template operator()<0, 4>(t.n);
  for (int k = 0; k < 8; ++k) t.out[k] = {rho[2 * k], rho[2 * k + 1]};
}

template <bool vector, class R>
MEB_INLINE void ffv(Op op, const Density<R>& a, const Density<R>& b, Complex<R> cl, Complex<R> cr, Density<R>& out) {
  if (op == Op::ffv_1) return ffv_density<vector, ffv_1_terms>(a, b, cl, cr, out);
  if (op == Op::ffv_2) return ffv_density<vector, ffv_2_terms>(a, b, cl, cr, out);
  ffv_3_density<vector>(a, b, cl, cr, out);
}

// From the densities of the vertex's inputs.
template <class B>
void density_vertex(const Task<B>& t) {
  using R = typename B::real;
  using C = Complex<R>;
  const std::uint32_t flags = t.step->flags;
  const auto op = static_cast<Op>(flags >> flag::vertex_shift);
  const auto chirality = static_cast<Chirality>((flags >> flag::chirality_shift) & flag::chirality_mask);
  const auto kind = static_cast<PropagatorKind>((flags >> flag::propagator_shift) & flag::propagator_mask);
  const Density<R> a(t.in[0]), b(t.in[1]);
  Density<R> out;
  R factor = norm(*t.coefficient[0]);
  if (op == Op::vvv_1) {
    vvv_density(a, *t.momentum[0], b, *t.momentum[1], out);
  } else if (chirality == Chirality::vector) {
    ffv<true, R>(op, a, b, C{}, C{}, out);
  } else {
    factor = B::broadcast(1);
    const C cl = chirality == Chirality::right ? C{} : *t.coefficient[0];
    const C cr = chirality == Chirality::left ? C{} : *t.coefficient[1];
    ffv<false, R>(op, a, b, cl, cr, out);
  }
  if (kind != PropagatorKind::absent) {
    const Numerator<B> numerator = in_registers(*t.propagator);  // the denominator is in the coefficients
    if (kind == PropagatorKind::fermion_out) out.transform([&](C* d) MEB_LAMBDA { numerator.fermion_out(d); });
    if (kind == PropagatorKind::fermion_in) out.transform([&](C* d) MEB_LAMBDA { numerator.fermion_in(d); });
    if (kind == PropagatorKind::vector_massless) out.transform([&](C* d) MEB_LAMBDA { numerator.massless_vector(d); });
    if (kind == PropagatorKind::vector_massive) out.transform([&](C* d) MEB_LAMBDA { numerator.massive_vector(d); });
  }
  out.store(factor, t.out);
}

// sum_ij rho_ij sigma_ij
template <class B>
void trace(const Task<B>& t) {
  using R = typename B::real;
  const Complex<R>*a = t.in[0], *b = t.in[1];
  const R diagonal = a[0].re * b[0].re + a[0].im * b[0].im + a[1].re * b[1].re + a[1].im * b[1].im;
  R off{};
  for (int k = 2; k < 8; ++k) off += a[k].re * b[k].re - a[k].im * b[k].im;
  t.arrays->amp2[t.step->instruction->out] += diagonal + 2 * off;
}

}  // namespace meb::MEB_TARGET
