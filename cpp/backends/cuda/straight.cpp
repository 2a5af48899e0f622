#include "backends/cuda/straight.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <vector>

namespace meb::cuda {
namespace {

std::string number(double x) {
  char text[40];
  std::snprintf(text, sizeof text, "F(%.17g)", x);
  return text;
}

std::string index(const char* name, std::size_t i) { return name + std::to_string(i); }

const char* const vertex_names[] = {"", "ffv_1", "ffv_2", "ffv_3", "ffs_f", "ffs_s", "vvv_1", "vvvv_1"};
const char* const chirality_names[] = {"vector", "general", "left", "right"};
const char* const propagator_names[] = {"", "massless_vector", "massive_vector", "fermion_out", "fermion_in", "scalar"};

class Writer {
public:
  Writer(const Plan& plan, unsigned wanted) : plan_(plan), p_(*plan.program), wanted_(wanted) {}

  std::string write() {
    head();
    momenta();
    coefficients();
    for (std::size_t r = 0; r < p_.n_row(); ++r) line("C " + row(r) + "[n_active] = {};");
    for (std::size_t i = 0; i < plan_.steps.size(); ++i)
      if (plan_.steps[i].need & wanted_) step(i);
    colors();
    line("}\n};\n\n}  // namespace meb::MEB_TARGET");
    return text_;
  }

private:
  void line(const std::string& s) { text_ += s + "\n"; }
  static std::string row(std::size_t r) { return index("j", r); }
  std::string state(std::size_t slot, std::size_t n) const { return index("s", slot) + "_" + std::to_string(n); }
  std::string parameter(std::uint32_t i) const { return i == none ? "F(0)" : index("in.parameter(", i) + ")"; }

  void head() {
    const auto constant = [&](const char* name, std::size_t n) {
      line(std::string("static constexpr std::uint32_t ") + name + " = " + std::to_string(n) + ";");
    };
    line("namespace meb::MEB_TARGET {\nstruct Straight {");
    constant("n_active", plan_.n_active());
    constant("n_flow", p_.n_flow);
    constant("n_amp2", std::max<std::size_t>(1, p_.amp2_diagrams.size()));
    line(
        "MEB_DEVICE static constexpr cuda::Sizes sizes() {\ncuda::Sizes s{};\ns.n_active = n_active; s.n_flow = "
        "n_flow;");
    line("s.n_config = " + std::to_string(p_.n_config) + "; s.n_diagram = " + std::to_string(p_.n_diagram) +
         "; s.n_helicity = " + std::to_string(p_.n_helicity) + ";");
    char averaging[40];
    std::snprintf(averaging, sizeof averaging, "%.17g", p_.averaging_factor);
    line(std::string("s.averaging_factor = ") + averaging + ";\nreturn s;\n}");
    line(
        "template <class F>\nMEB_DEVICE static void run(const ThreadInput<F>& in, double* terms, double* jamp2, "
        "double* amp2) {\nusing B = Bundle<F>;\nusing C = Complex<F>;");
    line("const std::uint64_t wanted = in.wanted(n_active);");
    line("for (std::uint32_t d = 0; d < n_amp2; ++d) amp2[d] = 0;");
  }

  void momenta() {
    for (std::size_t m = 0; m < p_.momenta.size(); ++m) {
      const MomentumSum& q = p_.momenta[m];
      std::string value;
      if (q.leg != none) {
        value = "in.momentum(" + std::to_string(q.leg) + ", " + std::to_string(p_.n_leg) + ", " + number(q.sign) + ")";
      } else {
        for (auto k : q.in)
          if (k != none) value += (value.empty() ? "" : " + ") + index("m", k);
      }
      line("const Momentum<F> " + index("m", m) + " = " + value + ";");
    }
  }

  void coefficients() {
    const std::size_t n_constant = p_.couplings.size(), n_running = p_.running_couplings.size();
    for (std::size_t i = 0; i < p_.coefficients.size(); ++i) {
      std::string value = "C{0, 0}";
      for (const auto& t : p_.coefficients[i]) {
        value += " + C{" + number(t.re) + ", " + number(t.im) + "}";
        if (t.coupling == none) continue;
        value += t.coupling >= n_constant ? " * in.running_coupling(" + std::to_string(t.coupling - n_constant) + ", " +
                                                std::to_string(n_running) + ")"
                                          : " * in.constant_coupling(" + std::to_string(t.coupling) + ")";
      }
      line("const C " + index("c", i) + " = " + value + ";");
    }
  }

