// The CPU backend: chooses a mode, shares pages among threads.
#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <map>

#include "backends/cpu/page.hpp"
#include "backends/cpu/pool.hpp"
#include "backends/cuda/engine.hpp"
#include "engine/adaptive_engine.hpp"
#include "engine/operations.hpp"
#include "engine/plugin.hpp"

#define MEB_DECLARE_MODE(name)                                                      \
  namespace meb::name {                                                             \
  PageRunner* make_runner(const RunnerInput& input, Precision);                     \
  std::size_t lanes(Precision);                                                     \
  double peak(Precision);                                                           \
  void generate(const PhaseSpaceBatch& batch, std::size_t first, std::size_t end); \
  }
#define MEB_MODE(name) MEB_DECLARE_MODE(name)
#include "modes.inc"
#undef MEB_MODE

namespace meb {
namespace {

constexpr std::size_t tile_bytes = 256 << 10;

constexpr CpuMode all_modes[] = {
#define MEB_MODE(name) {#name, {&name::make_runner, &name::lanes, &name::peak, &name::generate}},
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

}  // namespace

const CpuMode& find_mode(std::string_view name, const Plugin* plugin) {
  const CpuMode* best = nullptr;
  std::string usable;
  for (const CpuMode& m : all_modes) {
    if (!cpu_has(m.name) || (plugin && !plugin->mode(m.name))) continue;
    if (name == "auto" || name == m.name) best = &m;
    usable += usable.empty() ? m.name : std::string(", ") + m.name;
  }
  if (!best)
    throw Error(Status::unsupported, "backend '" + std::string(name) + "' is not usable here; choose auto, " + usable);
  return *best;
}

namespace {

class CpuEngine final : public Engine {
public:
  CpuEngine(std::shared_ptr<const Program> program, const CpuMode& mode, Precision precision)
      : program_(std::move(program)),
        mode_(mode),
        precision_(precision),
        weight_(program_->n_helicity, 1.0),
        color_(make_color_form(*program_)),
        lanes_(mode.functions.lanes(precision)) {
    if (const Plugin* plugin = program_->plugin.get())
      custom_ = plugin->functions(*plugin->mode(mode.name), *program_, precision);
    values_.parameter.assign(program_->parameters.size(), 0);
    values_.coupling.assign(2 * program_->couplings.size(), 0);
    have_values_ = program_->parameters.empty() && program_->couplings.empty();
  }

  const Program& program() const override { return *program_; }
  std::string backend() const override { return mode_.name; }
  double operations(bool with_amp2) override {
    prepare();
    return count_operations(*plan_, wanted(with_amp2, false), color_);
  }
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
    const bool with_amp2 = batch.amp2 || (batch.channel && !batch.channel_cut_only);
    const unsigned needs = wanted(with_amp2, batch.helicity_in != nullptr);
    const Tiles& tiles_for_all = tiles(needs);
    const std::size_t n_page = (batch.n_event + lanes_ - 1) / lanes_;
    const std::size_t n_thread = std::max<std::size_t>(1, std::min(n_thread_, n_page));
    while (workers_.size() < n_thread) add_worker();
    std::atomic<std::size_t> next{0};
    pool_.run(n_thread, [&](std::size_t t) {
      Worker& worker = workers_[t];
      std::size_t n_non_finite = 0;  // workers share cache lines
      for (std::size_t page = 0, end = 0; take_pages(next, n_page, n_thread, page, end);)
        for (; page < end; ++page) {
          const std::size_t first = page * lanes_, count = std::min(lanes_, batch.n_event - first);
          n_non_finite += worker.runner->run(batch, first, count, needs, tiles_for_all);
        }
      worker.n_non_finite += n_non_finite;
    });
    count(batch);
  }

private:
  struct Worker {
    std::unique_ptr<PageRunner> runner;
    std::uint64_t n_non_finite = 0;
  };

