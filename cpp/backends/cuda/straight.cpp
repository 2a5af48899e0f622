#define MEB_TARGET cuda_symbols
#define MEB_WIDTH 0
#include "backends/cuda/straight.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
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

using Values = std::vector<double>;

// An external wave's numbers for a few momenta: components that agree in all of them, but for a sign, are the
// same, whatever the momentum. At rest and along the axis the wave functions have cases of their own.
class ExternalProbe {
public:
  static constexpr int n_momentum = 6;

  ExternalProbe(unsigned kind, bool massive, int sign) : kind_(kind), mass_(massive ? 0.7 : 0), sign_(sign) {}

  // To those of each real and imaginary part.
  void add(int helicity, std::array<Values, 8>& values) const {
    for (int m = 0; m < n_momentum; ++m) {
      cuda_symbols::Complex<double> w[4] = {};
      wave(momentum(m), helicity, w);
      for (std::size_t k = 0; k < 4; ++k) values[2 * k].push_back(w[k].re), values[2 * k + 1].push_back(w[k].im);
    }
  }

private:
  cuda_symbols::Momentum<double> momentum(int m) const {
    constexpr double p[n_momentum][3] = {{0.31, -0.47, 0.83}, {-1.13, 0.59, -0.37}, {0.2, 0.9, -1.4},
                                         {0, 0, 1.1},         {0, 0, -1.3},         {0, 0, 0}};
    const double *q = p[mass_ == 0 && m == n_momentum - 1 ? 0 : m];
    return {std::sqrt(mass_ * mass_ + q[0] * q[0] + q[1] * q[1] + q[2] * q[2]), q[0], q[1], q[2]};
  }

