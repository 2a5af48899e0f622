// Runs a Plan on one page of events. Compiled once for each mode (MEB_TARGET, MEB_WIDTH).
//
// Nothing here may instantiate a template outside meb::MEB_TARGET that is not inlined (a
// std::vector that grows, a shared_ptr): the linker keeps one copy for all modes.
#include "backends/cpu/custom.hpp"
#include "backends/cpu/densities.hpp"
#include "backends/cpu/external_waves.hpp"
#include "backends/cpu/inputs.hpp"
#include "backends/cpu/peak.hpp"
#include "backends/cpu/products.hpp"
#include "backends/cpu/results.hpp"
#include "backends/cpu/vertices.hpp"
#include "kernels/color.hpp"

namespace meb::MEB_TARGET {
namespace {

// F: amplitudes; G: colour sum, with the same number of lanes.
template <class F, class G>
class Runner final : public PageRunner {
  using B = Bundle<F>;
  using R = typename B::real;
  using C = Complex<R>;
  static constexpr int V = B::lanes;
  using ColorVector = Vector<G, MEB_WIDTH == 0 ? 0 : V* static_cast<int>(sizeof(G))>;
  using Rc = typename ColorVector::type;

public:
  explicit Runner(const RunnerInput& input)
      : plan_(*input.plan),
        p_(*plan_.program),
        values_(*input.values),
        form_(*input.color),
        arena_(plan_.arena_size),
        momenta_(p_.momenta.size()),
        propagators_(plan_.propagators.size()),
        coefficients_(p_.coefficients.size()),
        factors_(plan_.factors.size()),
        running_(p_.running_couplings.size()),
        amp2_(p_.amp2_diagrams.size()),
        mask_(plan_.n_active()),
        jamp_(std::is_same_v<Rc, R> ? 0 : p_.n_row() * Products<B>::block),
        matrix_element_(plan_.n_active()),
        jamp2_(p_.n_flow),
        color_(form_.coefficients.size()),
        arrays_{arena_.data(), momenta_.data(), factors_.data(), amp2_.data(), &values_, input.custom},
        results_(plan_, input.weight) {
    for (std::size_t i = 0; i < form_.coefficients.size(); ++i) color_[i] = static_cast<G>(form_.coefficients[i]);
  }
  ~Runner() override {
    for (Schedule* s : schedules_) delete s;
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  std::size_t run(const Batch& batch, std::size_t first, std::size_t count, unsigned wanted,
                  const Tiles& tiles) override {
    const PageOfEvents page{&batch, first, count};
    Schedule& schedule = schedule_for(wanted, tiles);
    load_running_couplings(page);
    load_momenta(page);
    make_propagators();
    make_coefficients();
    const bool masked = batch.helicity_in != nullptr;
    if (masked) load_mask(page);
    for (std::size_t d = 0; d < p_.amp2_diagrams.size(); ++d) amp2_[d] = R{};
    for (std::size_t f = 0; f < p_.n_flow; ++f) jamp2_[f] = Rc{};
    const R* mask = masked ? mask_.data() : nullptr;
    if (plan_.order == Order::as_steps) {
      run_in_turn(schedule, tiles, mask);
      sum_colors(schedule.products, 0, tiles.size, masked);
    } else {
      for (std::size_t i = 0; i < schedule.n_task; ++i) schedule.tasks[i].run(schedule.tasks[i]);
      for (std::uint32_t tile = 0; tile < tiles.n_tile; ++tile) {
        schedule.products.run(tile, amp2_.data(), mask);
        sum_colors(schedule.products, tile, tiles.size, masked);
      }
    }
    return results_(page, {flat<G>(matrix_element_), flat<G>(jamp2_), flat<F>(amp2_)});
  }

private:
  // What is done for one set of needs.
  struct Schedule {
    Schedule(const Plan& plan, const Tiles& tiles, const C* arena)
        : tasks(plan.loops.size() + plan.steps.size()), products(plan, tiles, arena) {}
    AlignedArray<Task<B>> tasks;
    std::size_t n_task = 0;
    Products<B> products;
  };

  // There is one tile, or none.
  void run_in_turn(Schedule& schedule, const Tiles& tiles, const R* mask) {
    if (tiles.n_tile > 0) schedule.products.start(0);
    std::size_t product = 0;
    for (std::size_t i = 0; i <= schedule.n_task; ++i) {
      const Step* here = i < schedule.n_task ? schedule.tasks[i].step : &plan_.steps[0] + plan_.steps.size();
      for (; product < tiles.steps.size() && tiles.n_tile > 0; ++product) {
        const Step* of = tiles.steps[product].product;
        if (of && of > here) break;
        schedule.products.run_step(0, product, amp2_.data(), mask);
      }
      if (i < schedule.n_task) schedule.tasks[i].run(schedule.tasks[i]);
    }
  }

  template <class T, class Array>
  static const T* flat(const Array& pages) {
    return reinterpret_cast<const T*>(pages.data());
  }

  Schedule& schedule_for(unsigned wanted, const Tiles& tiles) {
    Schedule*& schedule = schedules_[wanted];
    if (!schedule) {
      schedule = new Schedule(plan_, tiles, arena_.data());
      std::size_t step = 0;
      for (const Loop& loop : plan_.loops) {
        for (; step < loop.step; ++step) add_trace(*schedule, plan_.steps[step], wanted);
        const Step& s = plan_.steps[loop.step];
        if (s.need & wanted) schedule->tasks[schedule->n_task++] = task(s, loop);
      }
      for (; step < plan_.steps.size(); ++step) add_trace(*schedule, plan_.steps[step], wanted);
    }
    return *schedule;
  }
  void add_trace(Schedule& schedule, const Step& s, unsigned wanted) {
    if (s.op != Op::trace || !(s.need & wanted)) return;
    Task<B>& t = schedule.tasks[schedule.n_task++] = Task<B>{};
    t.run = &trace<B>;
    t.step = &s;
    t.arrays = &arrays_;
    for (int k : {0, 1}) t.in[k] = arena_.data() + s.in[k];
  }

  static void (*run_of(const Step& s, const Loop& loop))(const Task<B>&) {
    switch (s.op) {
      case Op::external: return ExternalWaves<B>::choose(s);
      case Op::density: return &density<B>;
      case Op::density_vertex: return &density_vertex<B>;
      case Op::custom: return &custom<B>;
      default:
        if (loop.zero) return &Vertices<B>::zeros;
        return loop.n_whole ? Vertices<B>::choose(s) : Vertices<B>::choose_half(s);
    }
  }

  Task<B> task(const Step& s, const Loop& loop) {
    const Instruction& x = *s.instruction;
    const bool as_planned = s.op == Op::external || s.op == Op::custom;
    Task<B> t{};
    t.run = run_of(s, loop);
    t.index = as_planned ? plan_.indices.data() + s.index : plan_.loop_indices.data() + loop.first;
    t.n_left = loop.n_left, t.n_right = loop.n_right, t.n = loop.n_whole;
    t.accumulate = loop.accumulate;
    t.fill = loop.fill;
    t.out = arena_.data() + s.out;
    t.step = &s;
    t.plan = &plan_;
    t.arrays = &arrays_;
    if (s.propagator != none) t.propagator = &propagators_[s.propagator];
    if (s.op == Op::custom) return t;
    // the first momenta of a Program are those of the legs, with sign +1
    if (s.op == Op::external) t.momentum[0] = &momenta_[x.in[0]];
    const auto inputs = p_.inputs(x);
    t.n_in = static_cast<std::uint32_t>(inputs.size());
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      t.in[k] = arena_.data() + s.in[k];
      if (p_.slots[inputs[k]].momentum != none) t.momentum[k] = &momenta_[p_.slots[inputs[k]].momentum];
    }
    if (s.op == Op::density || s.op == Op::external) return t;
    for (int k = 0; k < 3; ++k)
      if (s.coefficient[k] != none) t.coefficient[k] = &factors_[s.coefficient[k]];
    if (s.op == Op::density_vertex) return t;
    const std::size_t n_entry = std::size_t{loop.n_left} + loop.n_right + loop.n_whole;
    for (std::size_t i = 0; i < n_entry; ++i)
      for (std::uint32_t k = 0; k < t.n_in; ++k) {
        const std::uint32_t state = t.index[i * (t.n_in + 1) + 1 + k];
        if (state >= t.n_state[k]) t.n_state[k] = state + 1;
      }
    return t;
  }

