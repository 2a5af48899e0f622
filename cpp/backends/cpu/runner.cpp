// Runs a Plan on one page of events. Compiled once for each mode (MEB_TARGET, MEB_WIDTH).
//
// Nothing here may instantiate a template outside meb::MEB_TARGET that is not inlined (a
// std::vector that grows, a shared_ptr): the linker keeps one copy for all modes.
#include <cstdlib>
#include <new>

#include "backends/cpu/custom.hpp"
#include "backends/cpu/page.hpp"
#include "kernels/propagator.hpp"

namespace meb::MEB_TARGET {
namespace {

template <class T>
class AlignedArray {
public:
  explicit AlignedArray(std::size_t n)
      : data_(static_cast<T*>(std::aligned_alloc(64, (n * sizeof(T) + 127) / 64 * 64))) {
    if (!data_) throw std::bad_alloc();
    for (std::size_t i = 0; i < n; ++i) data_[i] = T{};
  }
  ~AlignedArray() { std::free(data_); }
  AlignedArray(const AlignedArray&) = delete;
  AlignedArray& operator=(const AlignedArray&) = delete;
  const T* data() const { return data_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }

private:
  T* data_;
};

// F: amplitudes; G: colour sum, with the same number of lanes.
template <class F, class G>
class Runner final : public PageRunner {
  using B = Bundle<F>;
  using R = typename B::real;
  using C = Complex<R>;
  static constexpr int V = B::lanes;
  using ColorVector = Vector<G, MEB_WIDTH == 0 ? 0 : V * static_cast<int>(sizeof(G))>;
  using Rc = typename ColorVector::type;

public:
  explicit Runner(const RunnerInput& input)
      : plan_(input.plan),
        p_(*plan_->program),
        values_(input.values),
        custom_(input.custom),
        arena_(plan_->arena_size),
        momenta_(p_.momenta.size()),
        coefficients_(p_.coefficients.size()),
        running_(p_.running_couplings.size()),
        jamp_(2 * (p_.n_row() + 3)),
        jamp2_(p_.n_flow),
        n_amp2_(p_.amp2_diagrams.size()),
        amp2_(n_amp2_),
        mask_(plan_->n_active()),
        color_(input.n_color) {
    for (std::size_t i = 0; i < input.n_color; ++i) color_[i] = static_cast<G>(input.color[i]);
  }

  int lanes() const override { return V; }

  void run(const Batch& batch, std::size_t first, std::size_t count, bool with_amp2, PageResult& result) override {
    load_momenta(batch, first, count);
    load_coefficients(batch, first, count);
    masked_ = batch.helicity_in != nullptr;
    if (masked_) load_mask(batch, first, count);
    for (std::size_t d = 0; d < n_amp2_; ++d) amp2_[d] = R{};
    const unsigned amp2 =
        plan_->densities_exact && !masked_ ? need::amp2_densities : need::amp2_amplitudes;
    const unsigned wanted = need::jamp | (with_amp2 ? amp2 : 0);
    for (const Step& s : plan_->steps)
      if (s.need & wanted) execute(s);
    sum_colors(result);
    if (with_amp2)
      for (std::size_t d = 0; d < n_amp2_; ++d) store(&result.amp2[d * max_lanes], amp2_[d]);
  }

private:
  static std::size_t event(std::size_t first, std::size_t count, int lane) {
    return first + (static_cast<std::size_t>(lane) < count ? lane : count - 1);  // a short page repeats its last event
  }
  template <class Real>
  static void store(double* out, const Real& x) {
    if constexpr (V == 1) {
      out[0] = static_cast<double>(x);
    } else {
      for (int v = 0; v < V; ++v) out[v] = static_cast<double>(x[v]);
    }
  }
  F parameter(std::uint32_t index) const { return index == none ? F(0) : static_cast<F>(values_->parameter[index]); }