  void wave(const cuda_symbols::Momentum<double>& p, int helicity, cuda_symbols::Complex<double>* w) const {
    using B = cuda_symbols::Bundle<double>;
    if (kind_ == 3)
      w[0] = {1, 0};
    else if (kind_ == 2)
      cuda_symbols::vector_boson<B>(p, mass_, helicity, sign_, w);
    else if (mass_ != 0)
      cuda_symbols::massive_fermion<B>(p, mass_, helicity, sign_, kind_ == 0 ? 1 : -1, w);
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

// How the active helicities are passed over: all at once, or one pass for each helicity of one leg.
struct Passes {
  std::uint32_t leg = none;
  std::vector<int> helicities;                     // of the leg
  std::vector<std::vector<std::uint32_t>> active;  // of each pass: positions among the active ones
};

class Writer {
public:
  // plan: that of the first pass
  Writer(const Plan& plan, const Passes& passes, std::size_t n_active, unsigned wanted)
      : plan_(plan), passes_(passes), p_(*plan.program), n_active_(n_active), wanted_(wanted) {}

  std::string write() {
    momenta();
    coefficients();
    states_.resize(p_.slots.size());
    rows_.assign(p_.n_row(), std::vector<C>(plan_.n_active()));
    squares_.resize(std::max<std::size_t>(1, p_.amp2_diagrams.size()));
    traces_.resize(squares_.size());
    for (const Step& s : plan_.steps)
      if ((s.need & wanted_) && s.op < Op::dot) last_step_[s.instruction->out] = &s;
    for (const Step& s : plan_.steps)
      if (s.need & wanted_) step(s);
    results();
    return head() + inputs_ + once_ + body_ + last_ + "}\n};\n\n}  // namespace meb::MEB_TARGET\n";
  }

private:
  std::string head() const {
    std::string text = "namespace meb::MEB_TARGET {\nstruct Straight {\n";
    const auto constant = [&](const char* name, std::size_t n) {
      text += std::string("static constexpr std::uint32_t ") + name + " = " + std::to_string(n) + ";\n";
    };
    constant("n_active", n_active_);
    constant("n_pass", passes_.active.size());
    constant("n_at_once", plan_.n_active());
    text += place();
    constant("n_flow", p_.n_flow);
    constant("n_amp2", std::max<std::size_t>(1, p_.amp2_diagrams.size()));
    text +=
        "MEB_DEVICE static constexpr cuda::Sizes sizes() {\ncuda::Sizes s{};\ns.n_active = n_active; s.n_flow = "
        "n_flow;\ns.n_config = " +
        std::to_string(p_.n_config) + "; s.n_diagram = " + std::to_string(p_.n_diagram) +
        "; s.n_helicity = " + std::to_string(p_.n_helicity) +
        ";\ns.averaging_factor = " + number(p_.averaging_factor) + ";\nreturn s;\n}\n";
    return text +
           "template <class F>\nMEB_DEVICE static void run(const ThreadInput<F>& in, const ThreadSums& sums) {\n"
           "using B = Bundle<F>;\n";
  }

  // Position among the active helicities.
  std::string place() const {
    std::string text = "MEB_DEVICE static std::uint32_t place(std::uint32_t pass, std::uint32_t h) {\n"
                       "constexpr std::uint8_t table[n_pass][n_at_once] = {";
    for (const auto& pass : passes_.active) {
      text += "{";
      for (auto a : pass) text += std::to_string(a) + ",";
      text += "},";
    }
    return text + "};\nreturn table[pass][h];\n}\n";
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
  }

  C complex_input(const std::string& name, const std::string& value) {
    inputs_ += "const Complex<F> " + name + " = " + value + ";\n";
    return {x_.input(name + ".re"), x_.input(name + ".im")};
  }

  C coupling(std::uint32_t i) {
    const auto known = couplings_.find(i);
    if (known != couplings_.end()) return known->second;
    const std::size_t n_constant = p_.couplings.size(), n_running = p_.running_couplings.size();
    const std::string value = i < n_constant ? "in.constant_coupling(" + std::to_string(i) + ")"
                                             : "in.running_coupling(" + std::to_string(i - n_constant) + ", " +
                                                   std::to_string(n_running) + ")";
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
        auto& buffer = buffers_[x.out];
        if (!(s.flags & flag::accumulate)) buffer.assign(plan_.n_active(), C{});
        return products(s, constant(x), [&](std::size_t h, C a) { buffer[h] = buffer[h] + a; });
      }
      case Op::dot_jamp: return products(s, C{1, 0}, [&](std::size_t h, C a) { add_to_row(x, h, a); });
      case Op::jamp:
        for (std::size_t h = 0; h < plan_.n_active(); ++h) add_to_row(x, h, buffers_[x.in[0]][h]);
        return;
      case Op::square: squares_[x.out].push_back(buffers_[x.in[0]]); return;
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
    std::vector<std::pair<Values, Symbol>> known;
    const bool varies = x.in[0] == passes_.leg;
    for (std::size_t n = 0; n < s.n; ++n) {
      // of all passes
      std::array<Values, 8> values;
      std::string names;
      const std::vector<int> own{int(plan_.indices[s.index + n]) - 1};
      for (int helicity : varies ? passes_.helicities : own) {
        const std::string name = index("s", x.out) + "_" + std::to_string(n_external_++);
        inputs_ += "Complex<F> " + name + "[4];\nexternal<B, " + std::to_string(kind) + ">(" + index("m", x.in[0]) +
                   ", " + mass + ", " + std::to_string(helicity) + ", " + std::to_string(sign) + ", " + name + ");\n";
        names += (names.empty() ? "" : ", ") + name;
        probe.add(helicity, values);
      }
      std::array<Symbol, 8> part;
      for (std::size_t k = 0; k < 8; ++k)
        part[k] = find(known, values[k], k, names, varies);
      states_[x.out].push_back({C{part[0], part[1]}, C{part[2], part[3]}, C{part[4], part[5]}, C{part[6], part[7]}});
    }
  }

  Symbol find(std::vector<std::pair<Values, Symbol>>& known, const Values& values, std::size_t part,
              const std::string& names, bool varies) {
    Values minus = values;
    for (double& v : minus) v = -v;
    if (values == minus) return {};
    for (const auto& [v, symbol] : known) {
      if (v == values) return symbol;
      if (v == minus) return -symbol;
    }
    const std::string component = "[" + std::to_string(part / 2) + "]" + (part % 2 ? ".im" : ".re");
    std::string text = names + component;
    if (varies) {
      text.clear();
      std::size_t pass = 0, at = 0;
      for (std::size_t end = 0; end != std::string::npos; at = end + 2, ++pass) {
        end = names.find(", ", at);
        const std::string one = names.substr(at, end - at) + component;
        text += end == std::string::npos ? one : "pass == " + std::to_string(pass) + " ? " + one + " : ";
      }
    }
    known.emplace_back(values, x_.input(text, varies));
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
    for (std::size_t k = 0; k < 3; ++k) c[k] = x.coefficient[k] == none ? C{} : factor * coefficients_[x.coefficient[k]];
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
      }
    }
  }

  void add_to_row(const Instruction& x, std::size_t h, C a) {
    C& row = rows_[x.out][h];
    row = row + constant(x) * a;
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

  void results() {
    const auto declare = [&](const char* name, std::size_t n, const char* set) {
      for (std::size_t i = 0; i < n; ++i) {
        once_ += std::string("double ") + name + std::to_string(i) + " = 0;\n";
        last_ += std::string("sums.") + set + "(" + std::to_string(i) + ", " + name + std::to_string(i);
        if (set == std::string("set_amp2") && !(traces_[i] == Symbol()))
          last_ += " + " + x_.write(traces_[i], once_, body_);
        last_ += ");\n";
      }
    };
    declare("jamp2_", p_.n_flow, "set_jamp2");
    declare("amp2_", squares_.size(), "set_amp2");
    body_ += "MEB_UNROLL_BY(1)\nfor (std::uint32_t pass = 0; pass < n_pass; ++pass) {\n"
             "const std::uint64_t wanted = in.template wanted<n_at_once>([&](std::uint32_t h) { return place(pass, h); });\n";
    for (std::size_t h = 0; h < plan_.n_active(); ++h) {
      const std::string number = std::to_string(h);
      const std::string t = x_.write(color_sum(h), once_, body_);
      body_ += "{ const bool is_wanted = wanted >> " + number + " & 1;\nconst std::uint32_t h = place(pass, " + number +
               ");\nsums.set_term(h, is_wanted ? in.weight(h) * " + t + " : 0);\nconst F counts = is_wanted ? 1 : 0;\n";
      for (std::size_t f = 0; f < p_.n_flow; ++f)
        for (const auto& [a, b] : chosen_pairs(f)) {
          const std::string x = x_.write(inner(rows_[a][h], rows_[b][h]), once_, body_);
          add("jamp2_" + std::to_string(f), a == b ? x : "std::fabs(" + x + ")");
        }
      for (std::size_t d = 0; d < squares_.size(); ++d)
        for (const auto& amplitude : squares_[d])
          add("amp2_" + std::to_string(d), x_.write(norm(amplitude[h]), once_, body_));
      body_ += "}\n";
    }
    body_ += "}\n";
  }

  // Where the helicity is in the sum.
  void add(const std::string& sum, const std::string& x) { body_ += sum + " += counts * (" + x + ");\n"; }

  std::vector<std::pair<std::size_t, std::size_t>> chosen_pairs(std::size_t flow) const {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    const std::size_t n = p_.n_split_order;
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = 0; b < n; ++b)
        if (p_.chosen_orders[a * n + b]) pairs.emplace_back(flow * n + a, flow * n + b);
    return pairs;
  }

  const Plan& plan_;
  const Passes& passes_;
  const Program& p_;
  std::size_t n_active_;
  unsigned wanted_;
  Expressions x_;
  std::size_t n_external_ = 0;
  std::string inputs_, once_, body_, last_;
  std::vector<Momentum> momenta_;
  std::map<std::uint32_t, C> couplings_;
  std::vector<C> coefficients_;
  std::vector<std::vector<Wave>> states_;                // [slot][state]
  std::map<std::uint32_t, const Step*> last_step_;       // of each slot
  std::map<std::uint32_t, std::vector<C>> buffers_;      // [helicity]
  std::vector<std::vector<C>> rows_;                     // [row][helicity]
  std::vector<std::vector<std::vector<C>>> squares_;     // [AMP2 index][][helicity]
  std::map<std::uint32_t, std::array<Symbol, 16>> densities_;
  std::vector<Symbol> traces_;
};