  void load_momenta(const PageOfEvents& page) {
    for (std::size_t m = 0; m < p_.momenta.size(); ++m) {
      const MomentumSum& sum = p_.momenta[m];
      if (sum.leg == none) {
        momenta_[m] = momenta_[sum.in[0]] + momenta_[sum.in[1]];
        if (sum.in[2] != none) momenta_[m] = momenta_[m] + momenta_[sum.in[2]];
      } else if (m < p_.n_leg) {
        momenta_[m] = load_momentum<B>(page, p_.n_leg, sum.leg);
      } else {
        momenta_[m] = sum.sign < 0 ? -momenta_[sum.leg] : momenta_[sum.leg];
      }
    }
  }

  void make_propagators() {
    for (std::size_t k = 0; k < plan_.propagators.size(); ++k) {
      const auto [momentum, mass, width] = plan_.propagators[k];
      new (&propagators_[k]) Propagator<B>(momenta_[momentum], parameter(mass), parameter(width));
    }
  }
  F parameter(std::uint32_t index) const { return index == none ? F(0) : static_cast<F>(values_.parameter[index]); }

  // To memory, from which pages are loaded later: loads just after such stores would wait.
  void load_running_couplings(const PageOfEvents& page) {
    const Batch& batch = *page.batch;
    const std::size_t n = 2 * p_.running_couplings.size();
    for (std::size_t k = 0; k < n; ++k)
      to_lanes<B>(
          page, [&](std::size_t e) { return batch.running_coupling[(batch.running_coupling_common ? 0 : e) * n + k]; },
          reinterpret_cast<F*>(running_.data()) + k * V);
  }