  void step(std::size_t i) {
    const Step& s = plan_.steps[i];
    const Instruction& x = *s.instruction;
    switch (s.op) {
      case Op::external: return external(s);
      case Op::dot: return dot(i);
      case Op::dot_jamp: return products(s, [&](std::size_t h, const std::string& a) { to_row(x, h, a); });
      case Op::jamp:
        if (fused_.count(i)) return;
        return each_helicity([&](std::size_t h) { to_row(x, h, buffer(x.in[0], h)); });
      case Op::square:
        if (fused_.count(i)) return;
        return each_helicity([&](std::size_t h) { square(x, h, buffer(x.in[0], h)); });
      case Op::density: return density(s);
      case Op::trace: return trace(s);
      default: return vertex(s);
    }
  }

  template <class Function>
  void each_helicity(Function f) {
    for (std::size_t h = 0; h < plan_.n_active(); ++h) f(h);
  }
  static std::string buffer(std::size_t b, std::size_t h) { return index("b", b) + "[" + std::to_string(h) + "]"; }

  void external(const Step& s) {
    const Instruction& x = *s.instruction;
    const auto kind = (x.flags >> flag::kind_shift) & flag::kind_mask;
    const std::string sign = (x.flags & flag::minus) ? "-1" : "1", p = index("m", x.in[0]), mass = parameter(x.mass);
    for (std::size_t n = 0; n < s.n; ++n) {
      const std::string out = state(x.out, n), helicity = std::to_string(int(plan_.indices[s.index + n]) - 1);
      line("C " + out + "[4];");
      if (kind == 3)
        line(out + "[0] = {F(1), F(0)};");
      else if (kind == 2)
        line("vector_boson<B>(" + p + ", " + mass + ", " + helicity + ", " + sign + ", " + out + ");");
      else
        line("fermion<B>(" + p + ", " + mass + ", " + helicity + ", " + sign + ", " + (kind == 0 ? "1" : "-1") + ", " +
             out + ");");
    }
  }

  void vertex(const Step& s) {
    const Instruction& x = *s.instruction;
    const auto in = p_.inputs(x);
    const auto kind = (s.flags >> flag::propagator_shift) & flag::propagator_mask;
    if (kind != 0)
      line("const C inverse" + std::to_string(x.out) + " = Propagator<B>(" + index("m", p_.slots[x.out].momentum) +
           ", " + parameter(x.mass) + ", " + parameter(x.width) + ").inverse;");
    const bool accumulate = s.flags & flag::accumulate;
    const std::string n_component = std::to_string(s.n_component);
    for (std::size_t n = 0; n < s.n; ++n) {
      const std::string out = state(x.out, n);
      if (!accumulate) line("C " + out + "[4];");
      const std::string d = accumulate ? "d" : out;
      std::vector<std::string> w;
      for (std::size_t k = 0; k < in.size(); ++k) w.push_back(state(in[k], plan_.indices[s.index + n * in.size() + k]));
      line((accumulate ? "{ C d[4]; " : "{ ") + call(s, w, d));
      if (accumulate) line("add<" + n_component + ">(" + out + ", d);");
      if (kind != 0)
        line("const Propagator<B> q(" + index("m", p_.slots[x.out].momentum) + ", inverse" + std::to_string(x.out) +
             ", " + parameter(x.mass) + ", " + inverse_mass2(x.mass) + "); q." + propagator_names[kind] + "(" + out +
             ");");
      line("}");
    }
  }

  std::string inverse_mass2(std::uint32_t mass) const {
    if (mass == none) return "F(0)";
    const std::string m = parameter(mass);
    return "(" + m + " != 0 ? 1 / (" + m + " * " + m + ") : F(0))";
  }