  void load_momenta(const Batch& batch, std::size_t first, std::size_t count) {
    F page[4 * V];
    for (std::size_t m = 0; m < p_.momenta.size(); ++m) {
      const MomentumSum& sum = p_.momenta[m];
      Momentum<R>& q = momenta_[m];
      if (sum.leg == none) {
        q = momenta_[sum.in[0]] + momenta_[sum.in[1]];
        if (sum.in[2] != none) q = q + momenta_[sum.in[2]];
        continue;
      }
      for (int v = 0; v < V; ++v) {
        const double* p = batch.momenta + (event(first, count, v) * p_.n_leg + sum.leg) * 4;
        for (int k = 0; k < 4; ++k) page[k * V + v] = static_cast<F>(sum.sign * p[k]);
      }
      q = {B::load(page), B::load(page + V), B::load(page + 2 * V), B::load(page + 3 * V)};
    }
  }

  C running_coupling(const Batch& batch, std::size_t first, std::size_t count, std::size_t index) const {
    const std::size_t n = p_.running_couplings.size();
    F re[V], im[V];
    for (int v = 0; v < V; ++v) {
      const std::size_t e = batch.running_coupling_common ? 0 : event(first, count, v);
      const double* c = batch.running_coupling + (e * n + index) * 2;
      re[v] = static_cast<F>(c[0]);
      im[v] = static_cast<F>(c[1]);
    }
    return {B::load(re), B::load(im)};
  }

  void load_coefficients(const Batch& batch, std::size_t first, std::size_t count) {
    const std::size_t n_constant = p_.couplings.size();
    for (std::size_t k = 0; k < p_.running_couplings.size(); ++k)
      running_[k] = running_coupling(batch, first, count, k);
    for (std::size_t i = 0; i < p_.coefficients.size(); ++i) {
      C sum{};
      for (const auto& t : p_.coefficients[i]) {
        const C factor{B::broadcast(F(t.re)), B::broadcast(F(t.im))};
        if (t.coupling == none) {
          sum = sum + factor;
        } else if (t.coupling >= n_constant) {
          sum = sum + factor * running_[t.coupling - n_constant];
        } else {
          const double* c = &values_->coupling[2 * t.coupling];
          sum = sum + factor * C{B::broadcast(F(c[0])), B::broadcast(F(c[1]))};
        }
      }
      coefficients_[i] = sum;
    }
  }

  void load_mask(const Batch& batch, std::size_t first, std::size_t count) {
    F page[V];
    for (std::size_t a = 0; a < plan_->n_active(); ++a) {
      for (int v = 0; v < V; ++v) {
        const auto wanted = batch.helicity_in[event(first, count, v)];
        page[v] = wanted == 0 || wanted == static_cast<std::int32_t>(plan_->active[a]) + 1;
      }
      mask_[a] = B::load(page);
    }
  }

  void execute(const Step& s) {
    switch (s.op) {
      case Op::external: return external(s);
      case Op::dot: return dot(s);
      case Op::dot_jamp: return dot(s);
      case Op::jamp: return add_jamp(s);
      case Op::square: return square(s);
      case Op::density: return density(s);
      case Op::trace: return trace(s);
      case Op::custom: return custom(s);
      default: return vertex(s);
    }
  }

  void external(const Step& s) {
    const Instruction& x = *s.instruction;
    const auto kind = (x.flags >> flag::kind_shift) & flag::kind_mask;
    const int sign = (x.flags & flag::minus) ? -1 : 1;
    const F mass = parameter(x.mass);
    const Momentum<R>& p = leg_momentum(x.in[0]);
    C* out = &arena_[s.out];
    for (std::uint32_t n = 0; n < s.n; ++n, out += s.n_component) {
      const int helicity = static_cast<int>(plan_->indices[s.index + n]) - 1;
      if (kind == 3) {
        *out = {B::broadcast(F(1)), R{}};
      } else if (kind == 2) {
        vector_boson<B>(p, mass, helicity, sign, out);
      } else if (mass == 0) {
        massless_fermion<B>(p, helicity, sign, kind == 0 ? 1 : -1, out);
      } else {
        massive_fermion<B>(p, mass, helicity, sign, kind == 0 ? 1 : -1, out);
      }
    }
  }

