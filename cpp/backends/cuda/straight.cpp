#define MEB_TARGET cuda_symbols
#define MEB_WIDTH 0
#include "backends/cuda/straight.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "backends/cuda/symbols.hpp"
#include "kernels/propagator.hpp"

namespace meb::cuda {
namespace {

using cuda_symbols::Chirality;
using cuda_symbols::light_cone;
using cuda_symbols::LightCone;
using cuda_symbols::One;
using C = cuda_symbols::Complex<Symbol>;
using Momentum = cuda_symbols::Momentum<Symbol>;
using Wave = std::array<C, 4>;

struct SymbolBundle {
  using real = Symbol;
  using scalar = Symbol;
};
using Numerator = cuda_symbols::Numerator<SymbolBundle>;

// An external wave's numbers for a few momenta: components that agree in all of them, but for a sign, are the
// same, whatever the momentum. At rest, along the axis and where the mass's value is zero the wave functions have
// cases of their own.
class ExternalProbe {
public:
  static constexpr std::size_t n_momentum = 8;
  using Values = std::array<double, n_momentum>;

  ExternalProbe(unsigned kind, bool massive, int sign) : kind_(kind), mass_(massive ? 0.7 : 0), sign_(sign) {}

  // Of each real and imaginary part.
  std::array<Values, 8> values(int helicity) const {
    std::array<Values, 8> all{};
    for (std::size_t m = 0; m < n_momentum; ++m) {
      cuda_symbols::Complex<double> w[4] = {};
      wave(probes[m], helicity, w);
      for (std::size_t k = 0; k < 4; ++k) all[2 * k][m] = w[k].re, all[2 * k + 1][m] = w[k].im;
    }
    return all;
  }

private:
  struct Probe {
    double x, y, z;
    bool at_mass;  // else at mass 0
  };
  static constexpr Probe probes[n_momentum] = {
      {0.31, -0.47, 0.83, true}, {-1.13, 0.59, -0.37, true}, {0, 0, 1.1, true},          {0, 0, -1.3, true},
      {0, 0, 0, true},           {0.2, 0.9, -1.4, false},    {-0.53, 0.41, 0.77, false}, {0, 0, -1.7, false}};

  void wave(const Probe& q, int helicity, cuda_symbols::Complex<double>* w) const {
    using B = cuda_symbols::Bundle<double>;
    const double mass = q.at_mass ? mass_ : 0;
    const double energy = std::sqrt(mass * mass + q.x * q.x + q.y * q.y + q.z * q.z);
    if (energy == 0) return;  // massless and at rest
    const cuda_symbols::Momentum<double> p{energy, q.x, q.y, q.z};
    if (kind_ == 3)
      w[0] = {1, 0};
    else if (kind_ == 2)
      cuda_symbols::vector_boson<B>(p, mass, helicity, sign_, w);
    else if (mass != 0)
      cuda_symbols::massive_fermion<B>(p, mass, helicity, sign_, kind_ == 0 ? 1 : -1, w);
    else
      cuda_symbols::massless_fermion<B>(p, helicity, sign_, kind_ == 0 ? 1 : -1, w);
  }

  unsigned kind_;
  double mass_;
  int sign_;
};

std::string index(const char* name, std::size_t i) { return name + std::to_string(i); }

std::string number(double x) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", x);
  return text;
}

C scaled(C c, C x) { return c * x; }

class Writer {
public:
  Writer(const Plan& plan, unsigned wanted) : plan_(plan), p_(*plan.program), wanted_(wanted) {}

