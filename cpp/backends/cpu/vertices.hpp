// The loops over helicity states of vertices, one function for each structure and propagator.
#pragma once

#include "backends/cpu/task.hpp"

namespace meb::MEB_TARGET {

// A kernel gets the states of the inputs, D and the coupling c, in which the denominator of the propagator is.
template <class B>
struct Vertices {
  using T = Task<B>;
  using R = typename B::real;
  using C = Complex<R>;
  using Index = const std::uint32_t*;
  using Run = void (*)(const T&);
  // Up to so many states of an input, what depends on it alone is done once; so many of two inputs.
  static constexpr std::uint32_t max_state = 16, max_pair = 64;

  template <PropagatorKind kind, int n_in, int n_out, class Kernel>
  MEB_INLINE static void loop(const T& t, Kernel kernel) {
    const Numerator<B> propagator = kind != PropagatorKind::absent ? in_registers(*t.propagator) : Numerator<B>{};
    Index index = t.index;
    for (std::uint32_t n = 0; n < t.n; ++n, index += n_in + 1) {
      C* out = t.out + index[0] * n_out;
      C d[n_out];
      kernel(index + 1, d);
      if (t.accumulate)
        for (int k = 0; k < n_out; ++k) d[k] = d[k] + out[k];
      propagate<kind>(propagator, d);
      for (int k = 0; k < n_out; ++k) out[k] = d[k];
    }
  }

#define MEB_KERNEL [&](Index i, C * d) MEB_LAMBDA

  template <Op op, Chirality chirality, PropagatorKind kind>
  static void ffv(const T& t) {
    const C *a = t.in[0], *b = t.in[1], cl = *t.coefficient[0], cr = *t.coefficient[1];
    if (op == Op::ffv_3 ? t.n_state[0] > max_state : chirality == Chirality::general || t.n_state[1] > max_state) {
      loop<kind, 2, 4>(t, MEB_KERNEL { ffv_any<op, chirality>(a + 4 * i[0], b + 4 * i[1], cl, cr, d); });
    } else if constexpr (op == Op::ffv_3) {  // the couplings once for each spinor
      C f[max_state][4];
      for (std::uint32_t n = 0; n < t.n_state[0]; ++n)
        for (int k = 0; k < 4; ++k) f[n][k] = (chirality == Chirality::general && k > 1 ? cr : cl) * a[4 * n + k];
      constexpr Chirality both = chirality == Chirality::general ? Chirality::vector : chirality;
      loop<kind, 2, 4>(t, MEB_KERNEL { ffv_3<both>(f[i[0]], b + 4 * i[1], One{}, One{}, d); });
    } else {  // the coupling once for each vector
      LightCone<R> q[max_state];
      for (std::uint32_t v = 0; v < t.n_state[1]; ++v) q[v] = cl * light_cone(b + 4 * v);
      loop<kind, 2, 4>(t, MEB_KERNEL { ffv_any<op, chirality>(a + 4 * i[0], q[i[1]], One{}, One{}, d); });
    }
  }
  template <Op op, Chirality chirality, class Vector, class K>
  MEB_INLINE static void ffv_any(const C* a, const Vector& b, K cl, K cr, C* d) {
    if constexpr (op == Op::ffv_1) ffv_1<chirality>(a, b, cl, cr, d);
    if constexpr (op == Op::ffv_2) ffv_2<chirality>(a, b, cl, cr, d);
    if constexpr (op == Op::ffv_3 && std::is_pointer_v<Vector>) ffv_3<chirality>(a, b, cl, cr, d);
  }

