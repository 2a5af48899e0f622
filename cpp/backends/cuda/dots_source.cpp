#include "backends/cuda/dots_source.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <map>
#include <set>

#include "engine/color.hpp"

namespace meb::cuda {
namespace {

struct Factor {
  double re, im;
};
Factor operator*(Factor a, Factor b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
bool operator==(Factor a, Factor b) { return a.re == b.re && a.im == b.im; }

// k if the factor is i^k, else -1.
int quarter_turns(Factor f) {
  const Factor turns[] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
  for (int k = 0; k < 4; ++k)
    if (f == turns[k]) return k;
  return -1;
}

std::string index(char name, std::size_t i) {
  std::string text(1, name);
  return text += std::to_string(i);
}
std::string number(double x) {
  char text[40];
  std::snprintf(text, sizeof text, "F(%.17g)", x);
  return text;
}

class Writer {
public:
  Writer(const Plan& plan, const Schedule& schedule) : p_(*plan.program), s_(schedule), lanes_(dot_lanes(plan, s_)) {
    users_.resize(s_.products.size());
    squares_.resize(s_.products.size());
    for (std::uint32_t i = 0; i < s_.sums.size(); ++i) {
      const Sum& sum = s_.sums[i];
      for (std::uint32_t t = sum.first; t < sum.first + sum.n; ++t) {
        const SumTerm& term = s_.sum_terms[t];
        if (i < s_.n_row_sum)
          users_[term.amplitude].push_back({sum.out, constant(term.constant)});
        else
          squares_[term.amplitude].push_back(i);
      }
    }
  }

  std::string write() {
    head();
    for (std::size_t r = 0; r < p_.n_row(); ++r) line("C " + index('j', r) + "{0, 0};");
    for (std::size_t k = 0; k < s_.products.size(); ++k)
      if (!squares_[k].empty()) line("C " + index('a', k) + ";");
    std::map<std::uint32_t, std::vector<std::uint32_t>> by_sides;
    for (std::uint32_t k = 0; k < s_.products.size(); ++k) by_sides[s_.products[k].sides].push_back(k);
    for (auto& [sides, products] : by_sides) group(sides, products);
    line("if (with_sums) {");
    flows();
    line("}");
    colors();
    line("return F(t0 + t1);\n}\n};\n}  // namespace meb::MEB_TARGET");
    return text_;
  }

private:
  struct Use {
    std::uint32_t row;
    Factor factor;
  };

  void line(const std::string& s) { text_ += s + "\n"; }
  Factor constant(std::uint32_t i) const {
    if (2 * i >= p_.constants.size()) return {1, 0};
    return {p_.constants[2 * i], p_.constants[2 * i + 1]};
  }

  void head() {
    line("#define MEB_DOTS\nnamespace meb::MEB_TARGET {\nstruct Dots {");
    const auto number_of = [&](const char* name, std::size_t n) {
      line(std::string("static constexpr std::uint32_t ") + name + " = " + std::to_string(n) + ";");
    };
    number_of("n_lane", lanes_.n_lane);
    number_of("n_part", lanes_.n_part);
    number_of("n_sum", lanes_.n_sum);
    line(
        "// AMP2 index of a sum that is a square\nMEB_INLINE static std::uint32_t amp2(std::uint32_t i) {\nswitch (i) "
        "{");
    const auto diagrams = square_diagrams();
    for (std::size_t i = 0; i < diagrams.size(); ++i)
      line("case " + std::to_string(i) + ": return " + std::to_string(diagrams[i]) + ";");
    line("default: return 0;\n}\n}");
    line(
        "template <class F>\nMEB_INLINE static F run(const DotLane<F>& in, bool with_sums, F* sums) {\n"
        "using C = Complex<F>;\nC w[4], d[4];");
  }

  std::vector<std::uint32_t> square_diagrams() const {
    std::set<std::uint32_t> diagrams;
    for (std::size_t i = s_.n_row_sum; i < s_.sums.size(); ++i) diagrams.insert(s_.sums[i].out);
    return {diagrams.begin(), diagrams.end()};
  }

  // Products whose sides have the same legs, so ordered that little is loaded twice.
  void group(std::uint32_t sides, std::vector<std::uint32_t>& products) {
    const auto key = [&](std::uint32_t k, bool wave_first) {
      const ProductTerm& t = s_.product_terms[s_.products[k].first];
      return wave_first ? std::pair(t.wave, t.derivative) : std::pair(t.derivative, t.wave);
    };
    const auto n_load = [&](bool wave_first) {
      std::sort(products.begin(), products.end(),
                [&](auto a, auto b) { return key(a, wave_first) < key(b, wave_first); });
      std::size_t n = 0;
      for (std::size_t i = 0; i < products.size(); ++i) {
        const auto now = key(products[i], true), before = i ? key(products[i - 1], true) : std::pair(none, none);
        n += (now.first != before.first) + (now.second != before.second);
      }
      return n;
    };
    if (n_load(true) < n_load(false)) n_load(true);
    line("{ const auto ws = in.side(" + std::to_string(2 * sides) + "), ds = in.side(" + std::to_string(2 * sides + 1) +
         ");");
    wave_ = derivative_ = none;
    for (auto k : products) product(k);
    line("}");
  }

  void load(const ProductTerm& t, const std::string& n_component) {
    if (t.wave != wave_) line("in.template load<" + std::to_string(t.wave) + ", " + n_component + ">(ws, w);");
    if (t.derivative != derivative_)
      line("in.template load<" + std::to_string(t.derivative) + ", " + n_component + ">(ds, d);");
    wave_ = t.wave, derivative_ = t.derivative;
  }

  void product(std::uint32_t k) {
    const Product& x = s_.products[k];
    const std::string n_component = std::to_string(x.n_component);
    const ProductTerm& first = s_.product_terms[x.first];
    const auto& users = users_[k];
    if (x.n == 1 && users.size() == 1 && squares_[k].empty()) {
      const int turns = quarter_turns(constant(first.constant) * users[0].factor);
      if (turns >= 0) {
        load(first, n_component);
        return line("add_product<" + n_component + ", " + std::to_string(turns) + ">(" + index('j', users[0].row) +
                    ", w, d);");
      }
    }
    const bool kept = !squares_[k].empty();
    const std::string a = kept ? index('a', k) : "a";
    line(kept ? "{ " + a + " = C{0, 0};" : "{ C a{0, 0};");
    for (std::uint32_t t = x.first; t < x.first + x.n; ++t) {
      const ProductTerm& term = s_.product_terms[t];
      const Factor c = constant(term.constant);
      load(term, n_component);
      const int turns = quarter_turns(c);
      if (turns >= 0) {
        line("add_product<" + n_component + ", " + std::to_string(turns) + ">(" + a + ", w, d);");
      } else {
        line("C x{0, 0}; add_product<" + n_component + ", 0>(x, w, d);");
        add(a, c, "x");
      }
    }
    for (const Use& use : users) add(index('j', use.row), use.factor, a);
    line("}");
    for (auto i : squares_[k]) square(i, k);
  }

  void add(const std::string& to, Factor c, const std::string& x) {
    char text[100];
    std::snprintf(text, sizeof text, "cuda::multiply_add(%s, %.17g, %.17g, ", to.c_str(), c.re, c.im);
    line(text + x + ");");
  }

  // Once its last amplitude is there.
  void square(std::uint32_t i, std::uint32_t k) {
    const Sum& sum = s_.sums[i];
    done_.insert(k);
    std::string total;
    for (std::uint32_t t = sum.first; t < sum.first + sum.n; ++t) {
      const std::uint32_t amplitude = s_.sum_terms[t].amplitude;
      if (!done_.count(amplitude)) return;
      total += (total.empty() ? "" : " + ") + index('a', amplitude);
    }
    const auto diagrams = square_diagrams();
    const auto at = std::lower_bound(diagrams.begin(), diagrams.end(), sum.out) - diagrams.begin();
    const std::string to = "sums[" + std::to_string(p_.n_flow + static_cast<std::size_t>(at)) + "]";
    const bool is_new = squared_.insert(sum.out).second;
    line(to + (is_new ? " = " : " += ") + "norm(" + total + ");");
  }

  void flows() {
    const std::size_t n = p_.n_split_order;
    for (std::size_t f = 0; f < p_.n_flow; ++f) {
      std::string sum;
      for (std::size_t a = 0; a < n; ++a)
        for (std::size_t b = 0; b < n; ++b) {
          if (!p_.chosen_orders[a * n + b]) continue;
          const std::string x = index('j', f * n + a), y = index('j', f * n + b);
          sum += (sum.empty() ? "" : " + ") +
                 (a == b ? "norm(" + x + ")" : "std::fabs(" + x + ".re * " + y + ".re + " + x + ".im * " + y + ".im)");
        }
      line("sums[" + std::to_string(f) + "] = " + (sum.empty() ? "F(0)" : sum) + ";");
    }
  }

  void colors() {
    const ColorForm form = make_color_form(p_);
    for (const auto& [a, b] : form.butterflies)
      line("{ const C s = " + index('j', a) + " + " + index('j', b) + ", m = " + index('j', a) + " - " + index('j', b) +
           "; " + index('j', a) + " = s, " + index('j', b) + " = m; }");
    line("F t0 = 0, t1 = 0;");
    const double* c = form.coefficients.data();
    const std::uint32_t* rows = form.order.data();
    for (std::size_t n : form.blocks) {
      for (std::size_t i = 0; i < n; i += 4) {
        const std::size_t m = std::min<std::size_t>(4, n - i);
        for (std::size_t k = 0; k < m; ++k) color_row(c, rows + i, n - i, m, k);
        c += m * (n - i);
      }
      rows += n;
    }
  }

  // Row k of a stripe of m rows, from the diagonal on.
  void color_row(const double* c, const std::uint32_t* rows, std::size_t n, std::size_t m, std::size_t k) {
    std::string re, im;
    for (std::size_t j = k; j < n; ++j) {
      const double x = j == k || j >= m ? c[j * m + k] : c[j * m + k] + c[k * m + j];
      if (x == 0) continue;
      const std::string row = index('j', rows[j]);
      re += (re.empty() ? "" : " + ") + number(x) + " * " + row + ".re";
      im += (im.empty() ? "" : " + ") + number(x) + " * " + row + ".im";
    }
    if (re.empty()) return;
    const std::string row = index('j', rows[k]);
    line("t0 += (" + re + ") * " + row + ".re; t1 += (" + im + ") * " + row + ".im;");
  }

  const Program& p_;
  const Schedule& s_;
  DotLanes lanes_;
  std::string text_;
  std::vector<std::vector<Use>> users_;              // of each product
  std::vector<std::vector<std::uint32_t>> squares_;  // sums that need it
  std::set<std::uint32_t> done_, squared_;
  std::uint32_t wave_ = none, derivative_ = none;  // loaded
};

}  // namespace

bool may_be_in_registers(const Plan& plan, unsigned wanted) {
  constexpr std::size_t most_rows = 32, most_squares = 48;
  std::set<std::uint32_t> squares;
  for (const Step& s : plan.steps)
    if (s.op == Op::square && (s.need & wanted)) squares.insert(s.instruction->out);
  return plan.n_active() > 0 && plan.program->n_row() <= most_rows && squares.size() <= most_squares;
}

DotLanes dot_lanes(const Plan& plan, const Schedule& schedule) {
  const auto n_active = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(plan.n_active()));
  DotLanes lanes{};
  lanes.n_lane = std::min(32u, std::bit_ceil(n_active));
  lanes.n_part = (n_active + lanes.n_lane - 1) / lanes.n_lane;
  std::set<std::uint32_t> squares;
  for (std::size_t i = schedule.n_row_sum; i < schedule.sums.size(); ++i) squares.insert(schedule.sums[i].out);
  lanes.n_sum = plan.program->n_flow + static_cast<std::uint32_t>(squares.size());
  return lanes;
}

std::vector<std::uint16_t> dot_helicities(const Plan& plan, const Schedule& schedule) {
  std::vector<std::uint16_t> table(dot_lanes(plan, schedule).width(), no_index);
  for (std::size_t h = 0; h < plan.n_active(); ++h) table[h] = static_cast<std::uint16_t>(h);
  return table;
}

// Bytes as SharedMemory::first_byte counts them for event 0, from a slot whose first state is a multiple
// of 16 (or of the power of two not below its number of states).
std::vector<std::uint16_t> dot_offsets(const Plan& plan, const Schedule& schedule, std::size_t real_size) {
  const auto helicities = dot_helicities(plan, schedule);
  const auto offset = [&](std::uint32_t state) {
    return static_cast<std::uint16_t>((4 * state + ((state >> (real_size == 8 ? 1 : 2)) & 3)) * 2 * real_size);
  };
  std::vector<std::uint16_t> table;
  for (const Sides& s : schedule.sides) {
    std::vector<std::uint16_t> wave(plan.n_active()), derivative(plan.n_active());
    for (std::uint32_t a = 0; a < s.n_wave; ++a)
      for (std::uint32_t b = 0; b < s.n_derivative; ++b) {
        const int h = schedule.maps[s.map + a * s.n_derivative + b];
        if (h >= 0) wave[static_cast<std::size_t>(h)] = offset(a), derivative[static_cast<std::size_t>(h)] = offset(b);
      }
    for (const auto* side : {&wave, &derivative})
      for (auto h : helicities) table.push_back(h == no_index ? side->front() : (*side)[h]);
  }
  return table;
}

std::string dots_source(const Plan& plan, const Schedule& schedule) { return Writer(plan, schedule).write(); }

}  // namespace meb::cuda