  std::string call(const Step& s, const std::vector<std::string>& w, const std::string& d) const {
    const Instruction& x = *s.instruction;
    const auto c = [&](int k) { return index("c", x.coefficient[k]); };
    const auto q = [&](std::size_t k) { return index("m", p_.slots[x.in[k]].momentum); };
    const auto first = [&](std::size_t k) { return w[k] + "[0]"; };
    switch (s.op) {
      case Op::ffv_1:
      case Op::ffv_2:
      case Op::ffv_3:
        return std::string(vertex_names[static_cast<int>(s.op)]) +
               "<Chirality::" + chirality_names[(s.flags >> flag::chirality_shift) & flag::chirality_mask] + ">(" +
               w[0] + ", " + w[1] + ", " + c(0) + ", " + c(1) + ", " + d + ");";
      case Op::ffs_1: return "ffs_f(" + w[0] + ", " + first(1) + ", " + c(0) + ", " + c(1) + ", " + d + ");";
      case Op::ffs_3: return d + "[0] = ffs_s(" + w[0] + ", " + w[1] + ", " + c(0) + ", " + c(1) + ");";
      case Op::vvv_1: return "vvv_1(" + w[0] + ", " + q(0) + ", " + w[1] + ", " + q(1) + ", " + c(0) + ", " + d + ");";
      case Op::vvvv_1:
        return "vvvv_1(" + w[0] + ", " + w[1] + ", " + w[2] + ", " + c(0) + ", " + c(1) + ", " + c(2) + ", " + d + ");";
      case Op::vvs_1: return "lower(" + w[0] + ", " + c(0) + " * " + first(1) + ", " + d + ");";
      case Op::vvs_3: return d + "[0] = " + c(0) + " * meb::MEB_TARGET::dot(" + w[0] + ", " + w[1] + ");";
      case Op::vvss_1: return "lower(" + w[0] + ", " + c(0) + " * " + first(1) + " * " + first(2) + ", " + d + ");";
      case Op::vvss_3:
        return d + "[0] = " + c(0) + " * " + first(2) + " * meb::MEB_TARGET::dot(" + w[0] + ", " + w[1] + ");";
      case Op::vss_1:
        return "vss_1(" + first(0) + ", " + q(0) + ", " + first(1) + ", " + q(1) + ", " + c(0) + ", " + d + ");";
      case Op::vss_2:
        return d + "[0] = vss_2(" + w[0] + ", " + q(0) + ", " + first(1) + ", " + q(1) + ", " + c(0) + ");";
      case Op::sss_1: return d + "[0] = " + c(0) + " * " + first(0) + " * " + first(1) + ";";
      default: return d + "[0] = " + c(0) + " * " + first(0) + " * " + first(1) + " * " + first(2) + ";";
    }
  }

  // For each pair of states: the amplitude, handed to f as an expression, with its helicity.
  template <class Function>
  void products(const Step& s, Function f) {
    const Instruction& x = *s.instruction;
    const std::uint32_t* at = &plan_.indices[s.index];
    const std::string n_component = std::to_string(s.n_component);
    for (std::size_t g = 0; g < s.n; ++g) {
      std::string d = state(x.in[1], at[0]);
      const std::uint32_t n = at[1];
      at += 2;
      const double* c = &p_.constants[2 * x.coefficient[0]];
      line("{");
      if (s.op == Op::dot && !(c[0] == 1 && c[1] == 0)) {
        line("C e[4]; scale<" + n_component + ">(C{" + number(c[0]) + ", " + number(c[1]) + "}, " + d + ", e);");
        d = "e";
      }
      for (std::uint32_t i = 0; i < n; ++i, at += 2) {
        line("{ const C a = product<" + n_component + ">(" + state(x.in[0], at[0]) + ", " + d + ");");
        f(at[1], "a");
        line("}");
      }
      line("}");
    }
  }

  // The buffer's readers take the amplitude at once if no other product is added to it.
  void dot(std::size_t i) {
    const Step& s = plan_.steps[i];
    const std::uint32_t b = s.instruction->out;
    std::vector<std::size_t> readers;
    bool sum = s.flags & flag::accumulate;
    for (std::size_t k = i + 1; k < plan_.steps.size(); ++k) {
      const Step& t = plan_.steps[k];
      if (t.op == Op::dot && t.instruction->out == b) {
        sum = sum || (t.flags & flag::accumulate);
        break;
      }
      if ((t.op == Op::jamp || t.op == Op::square) && t.instruction->in[0] == b && (t.need & wanted_))
        readers.push_back(k);
    }
    if (sum) {
      if (!(s.flags & flag::accumulate) && declared_[b]++ == 0) line("C " + index("b", b) + "[n_active];");
      const std::string assign = (s.flags & flag::accumulate) ? " = " : "";
      return products(s, [&](std::size_t h, const std::string& a) {
        const std::string to = buffer(b, h);
        line(to + " = " + (assign.empty() ? "" : to + " + ") + a + ";");
      });
    }
    for (auto k : readers) fused_[k] = true;
    products(s, [&](std::size_t h, const std::string& a) {
      for (auto k : readers) {
        const Step& t = plan_.steps[k];
        t.op == Op::jamp ? to_row(*t.instruction, h, a) : square(*t.instruction, h, a);
      }
    });
  }

