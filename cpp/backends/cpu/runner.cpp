// Runs a Plan on one page of events. Compiled once for each mode (MEB_TARGET, MEB_WIDTH).
//
// Nothing here may instantiate a template outside meb::MEB_TARGET that is not inlined (a
// std::vector that grows, a shared_ptr): the linker keeps one copy for all modes.
#include "backends/cpu/coefficients.hpp"
#include "backends/cpu/custom.hpp"
#include "backends/cpu/densities.hpp"
#include "backends/cpu/external_waves.hpp"
#include "backends/cpu/kinematics.hpp"
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
        kinematics_(plan_, values_),
        coefficients_(plan_, values_),
        amp2_(p_.amp2_diagrams.size()),
        mask_(plan_.n_active()),
        jamp_(std::is_same_v<Rc, R> ? 0 : p_.n_row() * Products<B>::block),
        matrix_element_(plan_.n_active()),
        jamp2_(p_.n_flow),
        color_(form_.coefficients.size()),
        arrays_{arena_.data(), kinematics_.momenta(), coefficients_.factors(), amp2_.data(), &values_, input.custom},
        results_(plan_, input.weight) {
    for (std::size_t i = 0; i < form_.coefficients.size(); ++i) color_[i] = static_cast<G>(form_.coefficients[i]);
    update_values();
  }
  ~Runner() override {
    for (Schedule* s : schedules_) delete s;
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void update_values() override {
    kinematics_.update();
    coefficients_.update();
  }

  std::size_t run(const Batch& batch, std::size_t first, std::size_t count, unsigned wanted,
                  const Tiles& tiles) override {
    const PageOfEvents page{&batch, first, count};
    Schedule& schedule = schedule_for(wanted, tiles);
    kinematics_.load(page);
    coefficients_.load(page, kinematics_);
    const bool masked = batch.helicity_in != nullptr;
    if (masked) load_mask(page);
    for (std::size_t d = 0; d < p_.amp2_diagrams.size(); ++d) amp2_[d] = R{};
    for (std::size_t f = 0; f < p_.n_flow; ++f) jamp2_[f] = Rc{};
    const R* mask = masked ? mask_.data() : nullptr;
    if (plan_.order == Order::as_steps) {
      if (tiles.n_tile > 0) run_in_turn(schedule, mask);
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
  // A task, or a product.
  struct Call {
    const Task<B>* task;
    std::uint32_t product;
  };
  // What is done for one set of needs.
  struct Schedule {
    Schedule(const Plan& plan, const Tiles& tiles, const C* arena)
        : tasks(plan.loops.size() + plan.steps.size()),
          calls(plan.loops.size() + plan.steps.size() + tiles.steps.size()),
          products(plan, tiles, arena) {}
    AlignedArray<Task<B>> tasks;
    std::size_t n_task = 0;
    AlignedArray<Call> calls;
    std::size_t n_call = 0;
    Products<B> products;
  };

  // For Order::as_steps, where there is one tile.
  void list_calls(Schedule& schedule, const Tiles& tiles) {
    std::uint32_t product = 0;
    for (std::size_t i = 0; i <= schedule.n_task; ++i) {
      const Task<B>* task = i < schedule.n_task ? &schedule.tasks[i] : nullptr;
      for (; product < tiles.steps.size(); ++product) {
        const Step* of = tiles.steps[product].product;
        if (task && of && of > task->step) break;
        schedule.calls[schedule.n_call++] = {nullptr, product};
      }
      if (task) schedule.calls[schedule.n_call++] = {task, 0};
    }
  }
  void run_in_turn(Schedule& schedule, const R* mask) {
    schedule.products.start(0);
    for (const Call *call = schedule.calls.data(), *end = call + schedule.n_call; call < end; ++call) {
      if (call->task) {
        call->task->run(*call->task);
      } else {
        schedule.products.run_step(0, call->product, amp2_.data(), mask);
      }
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
      list_calls(*schedule, tiles);
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
    if (s.propagator != none) t.propagator = kinematics_.propagators() + s.propagator;
    if (s.op == Op::custom) return t;
    if (s.op == Op::external) t.momentum[0] = kinematics_.momenta() + x.in[0];
    const auto inputs = p_.inputs(x);
    t.n_in = static_cast<std::uint32_t>(inputs.size());
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      t.in[k] = arena_.data() + s.in[k];
      if (p_.slots[inputs[k]].momentum != none) t.momentum[k] = kinematics_.momenta() + p_.slots[inputs[k]].momentum;
    }
    if (s.op == Op::density || s.op == Op::external) return t;
    for (int k = 0; k < 3; ++k)
      if (s.coefficient[k] != none) t.coefficient[k] = coefficients_.factors() + s.coefficient[k];
    if (s.op == Op::density_vertex) return t;
    const std::size_t n_entry = std::size_t{loop.n_left} + loop.n_right + loop.n_whole;
    for (std::size_t i = 0; i < n_entry; ++i)
      for (std::uint32_t k = 0; k < t.n_in; ++k) {
        const std::uint32_t state = t.index[i * (t.n_in + 1) + 1 + k];
        if (state >= t.n_state[k]) t.n_state[k] = state + 1;
      }
    return t;
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
  Kinematics<B> kinematics_;
  Coefficients<B> coefficients_;
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