  // The first momenta of a Program are those of the legs, with sign +1.
  const Momentum<R>& leg_momentum(std::uint32_t leg) { return momenta_[leg]; }

  template <int n_out, class Kernel>
  void loop(const Step& s, int n_in, Kernel kernel) {
    const std::uint32_t* index = &plan_->indices[s.index];
    const bool accumulate = s.flags & flag::accumulate;
    const auto kind = static_cast<PropagatorKind>((s.flags >> flag::propagator_shift) & flag::propagator_mask);
    C* out = &arena_[s.out];
    if (kind == PropagatorKind::absent) {
      for (std::uint32_t n = 0; n < s.n; ++n, index += n_in, out += n_out) {
        C d[n_out];
        kernel(index, d);
        put<n_out>(d, out, accumulate);
      }
      return;
    }
    const Instruction& x = *s.instruction;
    const Propagator<B> propagator(momenta_[p_.slots[x.out].momentum], parameter(x.mass), parameter(x.width));
    for (std::uint32_t n = 0; n < s.n; ++n, index += n_in, out += n_out) {
      C d[n_out];
      kernel(index, d);
      if (accumulate)
        for (int k = 0; k < n_out; ++k) d[k] = d[k] + out[k];
      propagate<n_out>(propagator, kind, d);
      for (int k = 0; k < n_out; ++k) out[k] = d[k];
    }
  }
  template <int n_out>
  MEB_INLINE static void put(const C* d, C* out, bool accumulate) {
    if (accumulate) {
      for (int k = 0; k < n_out; ++k) out[k] = out[k] + d[k];
    } else {
      for (int k = 0; k < n_out; ++k) out[k] = d[k];
    }
  }
  template <int n_out>
  MEB_INLINE static void propagate(const Propagator<B>& propagator, PropagatorKind kind, C* d) {
    if constexpr (n_out == 1) {
      propagator.scalar(d);
    } else {
      switch (kind) {
        case PropagatorKind::vector_massless: return propagator.massless_vector(d);
        case PropagatorKind::vector_massive: return propagator.massive_vector(d);
        case PropagatorKind::fermion_out: return propagator.fermion_out(d);
        default: return propagator.fermion_in(d);
      }
    }
  }

  const Momentum<R>& momentum_in(const Step& s, int k) { return momenta_[p_.slots[s.instruction->in[k]].momentum]; }

  template <Chirality chirality>
  void ffv(const Step& s) {
    const C *a = &arena_[s.in[0]], *b = &arena_[s.in[1]];
    const C cl = coefficients_[s.instruction->coefficient[0]], cr = coefficients_[s.instruction->coefficient[1]];
    if (s.op == Op::ffv_1) {
      loop<4>(s, 2, [=](const auto* i, C* d) { ffv_1<chirality>(a + 4 * i[0], b + 4 * i[1], cl, cr, d); });
    } else if (s.op == Op::ffv_2) {
      loop<4>(s, 2, [=](const auto* i, C* d) { ffv_2<chirality>(a + 4 * i[0], b + 4 * i[1], cl, cr, d); });
    } else {
      loop<4>(s, 2, [=](const auto* i, C* d) { ffv_3<chirality>(a + 4 * i[0], b + 4 * i[1], cl, cr, d); });
    }
  }

