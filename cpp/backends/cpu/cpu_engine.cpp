// The CPU backend: chooses a mode, shares pages among threads.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <thread>

#include "backends/cpu/page.hpp"
#include "backends/cuda/engine.hpp"
#include "engine/plugin.hpp"
#include "engine/selection.hpp"

#define MEB_DECLARE_MODE(name)                                 \
  namespace meb::name {                                        \
  PageRunner* make_runner(const RunnerInput& input, Precision); \
  }
#define MEB_MODE(name) MEB_DECLARE_MODE(name)
#include "modes.inc"
#undef MEB_MODE

namespace meb {
namespace {

struct Mode {
  const char* name;
  MakeRunner make;
};

constexpr Mode all_modes[] = {
#define MEB_MODE(name) {#name, &name::make_runner},
#include "modes.inc"
#undef MEB_MODE
};

bool cpu_has(std::string_view mode) {
  if (mode == "scalar") return true;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (mode == "sse4") return __builtin_cpu_supports("sse4.2");
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (mode == "avx2") return avx2;
  if (mode == "avx512y" || mode == "avx512z")
    return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
#endif
  return mode == "neon";  // compiled for aarch64 alone, where it is always there
}

// `plugin`: null, or one that may lack modes which its compiler did not know.
const Mode& find_mode(std::string_view name, const Plugin* plugin) {
  const Mode* best = nullptr;
  std::string usable;
  for (const Mode& m : all_modes) {
    if (!cpu_has(m.name) || (plugin && !plugin->mode(m.name))) continue;
    if (name == "auto" || name == m.name) best = &m;
    usable += usable.empty() ? m.name : std::string(", ") + m.name;
  }
  if (!best)
    throw Error(Status::unsupported,
                "backend '" + std::string(name) + "' is not usable here; choose auto, " + usable);
  return *best;
}

class CpuEngine final : public Engine {
public:
  CpuEngine(std::shared_ptr<const Program> program, const Mode& mode, Precision precision)
      : program_(std::move(program)),
        mode_(mode),
        precision_(precision),
        weight_(program_->n_helicity, 1.0),
        color_(color_blocks(*program_)) {
    if (const Plugin* plugin = program_->plugin.get())
      custom_ = plugin->functions(*plugin->mode(mode.name), *program_, precision);
    values_.parameter.assign(program_->parameters.size(), 0);
    values_.coupling.assign(2 * program_->couplings.size(), 0);
    have_values_ = program_->parameters.empty() && program_->couplings.empty();
  }

  const Program& program() const override { return *program_; }
  std::string backend() const override { return mode_.name; }
  std::uint64_t n_event() const override { return n_event_; }
  std::uint64_t n_non_finite() const override { return n_non_finite_; }

  void set_threads(std::size_t n_thread) override {
    if (n_thread < 1 || n_thread > 4096) throw Error(Status::argument, "n_thread must be 1 ... 4096");
    n_thread_ = n_thread;
  }

  void set_parameters(std::span<const double> parameter, std::span<const double> coupling) override {
    values_.parameter.assign(parameter.begin(), parameter.end());
    values_.coupling.assign(coupling.begin(), coupling.end());
    have_values_ = true;
  }

  void set_helicity_weights(std::span<const double> weight) override {
    for (double w : weight)
      if (!(w >= 0) || !std::isfinite(w)) throw Error(Status::argument, "a helicity weight is negative or not finite");
    weight_.assign(weight.begin(), weight.end());
    workers_.clear();
    plan_ = nullptr;
  }

  void evaluate(const Batch& batch) override {
    if (!have_values_) throw Error(Status::state, "call meb_engine_set_parameters before the first evaluation");
    prepare();
    const std::size_t n_page = (batch.n_event + lanes_ - 1) / lanes_;
    const std::size_t n_thread = std::max<std::size_t>(1, std::min(n_thread_, n_page));
    while (workers_.size() < n_thread) workers_.push_back(std::make_unique<Worker>(*this));
    std::vector<std::exception_ptr> failed(n_thread);
    std::vector<std::thread> threads;
    const auto work = [&](std::size_t t) {
      try {
        for (std::size_t page = n_page * t / n_thread; page < n_page * (t + 1) / n_thread; ++page)
          workers_[t]->run(batch, page * lanes_);
      } catch (...) {
        failed[t] = std::current_exception();
      }
    };
    for (std::size_t t = 1; t < n_thread; ++t) threads.emplace_back(work, t);
    work(0);
    for (auto& t : threads) t.join();
    for (auto& e : failed)
      if (e) std::rethrow_exception(e);
    count(batch);
  }

private:
  struct Worker {
    explicit Worker(const CpuEngine& engine)
        : runner(engine.mode_.make({engine.plan_.get(), &engine.values_, engine.color_.data(), engine.color_.size(),
                                    engine.custom_.data()},
                                   engine.precision_)),
          result(*engine.plan_),
          selection(*engine.plan_, engine.weight_) {}

