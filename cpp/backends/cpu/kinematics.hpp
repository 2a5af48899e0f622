// Momenta of a page and the propagators along them.
#pragma once

#include "backends/cpu/inputs.hpp"
#include "backends/cpu/page.hpp"
#include "kernels/propagator.hpp"

namespace meb::MEB_TARGET {

template <class B>
class Kinematics {
  using R = typename B::real;
  using F = typename B::scalar;

public:
  Kinematics(const Plan& plan, const Values& values)
      : plan_(plan),
        p_(*plan.program),
        values_(values),
        momenta_(p_.momenta.size()),
        propagators_(plan.propagators.size()),
        masses_(plan.propagators.size()) {}

  // [Program::momenta]; the first are those of the legs, with sign +1
  const Momentum<R>* momenta() const { return momenta_.data(); }
  // [Plan::propagators]
  const Propagator<B>* propagators() const { return propagators_.data(); }

  // 0; NaN where a momentum is not finite, which a wave function that takes a maximum may not show.
  R zero() const { return zero_; }

  // After new values of masses and widths.
  void update() {
    for (std::size_t k = 0; k < plan_.propagators.size(); ++k) {
      const F mass = parameter(plan_.propagators[k].mass), width = parameter(plan_.propagators[k].width);
      new (&propagators_[k]) Propagator<B>(Momentum<R>{}, mass, width);
      masses_[k] = {mass * mass, mass * width};
    }
  }

  void load(const PageOfEvents& page) {
    load_momenta(page);
    for (std::size_t k = 0; k < plan_.propagators.size(); ++k) {
      const Momentum<R> q = in_registers(momenta_[plan_.propagators[k].momentum]);
      Propagator<B>& propagator = propagators_[k];
      store(q, propagator.q);
      propagator.inverse = Propagator<B>::inverse_of(q, masses_[k].squared, masses_[k].times_width);
    }
  }

private:
  struct Mass {
    F squared, times_width;
  };

  F parameter(std::uint32_t index) const { return index == none ? F(0) : static_cast<F>(values_.parameter[index]); }

  // Component by component: a struct is copied through memory.
  MEB_INLINE static void store(const Momentum<R>& p, Momentum<R>& to) {
    to.e = p.e, to.x = p.x, to.y = p.y, to.z = p.z;
  }

  void load_momenta(const PageOfEvents& page) {
    Momentum<R>* const momenta = momenta_.data();
    const MomentumSum* const sums = p_.momenta.data();
    R sum_of_all{};
    for (std::size_t m = 0; m < p_.n_leg; ++m) {
      const Momentum<R> p = load_momentum<B>(page, p_.n_leg, sums[m].leg);
      store(p, momenta[m]);
      sum_of_all += (p.e + p.x) + (p.y + p.z);
    }
    zero_ = sum_of_all - sum_of_all;
    for (std::size_t m = p_.n_leg; m < p_.momenta.size(); ++m) {
      const MomentumSum& s = sums[m];
      if (s.leg != none) {
        store(s.sign < 0 ? -momenta[s.leg] : in_registers(momenta[s.leg]), momenta[m]);
      } else {
        Momentum<R> sum = momenta[s.in[0]] + momenta[s.in[1]];
        if (s.in[2] != none) sum = sum + momenta[s.in[2]];
        store(sum, momenta[m]);
      }
    }
  }

  const Plan& plan_;
  const Program& p_;
  const Values& values_;
  AlignedArray<Momentum<R>> momenta_;
  AlignedArray<Propagator<B>> propagators_;
  AlignedArray<Mass> masses_;
  R zero_{};
};

}  // namespace meb::MEB_TARGET