  // Where one part of the coupling counts: half of a spinor in, half of D out; of two spinors the halves
  // that meet in it.
  template <Op op, PropagatorKind kind, bool massive>
  static void ffv_half(const T& t) {
    const C cl = *t.coefficient[0], cr = *t.coefficient[1];
    if (op == Op::ffv_3 || t.n_state[1] > max_state) {
      const auto q = [&](std::uint32_t v) MEB_LAMBDA { return t.in[1] + 4 * v; };
      return ffv_parts<op, kind, massive>(t, q, cl, cr);
    }
    LightCone<R> cone[max_state];
    const auto q = [&](std::uint32_t v) MEB_LAMBDA { return cone[v]; };
    if (t.coefficient[0] == t.coefficient[1]) {  // the coupling once for each vector
      for (std::uint32_t v = 0; v < t.n_state[1]; ++v) cone[v] = cl * light_cone(t.in[1] + 4 * v);
      ffv_parts<op, kind, massive>(t, q, One{}, One{});
    } else {
      for (std::uint32_t v = 0; v < t.n_state[1]; ++v) cone[v] = light_cone(t.in[1] + 4 * v);
      ffv_parts<op, kind, massive>(t, q, cl, cr);
    }
  }
  template <Op op, PropagatorKind kind, bool massive, class Vector, class K>
  MEB_INLINE static void ffv_parts(const T& t, Vector vector, K cl, K cr) {
    const Numerator<B> propagator = kind != PropagatorKind::absent ? in_registers(*t.propagator) : Numerator<B>{};
    Index index = t.index;
    for (std::uint32_t n = 0; n < t.n_left; ++n, index += 3)
      ffv_part<op, Chirality::left, kind, massive>(t, index, vector(index[2]), propagator, cl);
    for (std::uint32_t n = 0; n < t.n_right; ++n, index += 3)
      ffv_part<op, Chirality::right, kind, massive>(t, index, vector(index[2]), propagator, cr);
  }
  template <Op op, Chirality chirality, PropagatorKind kind, bool massive, class Vector, class K>
  MEB_INLINE static void ffv_part(const T& t, Index index, const Vector& b, const Numerator<B>& propagator, K k) {
    constexpr bool upper = (op == Op::ffv_1) == (chirality == Chirality::left);  // half of D
    constexpr int own = upper ? 0 : 2, begin = op == Op::ffv_3 ? 0 : own, end = op == Op::ffv_3 ? 4 : own + 2;
    C d[4], *out = t.out + 4 * index[0];
    ffv_any<op, chirality>(t.in[0] + 4 * index[1], b, k, k, d);
    if (t.accumulate)
      for (int j = begin; j < end; ++j) d[j] = d[j] + out[j];
    if constexpr (op == Op::ffv_3) {
      propagate<kind>(propagator, d);
      for (int j = 0; j < 4; ++j) out[j] = d[j];
    } else {
      if constexpr (kind == PropagatorKind::fermion_out) propagator.template half_out<upper, massive>(d);
      if constexpr (kind == PropagatorKind::fermion_in) propagator.template half_in<upper, massive>(d);
      constexpr bool both = kind != PropagatorKind::absent && massive;
      constexpr int result = kind == PropagatorKind::absent ? own : 2 - own;
      for (int j = 0; j < 4; ++j) {
        if (both || j / 2 == result / 2) {
          out[j] = d[j];
        } else if (t.fill) {
          out[j] = C{};
        }
      }
    }
  }
  static void zeros(const T& t) {
    const std::uint32_t n_component = t.step->n_component;
    Index index = t.index;
    for (std::uint32_t n = 0; n < t.n; ++n, index += t.n_in + 1)
      for (std::uint32_t k = 0; k < n_component; ++k) t.out[index[0] * n_component + k] = C{};
  }

