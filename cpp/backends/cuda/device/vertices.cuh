// External waves and vertices: one state of one event a lane, all lanes of a warp by the same operations.
#pragma once

#include "backends/cuda/device/events.cuh"

// Operations of the Program that is compiled, one bit each.
#if !defined(MEB_OPS)
#define MEB_OPS 0xffffffffu
#endif

// Bits of Schedule::ffv_mask, propagator_mask, external_mask.
#if !defined(MEB_FFV)
#define MEB_FFV 0xffffffffu
#define MEB_PROPAGATORS 0xffffffffu
#define MEB_EXTERNALS 0xffffffffu
#endif

namespace meb::MEB_TARGET {

MEB_DEVICE constexpr bool has(Op op, Chirality c) {
  return (MEB_FFV >> (4 * (static_cast<unsigned>(op) - 1) + static_cast<unsigned>(c))) & 1;
}
MEB_DEVICE constexpr bool has(PropagatorKind kind) { return (MEB_PROPAGATORS >> static_cast<unsigned>(kind)) & 1; }
MEB_DEVICE constexpr bool has_external(int kind, bool mass) { return (MEB_EXTERNALS >> (2 * kind + mass)) & 1; }
MEB_DEVICE constexpr bool has(Op op) { return (MEB_OPS >> static_cast<unsigned>(op)) & 1; }

// Whether every state is the result of one vertex.
#if !defined(MEB_ONE_TERM)
#define MEB_ONE_TERM 0
#endif

// Events of each lane: it decodes its tables once for all of them, and their arithmetic overlaps.
#if !defined(MEB_EACH)
#define MEB_EACH 1
#endif

template <class F>
class Vertices {
public:
  using B = Bundle<F>;
  using C = Complex<F>;

  MEB_INLINE Vertices(const cuda::Arguments& a, const SharedMemory<F>& memory) : a_(a), memory_(memory) {}

  // With two events a lane, or few warps, the next chunk's tables are loaded while the present one is computed.
  MEB_INLINE void run(const cuda::Phase& phase) const {
    for (int lane = Team::lane(); lane < 32; lane += Team::width) {
      // there and back where chunks, sorted by what they cost, are few
      const bool back = sizes(a_).n_kept == 0;
      const std::uint32_t n_warp = Team::n_warp();
      std::uint32_t c = Team::warp(), step = back ? 2 * (n_warp - c) - 1 : n_warp;
      const auto following = [&](std::uint32_t x) MEB_LAMBDA { return back ? 2 * n_warp - x : x; };
      if (c >= phase.n) return;
      if (MEB_EACH == 1 && sizes(a_).n_kept == 0) {
        for (; c < phase.n; c += step, step = following(step)) {
          const Work now = load(phase, c, lane);
          if (now.state < (now.chunk.extent & 0xffff)) compute(now);
        }
        continue;
      }
      Work next = load(phase, c, lane);
      for (; c < phase.n; c += step, step = following(step)) {
        const Work now = next;
        next = load(phase, c + step, lane);
        if (now.state < (now.chunk.extent & 0xffff)) compute(now);
      }
    }
  }

private:
  // What a lane has of a chunk.
  struct Work {
    cuda::Chunk chunk;
    std::uint32_t state, e;
    cuda::Item item;
    cuda::Term first;
  };

  // Of a chunk of the phase, the last where there are no more.
  MEB_INLINE Work load(const cuda::Phase& phase, std::uint32_t c, std::uint32_t lane) const {
    Work x;
    x.chunk = near_table(a_.tables.chunks, layout(a_).chunks)[phase.first + (c < phase.n ? c : phase.n - 1)];
    const std::uint32_t at = 32 * (x.chunk.extent >> 16) + lane, n = x.chunk.extent & 0xffff;
    x.state = at >> layout(a_).log_lanes;
    x.e = memory_.lane_event(at);
    const std::uint32_t state = x.state < n ? x.state : 0;
    x.item = near_table(a_.tables.items, layout(a_).items)[x.chunk.item + state];
    x.first = near_table(a_.tables.terms, layout(a_).terms)[x.chunk.term + state];
    return x;
  }

  // A term's numbers, and the events they are for.
  class Operands {
  public:
    MEB_INLINE Operands(const cuda::Arguments& a, const cuda::Term& term, std::uint32_t e) : a_(a), t_(term), e_(e) {}

    MEB_INLINE std::uint32_t in(int k) const {
      return k == 0 ? t_.word[0] & 0xffff : k == 1 ? t_.word[0] >> 16 : t_.word[1] & 0xffff;
    }
    MEB_INLINE std::uint32_t momentum(int k) const { return k == 0 ? t_.word[1] >> 16 : t_.word[2] & 0xffff; }
    MEB_INLINE std::uint32_t coefficient(int k) const {
      return k == 0 ? t_.word[2] >> 16 : k == 1 ? t_.word[3] & 0xffff : t_.word[3] >> 16;
    }
    MEB_INLINE std::uint32_t event() const { return e_; }

