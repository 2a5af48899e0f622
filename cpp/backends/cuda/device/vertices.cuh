// External waves and vertices: one state of one event a lane, all lanes of a warp by the same operations.
#pragma once

#include "backends/cuda/device/events.cuh"

// Operations of the Program that is compiled, one bit each.
#if !defined(MEB_OPS)
#define MEB_OPS 0xffffffffu
#endif

namespace meb::MEB_TARGET {

MEB_DEVICE constexpr bool has(Op op) { return (MEB_OPS >> static_cast<unsigned>(op)) & 1; }

template <class F>
class Vertices {
public:
  using B = Bundle<F>;
  using C = Complex<F>;

  MEB_INLINE Vertices(const cuda::Arguments& a, const SharedMemory<F>& memory) : a_(a), memory_(memory) {}

  // The next chunk's tables are loaded while the present one is computed.
  MEB_INLINE void run(const cuda::Phase& phase) const {
    for (int i = Team::lane(); i < 32; i += Team::width) {
      std::uint32_t c = Team::warp();
      if (c >= phase.n) return;
      Work next = load(phase.first + c, i);
      while (c < phase.n) {
        const Work now = next;
        c += Team::n_warp();
        if (c < phase.n) next = load(phase.first + c, i);
        if (now.state < now.chunk.n) compute(now);
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

  MEB_INLINE Work load(std::uint32_t number, std::uint32_t lane) const {
    Work x;
    x.chunk = global(a_.tables.chunks)[number];
    const std::uint32_t at = 32 * x.chunk.index + lane;
    x.state = at >> layout(a_).log_events;
    x.e = at & (memory_.n_event() - 1);
    const std::uint32_t state = x.state < x.chunk.n ? x.state : 0;
    x.item = global(a_.tables.items)[x.chunk.item + state];
    x.first = global(a_.tables.terms)[x.chunk.term + state];
    return x;
  }

  MEB_INLINE void compute(const Work& x) const {
    const cuda::Chunk& chunk = x.chunk;
    const cuda::Item item = x.item;
    const std::uint32_t e = x.e;
    const cuda::Term* terms = global(a_.tables.terms) + chunk.term + x.state;
    C d[4] = {};
    if (has(Op::external) && chunk.code[0] == static_cast<std::uint32_t>(Op::external)) {
      C wave[4] = {};
      external(x.first, e, wave);
      return memory_.store(e, item.out, wave);
    }
    std::uint64_t codes = 0;
    for (std::uint32_t t = 0; t < cuda::n_code; ++t) codes |= std::uint64_t(chunk.code[t]) << 8 * t;
    cuda::Term next = x.first;
    for (std::uint32_t t = 0; t < chunk.n_term; ++t, codes >>= 8) {
      const cuda::Term term = next;
      terms += chunk.n;
      if (t + 1 < chunk.n_term) next = *terms;
      add(t < cuda::n_code ? codes & 255 : global(a_.tables.ops)[chunk.op + t], term, e, d);
    }
    if (chunk.propagator != 0) propagate(chunk, item, e, d);
    memory_.store(e, item.out, d);
  }

  MEB_INLINE void propagate(const cuda::Chunk& chunk, const cuda::Item& item, std::uint32_t e, C* d) const {
    const cuda::PropagatorValues& v = global(a_.values.propagators)[item.propagator];
    const Propagator<B> propagator(memory_.momentum(e, item.momentum), memory_.inverse(e, item.propagator), F(v.mass),
                                   F(v.inverse_mass2));
    switch (static_cast<PropagatorKind>(chunk.propagator)) {
      case PropagatorKind::vector_massless: return propagator.massless_vector(d);
      case PropagatorKind::vector_massive: return propagator.massive_vector(d);
      case PropagatorKind::fermion_out: return propagator.fermion_out(d);
      case PropagatorKind::fermion_in: return propagator.fermion_in(d);
      default: return propagator.scalar(d);
    }
  }

  // d += the derivative of one vertex.
  MEB_INLINE void add(std::uint32_t code, const cuda::Term t, std::uint32_t e, C* d) const {
    const Op op = static_cast<Op>(code & 31);
    const C c1 = memory_.coefficient(e, t.coefficient[0]);
    C out[4] = {};
    if ((has(Op::ffv_1) || has(Op::ffv_2) || has(Op::ffv_3)) && op <= Op::ffv_3) {
      switch (static_cast<Chirality>(code >> 5)) {
        case Chirality::vector: ffv<Chirality::vector>(op, t, e, c1, c1, out); break;
        case Chirality::left: ffv<Chirality::left>(op, t, e, c1, c1, out); break;
        case Chirality::right:
          ffv<Chirality::right>(op, t, e, c1, memory_.coefficient(e, t.coefficient[1]), out);
          break;
        default: ffv<Chirality::general>(op, t, e, c1, memory_.coefficient(e, t.coefficient[1]), out);
      }
    } else if (has(Op::vvv_1) && op == Op::vvv_1) {
      C v[4], w[4];
      memory_.load(e, t.in[0], v), memory_.load(e, t.in[1], w);
      vvv_1(v, memory_.momentum(e, t.momentum[0]), w, memory_.momentum(e, t.momentum[1]), c1, out);
    } else if (has(Op::vvvv_1) && op == Op::vvvv_1) {
      C u[4], v[4], w[4];
      memory_.load(e, t.in[0], u), memory_.load(e, t.in[1], v), memory_.load(e, t.in[2], w);
      vvvv_1(u, v, w, c1, memory_.coefficient(e, t.coefficient[1]), memory_.coefficient(e, t.coefficient[2]), out);
    } else {
      with_scalars(op, t, e, c1, out);
    }
    for (int k = 0; k < 4; ++k) d[k] = d[k] + out[k];
  }

  template <Chirality chirality>
  MEB_INLINE void ffv(Op op, const cuda::Term& t, std::uint32_t e, C cl, C cr, C* out) const {
    C v[4], w[4];
    memory_.load(e, t.in[0], v), memory_.load(e, t.in[1], w);
    if (has(Op::ffv_1) && op == Op::ffv_1) ffv_1<chirality>(v, w, cl, cr, out);
    if (has(Op::ffv_2) && op == Op::ffv_2) ffv_2<chirality>(v, w, cl, cr, out);
    if (has(Op::ffv_3) && op == Op::ffv_3) ffv_3<chirality>(v, w, cl, cr, out);
  }

  MEB_INLINE void with_scalars(Op op, const cuda::Term& t, std::uint32_t e, C c1, C* out) const {
    C v[4], w[4];
    memory_.load(e, t.in[0], v), memory_.load(e, t.in[1], w);
    const C third = t.in[2] == cuda::no_index ? C{1, 0} : memory_.load(e, t.in[2]);
    if (has(Op::ffs_1) && op == Op::ffs_1) ffs_f(v, w[0], c1, memory_.coefficient(e, t.coefficient[1]), out);
    if (has(Op::ffs_3) && op == Op::ffs_3) out[0] = ffs_s(v, w, c1, memory_.coefficient(e, t.coefficient[1]));
    if ((has(Op::vvs_1) && op == Op::vvs_1) || (has(Op::vvss_1) && op == Op::vvss_1)) lower(v, c1 * w[0] * third, out);
    if ((has(Op::vvs_3) && op == Op::vvs_3) || (has(Op::vvss_3) && op == Op::vvss_3)) out[0] = c1 * third * dot(v, w);
    if (has(Op::vss_1) && op == Op::vss_1)
      vss_1(v[0], memory_.momentum(e, t.momentum[0]), w[0], memory_.momentum(e, t.momentum[1]), c1, out);
    if (has(Op::vss_2) && op == Op::vss_2)
      out[0] = vss_2(v, memory_.momentum(e, t.momentum[0]), w[0], memory_.momentum(e, t.momentum[1]), c1);
    if ((has(Op::sss_1) && op == Op::sss_1) || (has(Op::ssss_1) && op == Op::ssss_1)) out[0] = c1 * v[0] * w[0] * third;
  }

  MEB_INLINE void external(const cuda::Term& t, std::uint32_t e, C* out) const {
    const Momentum<F> p = memory_.momentum(e, t.in[0]);
    const int helicity = static_cast<int>(t.in[1]) - 1, sign = (t.in[2] & 4) ? -1 : 1;
    const F mass = t.coefficient[0] == cuda::no_index ? F(0) : F(global(a_.values.parameter)[t.coefficient[0]]);
    switch (t.in[2] & 3) {
      case 3: out[0] = {F(1), F(0)}; return;
      case 2: return vector_boson<B>(p, mass, helicity, sign, out);
      default: break;
    }
    const int flow_in = (t.in[2] & 3) == 0 ? 1 : -1;
    if (mass == 0)
      massless_fermion<B>(p, helicity, sign, flow_in, out);
    else
      massive_fermion<B>(p, mass, helicity, sign, flow_in, out);
  }

  const cuda::Arguments& a_;
  SharedMemory<F> memory_;
};

}  // namespace meb::MEB_TARGET