  std::string write() {
    momenta();
    coefficients();
    states_.resize(p_.slots.size());
    rows_.assign(p_.n_row(), std::vector<C>(plan_.n_active()));
    traces_.resize(std::max<std::size_t>(1, p_.amp2_diagrams.size()));
    for (const Step& s : plan_.steps)
      if ((s.need & wanted_) && s.op < Op::dot) last_step_[s.instruction->out] = &s;
    begin();
    for (const Step& s : plan_.steps)
      if (s.need & wanted_) step(s);
    flush();
    results();
    return head() + inputs_ + body_ + "}\n};\n\n}  // namespace meb::MEB_TARGET\n";
  }

private:
  std::string head() const {
    std::string text = "namespace meb::MEB_TARGET {\nstruct Straight {\n";
    const auto constant = [&](const char* name, std::size_t n) {
      text += std::string("static constexpr std::uint32_t ") + name + " = " + std::to_string(n) + ";\n";
    };
    constant("n_active", plan_.n_active());
    constant("n_flow", p_.n_flow);
    constant("n_amp2", std::max<std::size_t>(1, p_.amp2_diagrams.size()));
    text +=
        "MEB_DEVICE static constexpr cuda::Sizes sizes() {\ncuda::Sizes s{};\ns.n_active = n_active; s.n_flow = "
        "n_flow;\ns.n_config = " +
        std::to_string(p_.n_config) + "; s.n_diagram = " + std::to_string(p_.n_diagram) +
        "; s.n_helicity = " + std::to_string(p_.n_helicity) + ";\ns.averaging_factor = " + number(p_.averaging_factor) +
        ";\nreturn s;\n}\n";
    return text +
           "template <class F>\nMEB_DEVICE static void run(const ThreadInput<F>& in, const ThreadSums& sums) {\n"
           "using B = Bundle<F>;\nconst std::uint64_t wanted = in.wanted(n_active);\n";
  }

  // -- inputs

  void momenta() {
    for (std::size_t m = 0; m < p_.momenta.size(); ++m) {
      const MomentumSum& q = p_.momenta[m];
      Momentum sum{};
      if (q.leg != none) {
        const std::string name = index("m", m);
        inputs_ += "const Momentum<F> " + name + " = in.momentum(" + std::to_string(q.leg) + ", " +
                   std::to_string(p_.n_leg) + ", F(" + std::to_string(q.sign) + "));\n";
        sum = {x_.input(name + ".e"), x_.input(name + ".x"), x_.input(name + ".y"), x_.input(name + ".z")};
      } else {
        for (auto k : q.in)
          if (k != none) sum = sum + momenta_[k];
      }
      momenta_.push_back(sum);
    }
    inputs_ += "const F zero = in.zero(" + std::to_string(p_.n_leg) + ");\n";
  }

  C complex_input(const std::string& name, const std::string& value) {
    inputs_ += "const Complex<F> " + name + " = " + value + ";\n";
    return {x_.input(name + ".re"), x_.input(name + ".im")};
  }

  C coupling(std::uint32_t i) {
    const auto known = couplings_.find(i);
    if (known != couplings_.end()) return known->second;
    const std::size_t n_constant = p_.couplings.size(), n_running = p_.running_couplings.size();
    const std::string value = i < n_constant ? "in.constant_coupling(" + std::to_string(i) + ", zero)"
                                             : "in.running_coupling(" + std::to_string(i - n_constant) + ", " +
                                                   std::to_string(n_running) + ", zero)";
    return couplings_[i] = complex_input(index("g", i), value);
  }

  void coefficients() {
    for (const Coefficient& c : p_.coefficients) {
      C sum{};
      for (const auto& t : c) {
        const C factor{t.re, t.im};
        sum = sum + (t.coupling == none ? factor : factor * coupling(t.coupling));
      }
      coefficients_.push_back(sum);
    }
  }

  Symbol parameter(std::uint32_t i) {
    return i == none ? Symbol() : x_.input("in.parameter(" + std::to_string(i) + ")");
  }

  // -- waves

  void step(const Step& s) {
    const Instruction& x = *s.instruction;
    switch (s.op) {
      case Op::external: return external(s);
      case Op::dot: {
        if (!(s.flags & flag::accumulate)) flush();
        auto& buffer = buffers_[x.out];
        if (!(s.flags & flag::accumulate)) buffer.assign(plan_.n_active(), C{});
        return products(s, constant(x), [&](std::size_t h, C a) { buffer[h] = buffer[h] + a; });
      }
      case Op::dot_jamp: flush(); return products(s, C{1, 0}, [&](std::size_t h, C a) { add_to_row(x, h, a); });
      case Op::jamp:
        for (std::size_t h = 0; h < plan_.n_active(); ++h) add_to_row(x, h, buffers_[x.in[0]][h]);
        return;
      case Op::square: squares_.push_back({x.out, buffers_[x.in[0]]}); return;
      case Op::density: return density(s);
      case Op::trace: return trace(x);
      default: return vertex(s);
    }
  }