  void vertex(const Step& s) {
    const Instruction& x = *s.instruction;
    const C *a = &arena_[s.in[0]], *b = &arena_[s.in[1]], *c = &arena_[s.in[2]];
    const C c1 = coefficients_[x.coefficient[0]];
    switch (s.op) {
      case Op::ffv_1: case Op::ffv_2: case Op::ffv_3:
        switch (static_cast<Chirality>((s.flags >> flag::chirality_shift) & flag::chirality_mask)) {
          case Chirality::vector: return ffv<Chirality::vector>(s);
          case Chirality::left: return ffv<Chirality::left>(s);
          case Chirality::right: return ffv<Chirality::right>(s);
          default: return ffv<Chirality::general>(s);
        }
      case Op::ffs_1: {
        const C cr = coefficients_[x.coefficient[1]];
        return loop<4>(s, 2, [=](const auto* i, C* d) { ffs_f(a + 4 * i[0], b[i[1]], c1, cr, d); });
      }
      case Op::ffs_3: {
        const C cr = coefficients_[x.coefficient[1]];
        return loop<1>(s, 2, [=](const auto* i, C* d) { *d = ffs_s(a + 4 * i[0], b + 4 * i[1], c1, cr); });
      }
      case Op::vvv_1: {
        const Momentum<R> p = momentum_in(s, 0), q = momentum_in(s, 1);
        return loop<4>(s, 2, [=](const auto* i, C* d) { vvv_1(a + 4 * i[0], p, b + 4 * i[1], q, c1, d); });
      }
      case Op::vvvv_1: {
        const C c2 = coefficients_[x.coefficient[1]], c3 = coefficients_[x.coefficient[2]];
        return loop<4>(s, 3, [=](const auto* i, C* d) {
          vvvv_1(a + 4 * i[0], b + 4 * i[1], c + 4 * i[2], c1, c2, c3, d);
        });
      }
      case Op::vvs_1:
        return loop<4>(s, 2, [=](const auto* i, C* d) { lower(a + 4 * i[0], c1 * b[i[1]], d); });
      case Op::vvs_3:
        return loop<1>(s, 2, [=](const auto* i, C* d) { *d = c1 * meb::MEB_TARGET::dot(a + 4 * i[0], b + 4 * i[1]); });
      case Op::vvss_1:
        return loop<4>(s, 3, [=](const auto* i, C* d) { lower(a + 4 * i[0], c1 * b[i[1]] * c[i[2]], d); });
      case Op::vvss_3:
        return loop<1>(s, 3, [=](const auto* i, C* d) {
          *d = c1 * c[i[2]] * meb::MEB_TARGET::dot(a + 4 * i[0], b + 4 * i[1]);
        });
      case Op::vss_1: {
        const Momentum<R> p = momentum_in(s, 0), q = momentum_in(s, 1);
        return loop<4>(s, 2, [=](const auto* i, C* d) { vss_1(a[i[0]], p, b[i[1]], q, c1, d); });
      }
      case Op::vss_2: {
        const Momentum<R> p = momentum_in(s, 0), q = momentum_in(s, 1);
        return loop<1>(s, 2, [=](const auto* i, C* d) { *d = vss_2(a + 4 * i[0], p, b[i[1]], q, c1); });
      }
      case Op::sss_1:
        return loop<1>(s, 2, [=](const auto* i, C* d) { *d = c1 * a[i[0]] * b[i[1]]; });
      case Op::ssss_1:
        return loop<1>(s, 3, [=](const auto* i, C* d) { *d = c1 * a[i[0]] * b[i[1]] * c[i[2]]; });
      default: return;
    }
  }

  void custom(const Step& s) {
    const Instruction& x = *s.instruction;
    const Pages<R> pages{arena_.data(), &momenta_[0], &coefficients_[0]};
    C* out = &arena_[s.out];
    run_custom(*plan_, s, custom_[x.flags >> flag::custom_shift], pages, parameter(x.mass), parameter(x.width), out);
    const auto kind = static_cast<PropagatorKind>((s.flags >> flag::propagator_shift) & flag::propagator_mask);
    if (kind == PropagatorKind::absent) return;
    const Propagator<B> propagator(momenta_[p_.slots[x.out].momentum], parameter(x.mass), parameter(x.width));
    for (std::uint32_t n = 0; n < s.n; ++n, out += s.n_component)
      s.n_component == 4 ? propagate<4>(propagator, kind, out) : propagate<1>(propagator, kind, out);
  }