    // Of the lane's event number `each`.
    MEB_INLINE void wave(int each, int k, C* w) const { memory(each).load(e_, in(k), w); }
    MEB_INLINE C scalar(int each, int k) const { return memory(each).load(e_, in(k)); }
    MEB_INLINE Momentum<F> p(int each, int k) const { return memory(each).momentum(e_, momentum(k)); }
    MEB_INLINE C c(int each, int k) const { return memory(each).coefficient(e_, coefficient(k)); }

  private:
    MEB_INLINE SharedMemory<F> memory(int each) const { return events(a_, each); }

    const cuda::Arguments& a_;
    const cuda::Term t_;
    std::uint32_t e_;
  };

  MEB_INLINE static SharedMemory<F> events(const cuda::Arguments& a, int each) {
    return SharedMemory<F>(a, static_cast<std::uint32_t>(each) << layout(a).log_lanes);
  }

  // f(number of an event of this lane)
  template <class Function>
  MEB_INLINE static void each(Function f) {
    MEB_UNROLL
    for (int k = 0; k < MEB_EACH; ++k) f(k);
  }

  MEB_INLINE void compute(const Work& x) const {
    const std::uint32_t n = x.chunk.extent & 0xffff, n_term = MEB_ONE_TERM ? 1 : x.chunk.shape & 0xffff;
    C d[MEB_EACH][4] = {};
    std::uint64_t codes = x.chunk.codes;
    if (has(Op::external) && (codes & 255) == static_cast<std::uint32_t>(Op::external)) {
      const Operands t(a_, x.first, x.e);
      each([&](int k) {
        C wave[4] = {};
        external(t, events(a_, k), wave);
        store(x, k, wave);
      });
      return;
    }
    const cuda::Term* terms = near_table(a_.tables.terms, layout(a_).terms) + x.chunk.term + x.state;
    cuda::Term next = x.first;
    MEB_UNROLL_BY(1)
    for (std::uint32_t t = 0; t < n_term; ++t, codes >>= 8) {
      const Operands operands(a_, next, x.e);
      terms += n;
      next = *terms;  // the table goes on after the last
      add(t < cuda::n_code ? codes & 255 : global(a_.tables.ops)[x.chunk.op + t], operands, d);
    }
    if (x.chunk.shape >> 16 != 0) propagate(x, d);
    each([&](int k) { store(x, k, d[k]); });
  }

  MEB_INLINE void store(const Work& x, int each, const C* w) const {
    const std::uint32_t place = x.item.out & 0xffff, kept = x.item.propagator >> 16;
    if (sizes(a_).n_kept == 0 || place != cuda::no_index) events(a_, each).store(x.e, place, w);
    if (sizes(a_).n_kept == 0 || kept == 0) return;
    C* out = events(a_, each).kept(x.e, kept - 1);
    for (int i = 0; i < 4; ++i) out[i] = w[i];
  }

  MEB_INLINE void propagate(const Work& x, C (*d)[4]) const {
    const std::uint32_t number = x.item.propagator & 0xffff;
    const cuda::PropagatorValues& v = global(a_.values.propagators)[number];
    const F mass = F(v.mass), inverse_mass2 = F(v.inverse_mass2);
    each([&](int k) {
      const SharedMemory<F> memory = events(a_, k);
      const Propagator<B> propagator(memory.momentum(x.e, x.item.out >> 16), memory.inverse(x.e, number), mass,
                                     inverse_mass2);
      const auto is = [&](PropagatorKind kind)
                          MEB_LAMBDA { return has(kind) && x.chunk.shape >> 16 == static_cast<std::uint32_t>(kind); };
      if (is(PropagatorKind::vector_massless)) propagator.massless_vector(d[k]);
      if (is(PropagatorKind::vector_massive)) propagator.massive_vector(d[k]);
      if (is(PropagatorKind::fermion_out)) propagator.fermion_out(d[k]);
      if (is(PropagatorKind::fermion_in)) propagator.fermion_in(d[k]);
      if (is(PropagatorKind::scalar)) propagator.scalar(d[k]);
    });
  }

  // d += the derivative of one vertex.
  MEB_INLINE void add(std::uint32_t code, const Operands& t, C (*d)[4]) const {
    const Op op = static_cast<Op>(code & 31);
    const auto accumulate = [&](int k, const C* out) {
      for (int i = 0; i < 4; ++i) d[k][i] = MEB_ONE_TERM ? out[i] : d[k][i] + out[i];
    };
    if ((has(Op::ffv_1) || has(Op::ffv_2) || has(Op::ffv_3)) && op <= Op::ffv_3) {
      const Chirality c = static_cast<Chirality>(code >> 5);
      if (c == Chirality::vector) ffv<Chirality::vector>(op, t, accumulate);
      if (c == Chirality::left) ffv<Chirality::left>(op, t, accumulate);
      if (c == Chirality::right) ffv<Chirality::right>(op, t, accumulate);
      if (c == Chirality::general) ffv<Chirality::general>(op, t, accumulate);
    } else if (has(Op::vvv_1) && op == Op::vvv_1) {
      each([&](int k) {
        C v[4], w[4], out[4];
        t.wave(k, 0, v), t.wave(k, 1, w);
        vvv_1(v, t.p(k, 0), w, t.p(k, 1), t.c(k, 0), out);
        accumulate(k, out);
      });
    } else if (has(Op::vvvv_1) && op == Op::vvvv_1) {
      each([&](int k) {
        C u[4], v[4], w[4], out[4];
        t.wave(k, 0, u), t.wave(k, 1, v), t.wave(k, 2, w);
        vvvv_1(u, v, w, t.c(k, 0), t.c(k, 1), t.c(k, 2), out);
        accumulate(k, out);
      });
    } else {
      each([&](int k) {
        C out[4] = {};
        with_scalars(op, t, k, out);
        accumulate(k, out);
      });
    }
  }