  C constant(const Instruction& x) const {
    const double* c = &p_.constants[2 * x.coefficient[0]];
    return {c[0], c[1]};
  }

  void external(const Step& s) {
    const Instruction& x = *s.instruction;
    const unsigned kind = (x.flags >> flag::kind_shift) & flag::kind_mask;
    const int sign = (x.flags & flag::minus) ? -1 : 1;
    const std::string mass = x.mass == none ? "F(0)" : "in.parameter(" + std::to_string(x.mass) + ")";
    const ExternalProbe probe(kind, x.mass != none, sign);
    std::vector<std::pair<ExternalProbe::Values, Symbol>> known;
    for (std::size_t n = 0; n < s.n; ++n) {
      const int helicity = int(plan_.indices[s.index + n]) - 1;
      const std::string name = index("s", x.out) + "_" + std::to_string(n);
      inputs_ += "Complex<F> " + name + "[4];\nexternal<B, " + std::to_string(kind) + ">(" + index("m", x.in[0]) +
                 ", " + mass + ", " + std::to_string(helicity) + ", " + std::to_string(sign) + ", " + name + ");\n";
      const auto values = probe.values(helicity);
      Symbol part[8];
      for (std::size_t k = 0; k < 8; ++k)
        part[k] = find(known, values[k], name + "[" + std::to_string(k / 2) + "]" + (k % 2 ? ".im" : ".re"));
      states_[x.out].push_back({C{part[0], part[1]}, C{part[2], part[3]}, C{part[4], part[5]}, C{part[6], part[7]}});
    }
  }

  // The number itself, or what it is known to equal.
  Symbol find(std::vector<std::pair<ExternalProbe::Values, Symbol>>& known, const ExternalProbe::Values& values,
              const std::string& text) {
    ExternalProbe::Values minus = values;
    for (double& v : minus) v = -v;
    if (values == minus) return {};
    for (const auto& [v, symbol] : known) {
      if (v == values) return symbol;
      if (v == minus) return -symbol;
    }
    known.emplace_back(values, x_.input(text));
    return known.back().second;
  }

  PropagatorKind propagator(std::uint32_t slot) const {
    const Step& s = *last_step_.at(slot);
    return static_cast<PropagatorKind>((s.flags >> flag::propagator_shift) & flag::propagator_mask);
  }

  // The factor 1 / den of a slot's propagator with its sign; 1 without one.
  C pole(std::uint32_t slot) {
    const PropagatorKind kind = propagator(slot);
    if (kind == PropagatorKind::absent) return {1, 0};
    const Instruction& x = *last_step_.at(slot)->instruction;
    const Momentum& q = momenta_[p_.slots[slot].momentum];
    const Symbol mass = parameter(x.mass), width = mass * parameter(x.width);
    const Symbol re = q.e * q.e - q.x * q.x - q.y * q.y - q.z * q.z - mass * mass;
    C inverse{};
    if (width == Symbol()) {
      inverse.re = x_.function("inverse", re);
    } else {
      const Symbol norm = x_.function("inverse", re * re + width * width);
      inverse = {re * norm, -(width * norm)};
    }
    return kind == PropagatorKind::fermion_out || kind == PropagatorKind::scalar ? -inverse : inverse;
  }

  void propagate(std::uint32_t slot, Wave& d) {
    if (propagator(slot) == PropagatorKind::absent) return;
    const Instruction& x = *last_step_.at(slot)->instruction;
    const Symbol mass = parameter(x.mass);
    const Numerator numerator{momenta_[p_.slots[slot].momentum], mass,
                              mass == Symbol() ? Symbol() : x_.function("inverse_square", mass)};
    switch (propagator(slot)) {
      case PropagatorKind::vector_massless: return numerator.massless_vector(d.data());
      case PropagatorKind::vector_massive: return numerator.massive_vector(d.data());
      case PropagatorKind::fermion_out: return numerator.fermion_out(d.data());
      case PropagatorKind::fermion_in: return numerator.fermion_in(d.data());
      default: return;
    }
  }