  // D stays in registers while the helicities of the wave run.
  template <int n_component, bool accumulate>
  void products(const Step& s) {
    const std::uint32_t* index = &plan_->indices[s.index];
    const C *wave = &arena_[s.in[0]], *current = &arena_[s.in[1]];
    const double* constant = &p_.constants[2 * s.instruction->coefficient[0]];
    const bool unit = constant[0] == 1 && constant[1] == 0;
    const C factor{B::broadcast(F(constant[0])), B::broadcast(F(constant[1]))};
    C* out = &arena_[s.out];
    for (std::uint32_t g = 0; g < s.n; ++g) {
      C d[n_component];
      for (int k = 0; k < n_component; ++k) d[k] = current[index[0] * n_component + k];
      if (!unit)
        for (int k = 0; k < n_component; ++k) d[k] = factor * d[k];
      const std::uint32_t n = index[1];
      index += 2;
      for (std::uint32_t i = 0; i < n; ++i, index += 2) {
        const C* w = wave + index[0] * n_component;
        C sum = accumulate ? out[index[1]] : C{};
        for (int k = 0; k < n_component; ++k) {
          sum.re += d[k].re * w[k].re;
          sum.im += d[k].re * w[k].im;
          sum.re -= d[k].im * w[k].im;
          sum.im += d[k].im * w[k].re;
        }
        out[index[1]] = sum;
      }
    }
  }
  void dot(const Step& s) {
    const bool accumulate = s.flags & flag::accumulate;
    if (s.n_component == 4) return accumulate ? products<4, true>(s) : products<4, false>(s);
    return accumulate ? products<1, true>(s) : products<1, false>(s);
  }

  void add_jamp(const Step& s) {
    const double* c = &p_.constants[2 * s.instruction->coefficient[0]];
    const F re = static_cast<F>(c[0]), im = static_cast<F>(c[1]);
    const C* amplitude = &arena_[s.in[0]];
    C* row = &arena_[s.out];
    const std::size_t n = plan_->n_active();
    if (!(s.flags & flag::accumulate)) {
      for (std::size_t h = 0; h < n; ++h) {
        const C a = amplitude[h];
        row[h] = {re * a.re - im * a.im, re * a.im + im * a.re};
      }
    } else if (im == 0) {
      for (std::size_t h = 0; h < n; ++h) {
        row[h].re += re * amplitude[h].re;
        row[h].im += re * amplitude[h].im;
      }
    } else if (re == 0) {
      for (std::size_t h = 0; h < n; ++h) {
        row[h].re -= im * amplitude[h].im;
        row[h].im += im * amplitude[h].re;
      }
    } else {
      for (std::size_t h = 0; h < n; ++h) {
        const C a = amplitude[h];
        row[h].re += re * a.re - im * a.im;
        row[h].im += re * a.im + im * a.re;
      }
    }
  }

  void square(const Step& s) {
    const C* a = &arena_[s.in[0]];
    R sum{};
    for (std::size_t h = 0; h < plan_->n_active(); ++h) {
      const R term = a[h].re * a[h].re + a[h].im * a[h].im;
      sum += masked_ ? term * mask_[h] : term;
    }
    amp2_[s.instruction->out] += sum;
  }

  // Hermitian matrix as 16 real numbers: diagonal, then (re, im) of the upper triangle by rows.
  void density(const Step& s) {
    const C* w = &arena_[s.in[0]];
    R rho[16] = {};
    for (std::uint32_t n = 0; n < s.n; ++n, w += 4) {
      int at = 4;
      for (int i = 0; i < 4; ++i) {
        rho[i] += w[i].re * w[i].re + w[i].im * w[i].im;
        for (int j = i + 1; j < 4; ++j, at += 2) {
          rho[at] += w[i].re * w[j].re + w[i].im * w[j].im;
          rho[at + 1] += w[i].im * w[j].re - w[i].re * w[j].im;
        }
      }
    }
    C* out = &arena_[s.out];
    for (int k = 0; k < 8; ++k) out[k] = {rho[2 * k], rho[2 * k + 1]};
  }