  template <PropagatorKind kind>
  static void ffs_1(const T& t) {
    const C *a = t.in[0], *b = t.in[1], cl = *t.coefficient[0], cr = *t.coefficient[1];
    loop<kind, 2, 4>(t, MEB_KERNEL { ffs_f(a + 4 * i[0], b[i[1]], cl, cr, d); });
  }
  template <PropagatorKind kind>
  static void ffs_3(const T& t) {
    const C *a = t.in[0], *b = t.in[1], cl = *t.coefficient[0], cr = *t.coefficient[1];
    loop<kind, 2, 1>(t, MEB_KERNEL { *d = ffs_s(a + 4 * i[0], b + 4 * i[1], cl, cr); });
  }
  template <PropagatorKind kind>
  static void vvv(const T& t) {
    const C *a = t.in[0], *b = t.in[1], c = *t.coefficient[0];
    const Momentum<R> p2 = in_registers(*t.momentum[0]), p3 = in_registers(*t.momentum[1]), q = p2 - p3;
    if (t.n_state[0] > max_state || t.n_state[1] > max_state)
      return loop<kind, 2, 4>(t, MEB_KERNEL { vvv_1(a + 4 * i[0], p2, b + 4 * i[1], p3, c, d); });
    C on2[max_state], on3[max_state];
    for (std::uint32_t n = 0; n < t.n_state[0]; ++n) on2[n] = vvv_1_on2(a + 4 * n, p2, p3, c);
    for (std::uint32_t n = 0; n < t.n_state[1]; ++n) on3[n] = vvv_1_on3(p2, b + 4 * n, p3, c);
    loop<kind, 2, 4>(t, MEB_KERNEL { vvv_1(a + 4 * i[0], on2[i[0]], b + 4 * i[1], on3[i[1]], q, c, d); });
  }
  template <PropagatorKind kind>
  static void vvvv(const T& t) {
    const C *a = t.in[0], *b = t.in[1], *c = t.in[2];
    const C c1 = *t.coefficient[0], c2 = *t.coefficient[1], c3 = *t.coefficient[2];
    const std::uint32_t n_b = t.n_state[1], n_c = t.n_state[2];
    if (t.n_state[0] * n_b > max_pair || t.n_state[0] * n_c > max_pair || n_b * n_c > max_pair)
      return loop<kind, 3, 4>(t, MEB_KERNEL { vvvv_1(a + 4 * i[0], b + 4 * i[1], c + 4 * i[2], c1, c2, c3, d); });
    C bc[max_pair], ac[max_pair], ab[max_pair];
    pairs(b, n_b, c, n_c, c1, bc);
    pairs(a, t.n_state[0], c, n_c, c2, ac);
    pairs(a, t.n_state[0], b, n_b, c3, ab);
    loop<kind, 3, 4>(
        t, MEB_KERNEL {
          vvvv_1(a + 4 * i[0], bc[i[1] * n_c + i[2]], b + 4 * i[1], ac[i[0] * n_c + i[2]], c + 4 * i[2],
                 ab[i[0] * n_b + i[1]], d);
        });
  }
  // k a.b of all states
  MEB_INLINE static void pairs(const C* a, std::uint32_t n_a, const C* b, std::uint32_t n_b, C k, C* out) {
    for (std::uint32_t i = 0; i < n_a; ++i)
      for (std::uint32_t j = 0; j < n_b; ++j) *out++ = k * dot(a + 4 * i, b + 4 * j);
  }
  template <PropagatorKind kind>
  static void vvs_1(const T& t) {
    const C *a = t.in[0], *b = t.in[1], k = *t.coefficient[0];
    loop<kind, 2, 4>(t, MEB_KERNEL { lower(a + 4 * i[0], k * b[i[1]], d); });
  }
  template <PropagatorKind kind>
  static void vvs_3(const T& t) {
    const C *a = t.in[0], *b = t.in[1], k = *t.coefficient[0];
    loop<kind, 2, 1>(t, MEB_KERNEL { *d = k * dot(a + 4 * i[0], b + 4 * i[1]); });
  }
  template <PropagatorKind kind>
  static void vvss_1(const T& t) {
    const C *a = t.in[0], *b = t.in[1], *c = t.in[2], k = *t.coefficient[0];
    loop<kind, 3, 4>(t, MEB_KERNEL { lower(a + 4 * i[0], k * (b[i[1]] * c[i[2]]), d); });
  }
  template <PropagatorKind kind>
  static void vvss_3(const T& t) {
    const C *a = t.in[0], *b = t.in[1], *c = t.in[2], k = *t.coefficient[0];
    if (t.n_state[2] == 1) {  // a leg of the process
      const C kc = k * c[0];
      return loop<kind, 3, 1>(t, MEB_KERNEL { *d = kc * dot(a + 4 * i[0], b + 4 * i[1]); });
    }
    loop<kind, 3, 1>(t, MEB_KERNEL { *d = k * c[i[2]] * dot(a + 4 * i[0], b + 4 * i[1]); });
  }
  template <PropagatorKind kind>
  static void vss_1(const T& t) {
    const C *a = t.in[0], *b = t.in[1], c = *t.coefficient[0];
    const Momentum<R> p = in_registers(*t.momentum[0]), q = in_registers(*t.momentum[1]);
    loop<kind, 2, 4>(t, MEB_KERNEL { MEB_TARGET::vss_1(a[i[0]], p, b[i[1]], q, c, d); });
  }
  template <PropagatorKind kind>
  static void vss_2(const T& t) {
    const C *a = t.in[0], *b = t.in[1], c = *t.coefficient[0];
    const Momentum<R> p = in_registers(*t.momentum[0]), q = in_registers(*t.momentum[1]), sum = p + q + q;
    if (t.n_state[1] == 1) {  // a leg of the process
      const C k = c * b[0];
      return loop<kind, 2, 1>(t, MEB_KERNEL { *d = MEB_TARGET::vss_2(a + 4 * i[0], sum, k); });
    }
    loop<kind, 2, 1>(t, MEB_KERNEL { *d = MEB_TARGET::vss_2(a + 4 * i[0], sum, c * b[i[1]]); });
  }
  template <PropagatorKind kind>
  static void sss(const T& t) {
    const C *a = t.in[0], *b = t.in[1], k = *t.coefficient[0];
    loop<kind, 2, 1>(t, MEB_KERNEL { *d = k * (a[i[0]] * b[i[1]]); });
  }
  template <PropagatorKind kind>
  static void ssss(const T& t) {
    const C *a = t.in[0], *b = t.in[1], *c = t.in[2], k = *t.coefficient[0];
    loop<kind, 3, 1>(t, MEB_KERNEL { *d = k * (a[i[0]] * b[i[1]] * c[i[2]]); });
  }
#undef MEB_KERNEL