  void vertex(const Step& s) {
    const Instruction& x = *s.instruction;
    const auto in = p_.inputs(x);
    const C factor = pole(x.out);
    C c[3];
    for (std::size_t k = 0; k < 3; ++k)
      c[k] = x.coefficient[k] == none ? C{} : factor * coefficients_[x.coefficient[k]];
    auto& out = states_[x.out];
    const bool accumulate = s.flags & flag::accumulate;
    if (!accumulate) out.assign(s.n, Wave{});
    for (std::size_t n = 0; n < s.n; ++n) {
      const C* w[3] = {};
      for (std::size_t k = 0; k < in.size(); ++k)
        w[k] = states_[in[k]][plan_.indices[s.index + n * in.size() + k]].data();
      Wave d{};
      derivative(s, w, c, d.data());
      for (std::size_t k = 0; k < 4; ++k) out[n][k] = out[n][k] + d[k];
      if (&s == last_step_.at(x.out)) propagate(x.out, out[n]);
    }
  }

  void derivative(const Step& s, const C* const* w, const C* c, C* d) {
    const Instruction& x = *s.instruction;
    const auto q = [&](std::size_t k) -> const Momentum& { return momenta_[p_.slots[x.in[k]].momentum]; };
    using namespace cuda_symbols;
    switch (s.op) {
      case Op::ffv_1:
      case Op::ffv_2:
      case Op::ffv_3:
        switch (static_cast<Chirality>((s.flags >> flag::chirality_shift) & flag::chirality_mask)) {
          case Chirality::vector: return ffv<Chirality::vector>(s, w, c, d);
          case Chirality::left: return ffv<Chirality::left>(s, w, c, d);
          case Chirality::right: return ffv<Chirality::right>(s, w, c, d);
          case Chirality::general: return ffv<Chirality::general>(s, w, c, d);
        }
        return;
      case Op::ffs_1: return ffs_f(w[0], w[1][0], c[0], c[1], d);
      case Op::ffs_3: d[0] = ffs_s(w[0], w[1], c[0], c[1]); return;
      case Op::vvv_1: return vvv_1(w[0], q(0), w[1], q(1), c[0], d);
      case Op::vvvv_1: return vvvv_1(w[0], w[1], w[2], c[0], c[1], c[2], d);
      case Op::vvs_1: return lower(w[0], c[0] * w[1][0], d);
      case Op::vvs_3: d[0] = c[0] * dot(w[0], w[1]); return;
      case Op::vvss_1: return lower(w[0], c[0] * w[1][0] * w[2][0], d);
      case Op::vvss_3: d[0] = c[0] * w[2][0] * dot(w[0], w[1]); return;
      case Op::vss_1: return vss_1(w[0][0], q(0), w[1][0], q(1), c[0], d);
      case Op::vss_2: d[0] = vss_2(w[0], q(0), w[1][0], q(1), c[0]); return;
      case Op::sss_1: d[0] = c[0] * w[0][0] * w[1][0]; return;
      default: d[0] = c[0] * w[0][0] * w[1][0] * w[2][0]; return;
    }
  }

  // One coupling goes into the vector, or into a fermion where a vector comes out: fewer products, and equal ones
  // for all states of the other.
  template <Chirality chirality>
  void ffv(const Step& s, const C* const* w, const C* c, C* d) {
    if constexpr (chirality == Chirality::general) {
      if (s.op == Op::ffv_1) return ffv_1<chirality>(w[0], w[1], c[0], c[1], d);
      if (s.op == Op::ffv_2) return ffv_2<chirality>(w[0], w[1], c[0], c[1], d);
      return ffv_3<chirality>(w[0], w[1], c[0], c[1], d);
    } else {
      const C factor = chirality == Chirality::right ? c[1] : c[0];
      if (s.op == Op::ffv_3) {
        Wave a;
        for (std::size_t k = 0; k < 4; ++k) a[k] = scaled(factor, w[0][k]);
        return ffv_3<chirality>(a.data(), w[1], One{}, One{}, d);
      }
      const LightCone<Symbol> v = factor * light_cone(w[1]);
      s.op == Op::ffv_1 ? ffv_1<chirality>(w[0], v, One{}, One{}, d) : ffv_2<chirality>(w[0], v, One{}, One{}, d);
    }
  }