  // sum_ij rho_ij sigma_ij = sum over helicities of |sum_i W_i D_i|^2
  void trace(const Step& s) {
    const C *a = &arena_[s.in[0]], *b = &arena_[s.in[1]];
    R diagonal = a[0].re * b[0].re + a[0].im * b[0].im + a[1].re * b[1].re + a[1].im * b[1].im;
    R off{};
    for (int k = 2; k < 8; ++k) off += a[k].re * b[k].re - a[k].im * b[k].im;
    amp2_[s.instruction->out] += diagonal + 2 * off;
  }

  static Rc to_color(R x) {
    if constexpr (std::is_same_v<Rc, R>) {
      return x;
    } else if constexpr (V == 1) {
      return static_cast<Rc>(x);
    } else {
      return __builtin_convertvector(x, Rc);
    }
  }

  void sum_colors(PageResult& result) {
    for (std::size_t f = 0; f < p_.n_flow; ++f) jamp2_[f] = Rc{};
    const std::size_t n_active = plan_->n_active(), n_row = p_.n_row();
    Rc* j = &jamp_[0];
    for (std::size_t h = 0; h < n_active; ++h) {
      for (std::size_t r = 0; r < n_row; ++r) {
        const C& x = arena_[r * n_active + h];
        j[2 * r] = to_color(x.re);
        j[2 * r + 1] = to_color(x.im);
      }
      store(&result.matrix_element[h * max_lanes], quadratic_form(j, n_row));
      add_jamp2(j, h);
    }
    for (std::size_t f = 0; f < p_.n_flow; ++f) store(&result.jamp2[f * max_lanes], jamp2_[f]);
  }

  // sum_ij J_i^* C_ij J_j, four rows at a time.
  Rc quadratic_form(const Rc* jamp, std::size_t n_row) const {
    const G* c = color_.data();
    Rc total{};
    for (std::size_t i = 0; i < n_row; i += 4) {
      Rc re[4] = {}, im[4] = {};
      for (std::size_t j = i; j < n_row; ++j, c += 4) {
        const Rc x = jamp[2 * j], y = jamp[2 * j + 1];
        for (int k = 0; k < 4; ++k) {
          re[k] += c[k] * x;
          im[k] += c[k] * y;
        }
      }
      for (int k = 0; k < 4; ++k) total += re[k] * jamp[2 * (i + k)] + im[k] * jamp[2 * (i + k) + 1];
    }
    return total;
  }

  // JAMP2(flow) = sum over chosen pairs of split orders of |Re J_m J_n^*|
  void add_jamp2(const Rc* jamp, std::size_t h) {
    const std::size_t n_order = p_.n_split_order;
    for (std::size_t f = 0; f < p_.n_flow; ++f) {
      Rc sum{};
      for (std::size_t m = 0; m < n_order; ++m)
        for (std::size_t n = 0; n < n_order; ++n) {
          if (!p_.chosen_orders[m * n_order + n]) continue;
          const Rc *a = jamp + 2 * (f * n_order + m), *b = jamp + 2 * (f * n_order + n);
          const Rc term = a[0] * b[0] + a[1] * b[1];
          sum += term < 0 ? -term : term;
        }
      jamp2_[f] += masked_ ? sum * to_color(mask_[h]) : sum;
    }
  }

  const Plan* plan_;
  const Program& p_;
  const Values* values_;
  const meb_plugin_function* custom_;
  AlignedArray<C> arena_;
  AlignedArray<Momentum<R>> momenta_;
  AlignedArray<C> coefficients_, running_;
  AlignedArray<Rc> jamp_, jamp2_;
  std::size_t n_amp2_;
  AlignedArray<R> amp2_, mask_;
  AlignedArray<G> color_;
  bool masked_ = false;
};

}  // namespace

PageRunner* make_runner(const RunnerInput& input, Precision precision) {
  if (precision == Precision::single) return new Runner<float, float>(input);
  if (precision == Precision::mixed) return new Runner<double, float>(input);
  return new Runner<double, double>(input);
}

}  // namespace meb::MEB_TARGET