  // get's instance for the propagator of a step: absent, or one of `kinds` (load_program sees to that)
  template <PropagatorKind... kinds, class Get>
  static Run pick(PropagatorKind kind, Get get) {
    Run run = get.template operator()<PropagatorKind::absent>();
    ((kind == kinds ? void(run = get.template operator()<kinds>()) : void()), ...);
    return run;
  }
  template <class Get>
  static Run fermion(PropagatorKind kind, Get get) {
    return pick<PropagatorKind::fermion_out, PropagatorKind::fermion_in>(kind, get);
  }
  template <class Get>
  static Run vector(PropagatorKind kind, Get get) {
    return pick<PropagatorKind::vector_massless, PropagatorKind::vector_massive>(kind, get);
  }
  template <class Get>
  static Run scalar(PropagatorKind kind, Get get) {
    return pick<PropagatorKind::scalar>(kind, get);
  }

#define MEB_ANY_KIND(...) []<PropagatorKind kind> { return &__VA_ARGS__; }
  template <Chirality chirality>
  static Run choose_ffv(Op op, PropagatorKind propagator) {
    if (op == Op::ffv_1) return fermion(propagator, MEB_ANY_KIND(ffv<Op::ffv_1, chirality, kind>));
    if (op == Op::ffv_2) return fermion(propagator, MEB_ANY_KIND(ffv<Op::ffv_2, chirality, kind>));
    return vector(propagator, MEB_ANY_KIND(ffv<Op::ffv_3, chirality, kind>));
  }
  // Loops over states of one half.
  template <Op op, PropagatorKind... kinds>
  static Run choose_half(PropagatorKind propagator, bool massive) {
    return massive ? pick<kinds...>(propagator, MEB_ANY_KIND(ffv_half<op, kind, true>))
                   : pick<kinds...>(propagator, MEB_ANY_KIND(ffv_half<op, kind, false>));
  }
  static Run choose_half(const Step& s) {
    const auto propagator = static_cast<PropagatorKind>((s.flags >> flag::propagator_shift) & flag::propagator_mask);
    using enum PropagatorKind;
    const bool massive = s.instruction->mass != none;
    if (s.op == Op::ffv_1) return choose_half<Op::ffv_1, fermion_out, fermion_in>(propagator, massive);
    if (s.op == Op::ffv_2) return choose_half<Op::ffv_2, fermion_out, fermion_in>(propagator, massive);
    return vector(propagator, MEB_ANY_KIND(ffv_half<Op::ffv_3, kind, true>));
  }
  static Run choose(const Step& s) {
    const auto propagator = static_cast<PropagatorKind>((s.flags >> flag::propagator_shift) & flag::propagator_mask);
    switch (s.op) {
      case Op::ffv_1:
      case Op::ffv_2:
      case Op::ffv_3:
        switch (static_cast<Chirality>((s.flags >> flag::chirality_shift) & flag::chirality_mask)) {
          case Chirality::vector: return choose_ffv<Chirality::vector>(s.op, propagator);
          case Chirality::left: return choose_ffv<Chirality::left>(s.op, propagator);
          case Chirality::right: return choose_ffv<Chirality::right>(s.op, propagator);
          default: return choose_ffv<Chirality::general>(s.op, propagator);
        }
      case Op::ffs_1: return fermion(propagator, MEB_ANY_KIND(ffs_1<kind>));
      case Op::ffs_3: return scalar(propagator, MEB_ANY_KIND(ffs_3<kind>));
      case Op::vvv_1: return vector(propagator, MEB_ANY_KIND(vvv<kind>));
      case Op::vvvv_1: return vector(propagator, MEB_ANY_KIND(vvvv<kind>));
      case Op::vvs_1: return vector(propagator, MEB_ANY_KIND(vvs_1<kind>));
      case Op::vvs_3: return scalar(propagator, MEB_ANY_KIND(vvs_3<kind>));
      case Op::vvss_1: return vector(propagator, MEB_ANY_KIND(vvss_1<kind>));
      case Op::vvss_3: return scalar(propagator, MEB_ANY_KIND(vvss_3<kind>));
      case Op::vss_1: return vector(propagator, MEB_ANY_KIND(vss_1<kind>));
      case Op::vss_2: return scalar(propagator, MEB_ANY_KIND(vss_2<kind>));
      case Op::sss_1: return scalar(propagator, MEB_ANY_KIND(sss<kind>));
      case Op::ssss_1: return scalar(propagator, MEB_ANY_KIND(ssss<kind>));
      default: return nullptr;
    }
  }
#undef MEB_ANY_KIND
};

}  // namespace meb::MEB_TARGET