  // f(helicity, constant * W.D)
  template <class Function>
  void products(const Step& s, C constant, Function f) {
    const Instruction& x = *s.instruction;
    const std::uint32_t* at = &plan_.indices[s.index];
    order_.clear();
    for (std::size_t g = 0; g < s.n; ++g) {
      Wave d = states_[x.in[1]][at[0]];
      for (C& k : d) k = constant * k;
      const std::uint32_t n = at[1];
      at += 2;
      for (std::uint32_t i = 0; i < n; ++i, at += 2) {
        const Wave& w = states_[x.in[0]][at[0]];
        C sum{};
        for (std::size_t k = 0; k < s.n_component; ++k) {
          sum.re = sum.re + d[k].re * w[k].re;
          sum.im = sum.im + d[k].re * w[k].im;
          sum.re = sum.re - d[k].im * w[k].im;
          sum.im = sum.im + d[k].im * w[k].re;
        }
        f(at[1], sum);
        order_.push_back(at[1]);
      }
    }
  }

  void add_to_row(const Instruction& x, std::size_t h, C a) {
    C& row = rows_[x.out][h];
    row = row + constant(x) * a;
    touched_.insert(x.out);
  }

  // Writes what the products since the last call were added to, helicity by helicity: few amplitudes live at a time.
  void flush() {
    for (auto h : order_) {
      for (auto row : touched_) {
        x_.write(rows_[row][h].re, body_);
        x_.write(rows_[row][h].im, body_);
      }
      for (const auto& [index, amplitude] : squares_)
        add("amp2_" + std::to_string(index), h, x_.write(norm(amplitude[h]), body_));
    }
    order_.clear(), touched_.clear(), squares_.clear();
  }

  // -- AMP2 from density matrices: the diagonal, then (re, im) of the upper triangle by rows

  void density(const Step& s) {
    auto& rho = densities_[s.instruction->out];
    rho.fill({});
    for (std::size_t n = 0; n < s.n; ++n) {
      const Wave& w = states_[s.instruction->in[0]][n];
      std::size_t at = 4;
      for (std::size_t i = 0; i < 4; ++i) {
        rho[i] = rho[i] + norm(w[i]);
        for (std::size_t j = i + 1; j < 4; ++j, at += 2) {
          rho[at] = rho[at] + w[i].re * w[j].re + w[i].im * w[j].im;
          rho[at + 1] = rho[at + 1] + w[i].im * w[j].re - w[i].re * w[j].im;
        }
      }
    }
  }

  void trace(const Instruction& x) {
    const auto &a = densities_[x.in[0]], &b = densities_[x.in[1]];
    Symbol diagonal, off;
    for (std::size_t k = 0; k < 4; ++k) diagonal = diagonal + a[k] * b[k];
    for (std::size_t k = 4; k < 16; k += 2) off = off + a[k] * b[k] - a[k + 1] * b[k + 1];
    traces_[x.out] = traces_[x.out] + diagonal + Symbol(2) * off;
  }

  // -- results

  static Symbol norm(C a) { return a.re * a.re + a.im * a.im; }
  // Re a b^*
  static Symbol inner(C a, C b) { return a.re * b.re + a.im * b.im; }

  double color(std::size_t r, std::size_t s) const {
    const std::size_t n_order = p_.n_split_order, i = std::min(r, s) / n_order, j = std::max(r, s) / n_order;
    if (!p_.chosen_orders[(r % n_order) * n_order + s % n_order]) return 0;
    return p_.color_matrix[i * p_.n_flow - i * (i + 1) / 2 + j];
  }

