// Coefficients of a page: linear forms in the couplings, and the factors of instructions made of them.
#pragma once

#include "backends/cpu/kinematics.hpp"

namespace meb::MEB_TARGET {

template <class B>
class Coefficients {
  using R = typename B::real;
  using F = typename B::scalar;
  using C = Complex<R>;

public:
  Coefficients(const Plan& plan, const Values& values)
      : plan_(plan),
        p_(*plan.program),
        values_(values),
        running_(p_.running_couplings.size()),
        recipes_(plan.factors.size()),
        terms_(n_term(plan)),
        constant_(plan.factors.size()),
        factors_(plan.factors.size()) {
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < plan.factors.size(); ++i) {
      const Factor& f = plan.factors[i];
      recipes_[i] = {f.propagator, n, n};
      for (const CoefficientTerm& t : p_.coefficients[f.coefficient])
        if (is_running(t)) terms_[n++] = term(t, f.negative);
      recipes_[i].end = n;
    }
  }

  // [Plan::factors]
  const C* factors() const { return factors_.data(); }

  // After new values of the constant couplings.
  void update() {
    for (std::size_t i = 0; i < plan_.factors.size(); ++i) {
      double re = 0, im = 0;
      for (const CoefficientTerm& t : p_.coefficients[plan_.factors[i].coefficient]) {
        if (is_running(t)) continue;
        const double one[2] = {1, 0}, *c = t.coupling == none ? one : &values_.coupling[2 * t.coupling];
        re += t.re * c[0] - t.im * c[1];
        im += t.re * c[1] + t.im * c[0];
      }
      const double sign = plan_.factors[i].negative ? -1 : 1;
      constant_[i] = {static_cast<F>(sign * re), static_cast<F>(sign * im)};
    }
  }

  void load(const PageOfEvents& page, const Kinematics<B>& kinematics) {
    load_running(page);
    const Propagator<B>* const propagators = kinematics.propagators();
    const Term* const terms = terms_.data();
    const C* const running = running_.data();
    C* out = factors_.data();
    const Constant* constant = constant_.data();
    const R zero = kinematics.zero();
    for (const Recipe *r = recipes_.data(), *end = r + plan_.factors.size(); r < end; ++r, ++out, ++constant) {
      C sum{zero + constant->re, zero + constant->im};
      for (std::uint32_t t = r->begin; t < r->end; ++t) add(terms[t], running[terms[t].coupling], sum);
      *out = r->propagator == none ? sum : sum * propagators[r->propagator].inverse;
    }
  }

private:
  // (re + i im) times a running coupling
  struct Term {
    std::uint32_t coupling;
    F re, im;
  };
  // Of a factor: its propagator, or none, and its terms with running couplings.
  struct Recipe {
    std::uint32_t propagator, begin, end;
  };
  struct Constant {
    F re, im;
  };

  bool is_running(const CoefficientTerm& t) const { return t.coupling != none && t.coupling >= p_.couplings.size(); }
  Term term(const CoefficientTerm& t, bool negative) const {
    const double sign = negative ? -1 : 1;
    return {t.coupling - static_cast<std::uint32_t>(p_.couplings.size()), static_cast<F>(sign * t.re),
            static_cast<F>(sign * t.im)};
  }
  static std::size_t n_term(const Plan& plan) {
    std::size_t n = 0;
    for (const Factor& f : plan.factors) n += plan.program->coefficients[f.coefficient].size();
    return n;
  }

  MEB_INLINE static void add(const Term& t, const C& c, C& sum) {
    if (t.re != 0) sum = sum + RealFactor<F>{t.re} * c;
    if (t.im != 0) sum = sum + ImaginaryFactor<F>{t.im} * c;
  }

  void load_running(const PageOfEvents& page) {
    const Batch& batch = *page.batch;
    const std::size_t n = p_.running_couplings.size();
    for (std::size_t k = 0; k < n; ++k) {
      const double* at = batch.running_coupling + 2 * k;
      running_[k] = batch.running_coupling_common
                        ? C{B::broadcast(static_cast<F>(at[0])), B::broadcast(static_cast<F>(at[1]))}
                        : load_complex<B>(page, at, 2 * n);
    }
  }

  const Plan& plan_;
  const Program& p_;
  const Values& values_;
  AlignedArray<C> running_;
  AlignedArray<Recipe> recipes_;  // [Plan::factors]
  AlignedArray<Term> terms_;
  AlignedArray<Constant> constant_;
  AlignedArray<C> factors_;
};

}  // namespace meb::MEB_TARGET