  void make_coefficients() {
    const std::size_t n_constant = p_.couplings.size();
    for (std::size_t i = 0; i < p_.coefficients.size(); ++i) {
      C sum{};
      for (const auto& t : p_.coefficients[i]) {
        const C factor{B::broadcast(F(t.re)), B::broadcast(F(t.im))};
        if (t.coupling == none) {
          sum = sum + factor;
        } else if (t.coupling >= n_constant) {
          sum = sum + factor * running_[t.coupling - n_constant];
        } else {
          const double* c = &values_.coupling[2 * t.coupling];
          sum = sum + factor * C{B::broadcast(F(c[0])), B::broadcast(F(c[1]))};
        }
      }
      coefficients_[i] = sum;
    }
    for (std::size_t i = 0; i < plan_.factors.size(); ++i) {
      const Factor& f = plan_.factors[i];
      C value = coefficients_[f.coefficient];
      if (f.propagator != none) value = value * propagators_[f.propagator].inverse;
      factors_[i] = f.negative ? -value : value;
    }
  }

  void load_mask(const PageOfEvents& page) {
    for (std::size_t a = 0; a < plan_.n_active(); ++a)
      mask_[a] = gather<B>(page, [&](std::size_t e) {
        const auto own = page.batch->helicity_in[e];
        return own == 0 || own == static_cast<std::int32_t>(plan_.active[a]) + 1;
      });
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

  // JAMPs of a block in the precision of the colour sum, [row][block]
  Complex<Rc>* color_rows(C* rows, std::uint32_t block) {
    if constexpr (std::is_same_v<Rc, R>) {
      return rows;
    } else {
      for (std::size_t i = 0; i < p_.n_row() * block; ++i) jamp_[i] = {to_color(rows[i].re), to_color(rows[i].im)};
      return jamp_.data();
    }
  }

  void sum_colors(Products<B>& products, std::uint32_t tile, std::uint32_t size, bool masked) {
    const std::uint32_t block = products.together();
    for (std::uint32_t at = 0; at < products.n_position(tile); at += block) {
      const std::uint32_t n = std::min(block, products.n_position(tile) - at);
      const std::size_t first = std::size_t{tile} * size + at;
      sum_block(color_rows(products.rows(at), block), block, n, first, masked ? &mask_[first] : nullptr);
    }
  }

  // n combinations from number `first` on; rows: [row][block]
  void sum_block(Complex<Rc>* rows, std::uint32_t block, std::uint32_t n, std::size_t first, const R* mask) {
    const bool alone = p_.n_split_order == 1 && p_.chosen_orders[0] && !mask && n == block;
    if (alone && n == 2) {
      add_norms<2>(rows);
    } else if (alone && n == 8) {
      add_norms<8>(rows);
    } else {
      for (std::size_t f = 0; f < p_.n_flow; ++f) jamp2_[f] += flow_sum(rows, block, f, n, mask);
    }
    for (const auto& [a, b] : form_.butterflies) butterfly(rows + a * block, rows + b * block, n);
    for (std::uint32_t i = 0; i < n; ++i) matrix_element_[first + i] = Rc{};
    const std::uint32_t* order = form_.order.data();
    const G* c = color_.data();
    for (std::uint32_t n_row : form_.blocks) {
      quadratic_form(rows, order, block, n_row, c, n, &matrix_element_[first]);
      order += n_row;
    }
  }

  // JAMP2 of n combinations where each flow is one row.
  template <int n>
  void add_norms(const Complex<Rc>* rows) {
    for (std::size_t f = 0; f < p_.n_flow; ++f, rows += n) {
      Rc sums[2] = {};  // each addition waits for the one before
      for (int h = 0; h < n; ++h) sums[h % 2] += rows[h].re * rows[h].re + rows[h].im * rows[h].im;
      jamp2_[f] += sums[0] + sums[1];
    }
  }

  // JAMP2(flow) = sum over chosen pairs of split orders of |Re J_m J_n^*|
  Rc flow_sum(const Complex<Rc>* rows, std::uint32_t block, std::size_t flow, std::uint32_t n, const R* mask) const {
    const std::size_t n_order = p_.n_split_order;
    Rc sum{};
    for (std::size_t k = 0; k < n_order; ++k)
      for (std::size_t m = 0; m < n_order; ++m) {
        if (!p_.chosen_orders[k * n_order + m]) continue;
        const Complex<Rc>*a = rows + (flow * n_order + k) * block, *b = rows + (flow * n_order + m) * block;
        for (std::uint32_t h = 0; h < n; ++h) {
          const Rc x = a[h].re * b[h].re + a[h].im * b[h].im, term = k == m ? x : (x < 0 ? -x : x);
          sum += mask ? term * to_color(mask[h]) : term;
        }
      }
    return sum;
  }

  const Plan& plan_;
  const Program& p_;
  const Values& values_;
  const ColorForm& form_;
  AlignedArray<C> arena_;
  AlignedArray<Momentum<R>> momenta_;
  AlignedArray<Propagator<B>> propagators_;
  AlignedArray<C> coefficients_, factors_, running_;
  AlignedArray<R> amp2_, mask_;
  AlignedArray<Complex<Rc>> jamp_;
  AlignedArray<Rc> matrix_element_, jamp2_;
  AlignedArray<G> color_;
  Arrays<B> arrays_;
  Schedule* schedules_[8] = {};  // by bits of `need`
  Results<F, G, V> results_;
};

}  // namespace

PageRunner* make_runner(const RunnerInput& input, Precision precision) {
  if (precision == Precision::single) return new Runner<float, float>(input);
  if (precision == Precision::mixed) return new Runner<double, float>(input);
  return new Runner<double, double>(input);
}

std::size_t lanes(Precision precision) {
  return precision == Precision::single ? Bundle<float>::lanes : Bundle<double>::lanes;
}

double peak(Precision precision) { return precision == Precision::single ? peak<float>() : peak<double>(); }

}  // namespace meb::MEB_TARGET