  // Squares of JAMPs by helicities: what JAMP2 shares is not computed twice.
  Symbol color_sum(std::size_t h) const {
    Symbol t;
    for (std::size_t i = 0; i < p_.n_row(); ++i)
      for (std::size_t j = i; j < p_.n_row(); ++j)
        t = t + Symbol(color(i, j) * (i == j ? 1 : 2)) * inner(rows_[i][h], rows_[j][h]);
    return t;
  }

  void begin() {
    for (std::size_t f = 0; f < p_.n_flow; ++f) body_ += "double " + index("jamp2_", f) + " = 0;\n";
    for (std::size_t d = 0; d < traces_.size(); ++d) body_ += "double " + index("amp2_", d) + " = 0;\n";
  }

  void results() {
    for (std::size_t h = 0; h < plan_.n_active(); ++h) {
      const std::string t = x_.write(color_sum(h), body_);
      body_ += "sums.set_term(" + std::to_string(h) + ", " + is_wanted(h) + " ? in.weight(" + std::to_string(h) +
               ") * " + t + " : 0);\n";
      for (std::size_t f = 0; f < p_.n_flow; ++f)
        for (const auto& [a, b] : chosen_pairs(f)) {
          const std::string x = x_.write(inner(rows_[a][h], rows_[b][h]), body_);
          add(index("jamp2_", f), h, a == b ? x : "std::fabs(" + x + ")");
        }
    }
    for (std::size_t f = 0; f < p_.n_flow; ++f)
      body_ += "sums.set_jamp2(" + std::to_string(f) + ", " + index("jamp2_", f) + ");\n";
    for (std::size_t d = 0; d < traces_.size(); ++d) {
      const std::string t = x_.write(traces_[d], body_);
      body_ += "sums.set_amp2(" + std::to_string(d) + ", " + index("amp2_", d) + " + " + t + ");\n";
    }
  }

  static std::string is_wanted(std::size_t h) { return "(wanted >> " + std::to_string(h) + " & 1)"; }
  // A product instead of a condition: one operation with the sum, and no branch.
  void add(const std::string& sum, std::size_t h, const std::string& x) {
    body_ += sum + " += F(" + is_wanted(h) + " ? 1 : 0) * " + x + ";\n";
  }

  std::vector<std::pair<std::size_t, std::size_t>> chosen_pairs(std::size_t flow) const {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    const std::size_t n = p_.n_split_order;
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = 0; b < n; ++b)
        if (p_.chosen_orders[a * n + b]) pairs.emplace_back(flow * n + a, flow * n + b);
    return pairs;
  }

  const Plan& plan_;
  const Program& p_;
  unsigned wanted_;
  Expressions x_;
  std::string inputs_, body_;
  std::vector<Momentum> momenta_;
  std::map<std::uint32_t, C> couplings_;
  std::vector<C> coefficients_;
  std::vector<std::vector<Wave>> states_;            // [slot][state]
  std::map<std::uint32_t, const Step*> last_step_;   // of each slot
  std::map<std::uint32_t, std::vector<C>> buffers_;  // [helicity]
  std::vector<std::vector<C>> rows_;                 // [row][helicity]
  // since the last flush:
  std::vector<std::uint32_t> order_;                               // helicities
  std::set<std::uint32_t> touched_;                                // rows
  std::vector<std::pair<std::uint32_t, std::vector<C>>> squares_;  // AMP2 index, amplitude[helicity]
  std::map<std::uint32_t, std::array<Symbol, 16>> densities_;
  std::vector<Symbol> traces_;
};

}  // namespace

bool may_be_straight(const Plan& plan, unsigned wanted) {
  constexpr std::size_t most_jamps = 48, most_states = 160;
  std::size_t n_state = 0;
  for (const Step& s : plan.steps)
    if (s.need & wanted) n_state += s.n;
  const std::size_t n_active = plan.n_active();
  return n_active > 0 && n_active <= 64 && n_active * plan.program->n_row() <= most_jamps && n_state <= most_states;
}

std::string straight_source(const Plan& plan, unsigned wanted) { return Writer(plan, wanted).write(); }

}  // namespace meb::cuda