  template <Chirality chirality, class Function>
  MEB_INLINE void ffv(Op op, const Operands& t, Function accumulate) const {
    if (has(Op::ffv_1, chirality) && op == Op::ffv_1)
      fermions<chirality>(t, accumulate,
                          [](const C* v, const C* w, C cl, C cr, C* out) { ffv_1<chirality>(v, w, cl, cr, out); });
    if (has(Op::ffv_2, chirality) && op == Op::ffv_2)
      fermions<chirality>(t, accumulate,
                          [](const C* v, const C* w, C cl, C cr, C* out) { ffv_2<chirality>(v, w, cl, cr, out); });
    if (has(Op::ffv_3, chirality) && op == Op::ffv_3)
      fermions<chirality>(t, accumulate,
                          [](const C* v, const C* w, C cl, C cr, C* out) { ffv_3<chirality>(v, w, cl, cr, out); });
  }

  template <Chirality chirality, class Function, class Vertex>
  MEB_INLINE void fermions(const Operands& t, Function accumulate, Vertex vertex) const {
    each([&](int k) {
      C v[4], w[4], out[4];
      t.wave(k, 0, v), t.wave(k, 1, w);
      const C cl = t.c(k, 0);
      const C cr = chirality == Chirality::vector || chirality == Chirality::left ? cl : t.c(k, 1);
      vertex(v, w, cl, cr, out);
      accumulate(k, out);
    });
  }

  MEB_INLINE void with_scalars(Op op, const Operands& t, int k, C* out) const {
    C v[4], w[4];
    t.wave(k, 0, v), t.wave(k, 1, w);
    const C c1 = t.c(k, 0);
    const C third = t.in(2) == cuda::no_index ? C{1, 0} : t.scalar(k, 2);
    if (has(Op::ffs_1) && op == Op::ffs_1) ffs_f(v, w[0], c1, t.c(k, 1), out);
    if (has(Op::ffs_3) && op == Op::ffs_3) out[0] = ffs_s(v, w, c1, t.c(k, 1));
    if ((has(Op::vvs_1) && op == Op::vvs_1) || (has(Op::vvss_1) && op == Op::vvss_1)) lower(v, c1 * w[0] * third, out);
    if ((has(Op::vvs_3) && op == Op::vvs_3) || (has(Op::vvss_3) && op == Op::vvss_3)) out[0] = c1 * third * dot(v, w);
    if (has(Op::vss_1) && op == Op::vss_1) vss_1(v[0], t.p(k, 0), w[0], t.p(k, 1), c1, out);
    if (has(Op::vss_2) && op == Op::vss_2) out[0] = vss_2(v, t.p(k, 0), w[0], t.p(k, 1), c1);
    if ((has(Op::sss_1) && op == Op::sss_1) || (has(Op::ssss_1) && op == Op::ssss_1)) out[0] = c1 * v[0] * w[0] * third;
  }

  MEB_INLINE void external(const Operands& t, const SharedMemory<F>& memory, C* out) const {
    const Momentum<F> p = memory.momentum(t.event(), t.in(0));
    const int helicity = static_cast<int>(t.in(1)) - 1, sign = (t.in(2) & 4) ? -1 : 1;
    const std::uint32_t place = t.coefficient(0);
    const F mass = place == cuda::no_index ? F(0) : F(global(a_.values.parameter)[place]);
    const int kind = static_cast<int>(t.in(2) & 3);
    if (kind == 3) {
      out[0] = {F(1), F(0)};
    } else if (kind == 2) {
      // without a mass in any, the compiler knows that it is 0
      vector_boson<B>(p, has_external(2, true) ? mass : F(0), helicity, sign, out);
    } else if (has_external(0, true) || has_external(1, true) || has_external(0, false) || has_external(1, false)) {
      const int flow_in = kind == 0 ? 1 : -1;
      if (!(has_external(0, true) || has_external(1, true)) || mass == 0)
        massless_fermion<B>(p, helicity, sign, flow_in, out);
      else
        massive_fermion<B>(p, mass, helicity, sign, flow_in, out);
    }
  }

  const cuda::Arguments& a_;
  SharedMemory<F> memory_;
};

}  // namespace meb::MEB_TARGET
