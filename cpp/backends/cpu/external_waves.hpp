// External waves: the helicity states of one leg.
#pragma once

#include "backends/cpu/task.hpp"

namespace meb::MEB_TARGET {

template <class B>
struct ExternalWaves {
  using T = Task<B>;
  using C = Complex<typename B::real>;

  // Stores no zeros.
  template <class Leg>
  struct Half {
    const Leg& leg;
    MEB_INLINE void wave(int helicity, C* out) const { leg.half(helicity, out + (leg.is_lower(helicity) ? 2 : 0)); }
  };

  // index: helicity + 1 of each state
  template <int n_component, class Leg>
  MEB_INLINE static void states(const T& t, const Leg& leg) {
    if (t.n == 2 && t.index[0] == 0 && t.index[1] == 2) {  // constants let the compiler simplify
      leg.wave(-1, t.out);
      leg.wave(1, t.out + n_component);
      return;
    }
    for (std::uint32_t n = 0; n < t.n; ++n) leg.wave(static_cast<int>(t.index[n]) - 1, t.out + n * n_component);
  }

  // flow_in: +1 for I, -1 for O
  template <int flow_in, int sign>
  static void fermion(const T& t) {
    const auto mass = t.parameter(t.step->instruction->mass);
    if (mass == 0) {
      const MasslessFermion<B> leg(*t.momentum[0], sign, flow_in);
      if (t.fill || t.step->instruction->mass != none) return states<4>(t, leg);
      return states<4>(t, Half<MasslessFermion<B>>{leg});
    }
    states<4>(t, MassiveFermion<B>(*t.momentum[0], mass, sign, flow_in));
  }
  template <int sign>
  static void vector(const T& t) {
    const auto mass = t.parameter(t.step->instruction->mass);
    if (mass == 0) return states<4>(t, VectorBoson<B>(*t.momentum[0], 0, sign));
    states<4>(t, VectorBoson<B>(*t.momentum[0], mass, sign));
  }
  static void scalar(const T& t) {
    for (std::uint32_t n = 0; n < t.n; ++n) t.out[n] = {B::broadcast(1), B::broadcast(0)};
  }

  static void (*choose(const Step& s))(const T&) {
    const bool minus = s.flags & flag::minus;
    switch ((s.flags >> flag::kind_shift) & flag::kind_mask) {
      case 0: return minus ? &fermion<1, -1> : &fermion<1, 1>;
      case 1: return minus ? &fermion<-1, -1> : &fermion<-1, 1>;
      case 2: return minus ? &vector<-1> : &vector<1>;
      default: return &scalar;
    }
  }
};

}  // namespace meb::MEB_TARGET