  // Takes a part of what is left, so that all threads end at the same time, however fast each is.
  static bool take_pages(std::atomic<std::size_t>& next, std::size_t n_page, std::size_t n_thread, std::size_t& page,
                         std::size_t& end) {
    page = next.load(std::memory_order_relaxed);
    do {
      if (page >= n_page) return false;
      end = page + std::max<std::size_t>(1, (n_page - page) / (4 * n_thread));
    } while (!next.compare_exchange_weak(page, end, std::memory_order_relaxed));
    return true;
  }

  void prepare() {
    if (plan_) return;
    check_lanes();
    std::vector<std::uint32_t> active;
    for (std::uint32_t h = 0; h < weight_.size(); ++h)
      if (weight_[h] != 0 && !program_->zero_helicities[h]) active.push_back(h);
    const Order order = active.size() <= tile_size() ? Order::as_steps : Order::products_last;
    plan_ = make_plan(program_, std::move(active), order);
    tiles_.clear();
  }

  // Bits of `need`.
  unsigned wanted(bool with_amp2, bool single_helicity) const {
    if (!with_amp2) return need::jamp;
    return need::jamp | (plan_->densities_exact && !single_helicity ? need::amp2_densities : need::amp2_amplitudes);
  }

  const Tiles& tiles(unsigned wanted) {
    auto [at, is_new] = tiles_.try_emplace(wanted);
    if (is_new) at->second = make_tiles(*plan_, wanted, tile_size());
    return at->second;
  }

  // The JAMPs of a tile are to stay in the second-level cache; short tiles cost more than they save.
  std::uint32_t tile_size() const {
    const std::size_t number = precision_ == Precision::single ? sizeof(float) : sizeof(double);
    const std::size_t combination = 2 * number * lanes_ * program_->n_row();
    return static_cast<std::uint32_t>(std::max<std::size_t>(8, std::bit_floor(tile_bytes / combination)));
  }

  void add_worker() {
    const RunnerInput input{plan_.get(), &values_, &color_, custom_.data(), weight_.data()};
    workers_.push_back({std::unique_ptr<PageRunner>(mode_.functions.make_runner(input, precision_))});
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
      n_non_finite_ += w.n_non_finite;
      w.n_non_finite = 0;
    }
  }

  std::shared_ptr<const Program> program_;
  const CpuMode& mode_;
  Precision precision_;
  std::vector<double> weight_;
  ColorForm color_;
  std::vector<meb_plugin_function> custom_;
  Values values_;
  bool have_values_ = false;
  std::shared_ptr<const Plan> plan_;
  std::map<unsigned, Tiles> tiles_;  // by bits of `need`
  std::size_t lanes_, n_thread_ = 1;
  std::vector<Worker> workers_;
  ThreadPool pool_;
  std::uint64_t n_event_ = 0, n_non_finite_ = 0;
};

}  // namespace

std::vector<std::string> modes() {
  std::vector<std::string> names;
  for (const CpuMode& m : all_modes)
    if (cpu_has(m.name)) names.emplace_back(m.name);
  return names;
}

namespace {

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

double peak_rate(std::string_view backend, Precision precision) {
  if (backend == "cuda") return cuda::peak_rate(precision);
  if (backend == "cuda_host") return 0;
  return find_mode(backend, nullptr).functions.peak(precision);
}

std::unique_ptr<Engine> make_engine(std::shared_ptr<const Program> program, std::string_view backend,
                                    Precision precision) {
  require_plugin(*program);
  if (backend == "cuda" || backend == "cuda_host") return cuda::make_engine(std::move(program), backend, precision);
  if (backend == "adaptive") {
    auto cpu = make_engine(program, "auto", precision);
    return make_adaptive_engine(std::move(cpu),
                                {[program = std::move(program), precision] {
                                   return make_engine(program, "cuda", precision);
                                 },
                                 wall_seconds});
  }
  const CpuMode& mode = find_mode(backend, program->plugin.get());
  return std::make_unique<CpuEngine>(std::move(program), mode, precision);
}

}  // namespace meb