    void run(const Batch& batch, std::size_t first) {
      const std::size_t count = std::min<std::size_t>(runner->lanes(), batch.n_event - first);
      if (!result.matrix_element.empty()) {
        const bool with_amp2 = batch.amp2 || (batch.channel && !batch.channel_cut_only);
        runner->run(batch, first, count, with_amp2, result);
      }
      for (std::size_t v = 0; v < count; ++v) {
        const EventSums sums{result.matrix_element.data() + v, result.jamp2.data() + v, result.amp2.data() + v,
                             max_lanes};
        if (!selection(batch, first + v, sums)) ++n_non_finite;
      }
    }

    std::unique_ptr<PageRunner> runner;
    PageResult result;
    Selection selection;
    std::uint64_t n_non_finite = 0;
  };

  void prepare() {
    if (plan_) return;
    std::vector<std::uint32_t> active;
    for (std::uint32_t h = 0; h < weight_.size(); ++h)
      if (weight_[h] != 0 && !program_->zero_helicities[h]) active.push_back(h);
    plan_ = make_plan(program_, std::move(active));
    workers_.push_back(std::make_unique<Worker>(*this));
    lanes_ = workers_[0]->runner->lanes();
    check_lanes();
  }

  void check_lanes() const {
    if (!program_->plugin) return;
    const Plugin& plugin = *program_->plugin;
    const meb_plugin_mode& mode = *plugin.mode(mode_.name);
    if (lanes_ != (precision_ == Precision::single ? mode.lanes_single : mode.lanes_double))
      throw Error(Status::unsupported, plugin.path() + ": pages of another size; run 'mebridge inject' again");
  }

  void count(const Batch& batch) {
    n_event_ += batch.n_event;
    for (auto& w : workers_) {
      n_non_finite_ += w->n_non_finite;
      w->n_non_finite = 0;
    }
  }

  std::shared_ptr<const Program> program_;
  const Mode& mode_;
  Precision precision_;
  std::vector<double> weight_, color_;
  std::vector<meb_plugin_function> custom_;
  Values values_;
  bool have_values_ = false;
  std::shared_ptr<const Plan> plan_;
  std::size_t lanes_ = 1, n_thread_ = 1;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::uint64_t n_event_ = 0, n_non_finite_ = 0;
};

}  // namespace

std::vector<double> color_blocks(const Program& p) {
  const std::size_t n_order = p.n_split_order, n_row = p.n_row();
  const auto element = [&](std::size_t r, std::size_t s) {
    const std::size_t i = std::min(r / n_order, s / n_order), j = std::max(r / n_order, s / n_order);
    if (!p.chosen_orders[(r % n_order) * n_order + s % n_order]) return 0.0;
    return p.color_matrix[i * p.n_flow - i * (i + 1) / 2 + j];
  };
  std::vector<double> blocks;
  for (std::size_t i = 0; i < n_row; i += 4)
    for (std::size_t j = i; j < n_row; ++j)
      for (std::size_t k = i; k < i + 4; ++k)
        blocks.push_back(k < n_row ? (j < i + 4 ? 1.0 : 2.0) * element(k, j) : 0.0);
  return blocks;
}

std::vector<std::string> modes() {
  std::vector<std::string> names;
  for (const Mode& m : all_modes)
    if (cpu_has(m.name)) names.emplace_back(m.name);
  return names;
}

std::unique_ptr<Engine> make_engine(std::shared_ptr<const Program> program, std::string_view backend,
                                    Precision precision) {
  require_plugin(*program);
  if (backend == "cuda" || backend == "cuda_host") return cuda::make_engine(std::move(program), backend, precision);
  const Mode& mode = find_mode(backend, program->plugin.get());
  return std::make_unique<CpuEngine>(std::move(program), mode, precision);
}

}  // namespace meb