Passes one_pass(const Plan& plan) {
  Passes passes;
  passes.active.emplace_back();
  for (std::uint32_t a = 0; a < plan.n_active(); ++a) passes.active[0].push_back(a);
  return passes;
}

// One for each helicity of a leg, if all have the same helicities of the other legs; else one for all.
Passes passes_of(const Plan& plan, std::uint32_t leg) {
  const Program& p = *plan.program;
  std::map<int, std::map<std::vector<int>, std::uint32_t>> by_helicity;
  for (std::uint32_t a = 0; a < plan.n_active(); ++a) {
    const auto* h = &p.helicities[std::size_t{plan.active[a]} * p.n_leg];
    std::vector<int> others(h, h + p.n_leg);
    others.erase(others.begin() + leg);
    by_helicity[h[leg]][others] = a;
  }
  Passes passes;
  passes.leg = leg;
  for (const auto& [helicity, others] : by_helicity) {
    passes.helicities.push_back(helicity);
    passes.active.emplace_back();
    for (const auto& [key, a] : others) {
      if (!by_helicity.begin()->second.count(key)) return one_pass(plan);
      passes.active.back().push_back(a);
    }
    if (passes.active.back().size() != passes.active[0].size()) return one_pass(plan);
  }
  return passes;
}

}  // namespace

bool may_be_straight(const Plan& plan, unsigned wanted) {
  constexpr std::size_t most_jamps = 48, most_states = 160;
  std::size_t n_state = 0;
  for (const Step& s : plan.steps)
    if (s.need & wanted) n_state += s.n;
  const std::size_t n_active = plan.n_active();
  return n_active > 0 && n_active <= 64 && n_active * plan.program->n_row() <= most_jamps && n_state <= most_states;
}

std::string straight_source(const Plan& plan, unsigned wanted) {
  Passes passes = one_pass(plan);
  if (const char* leg = std::getenv("MEBRIDGE_CUDA_LEG")) passes = passes_of(plan, static_cast<std::uint32_t>(std::atoi(leg)));
  if (passes.active.size() == 1) return Writer(plan, passes, plan.n_active(), wanted).write();
  std::vector<std::uint32_t> active;
  for (auto a : passes.active[0]) active.push_back(plan.active[a]);
  if (wanted & need::amp2_densities) wanted = need::jamp | need::amp2_amplitudes;  // sums over the leg's helicities
  return Writer(*make_plan(plan.program, active), passes, plan.n_active(), wanted).write();
}

}  // namespace meb::cuda