  void to_row(const Instruction& x, std::size_t h, const std::string& a) {
    const double* c = &p_.constants[2 * x.coefficient[0]];
    const std::string to = row(x.out) + "[" + std::to_string(h) + "]";
    if (c[1] == 0) {
      line(to + ".re += " + number(c[0]) + " * " + a + ".re; " + to + ".im += " + number(c[0]) + " * " + a + ".im;");
    } else if (c[0] == 0) {
      line(to + ".re -= " + number(c[1]) + " * " + a + ".im; " + to + ".im += " + number(c[1]) + " * " + a + ".re;");
    } else {
      line(to + " = " + to + " + C{" + number(c[0]) + ", " + number(c[1]) + "} * " + a + ";");
    }
  }

  void square(const Instruction& x, std::size_t h, const std::string& a) {
    line("amp2[" + std::to_string(x.out) + "] += (wanted >> " + std::to_string(h) + " & 1) ? norm(" + a + ") : F(0);");
  }

  void density(const Step& s) {
    const Instruction& x = *s.instruction;
    const std::string out = index("r", x.out);
    line("F " + out + "[16] = {};");
    for (std::size_t n = 0; n < s.n; ++n) line("add_density(" + state(x.in[0], n) + ", " + out + ");");
  }

  void trace(const Step& s) {
    const Instruction& x = *s.instruction;
    line("amp2[" + std::to_string(x.out) + "] += trace(" + index("r", x.in[0]) + ", " + index("r", x.in[1]) + ");");
  }

  double color(std::size_t r, std::size_t s) const {
    const std::size_t n_order = p_.n_split_order, i = std::min(r, s) / n_order, j = std::max(r, s) / n_order;
    if (!p_.chosen_orders[(r % n_order) * n_order + s % n_order]) return 0;
    return p_.color_matrix[i * p_.n_flow - i * (i + 1) / 2 + j];
  }

  void colors() {
    for (std::size_t f = 0; f < p_.n_flow; ++f) line("jamp2[" + std::to_string(f) + "] = 0;");
    each_helicity([&](std::size_t h) {
      const std::string at = "[" + std::to_string(h) + "]";
      line("{ F t = 0;");
      for (std::size_t i = 0; i < p_.n_row(); ++i) {
        std::string re, im;
        for (std::size_t j = i; j < p_.n_row(); ++j) {
          const double c = color(i, j) * (i == j ? 1 : 2);
          if (c == 0) continue;
          re += (re.empty() ? "" : " + ") + number(c) + " * " + row(j) + at + ".re";
          im += (im.empty() ? "" : " + ") + number(c) + " * " + row(j) + at + ".im";
        }
        if (!re.empty()) line("t += (" + re + ") * " + row(i) + at + ".re + (" + im + ") * " + row(i) + at + ".im;");
      }
      line("terms" + at + " = t;");
      line("if (wanted >> " + std::to_string(h) + " & 1) {");
      const std::size_t n_order = p_.n_split_order;
      for (std::size_t f = 0; f < p_.n_flow; ++f)
        for (std::size_t m = 0; m < n_order; ++m)
          for (std::size_t n = 0; n < n_order; ++n) {
            if (!p_.chosen_orders[m * n_order + n]) continue;
            const std::string a = row(f * n_order + m) + at, b = row(f * n_order + n) + at;
            line("jamp2[" + std::to_string(f) + "] += std::fabs(" + a + ".re * " + b + ".re + " + a + ".im * " + b +
                 ".im);");
          }
      line("} }");
    });
  }

  const Plan& plan_;
  const Program& p_;
  unsigned wanted_;
  std::string text_;
  std::map<std::size_t, bool> fused_;      // steps that were done with the product
  std::map<std::uint32_t, int> declared_;  // buffers
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
