// The CPU backend: chooses a mode, shares pages among threads.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>

#include "backends/cpu/pool.hpp"
#include "backends/cpu/prepared.hpp"
#include "backends/cuda/engine.hpp"
#include "engine/adaptive_engine.hpp"
#include "engine/parity.hpp"
#include "engine/plugin.hpp"

#define MEB_DECLARE_MODE(name)                                                     \
  namespace meb::name {                                                            \
  PageRunner* make_runner(const RunnerInput& input, Precision);                    \
  std::size_t lanes(Precision);                                                    \
  double peak(Precision);                                                          \
  void generate(const PhaseSpaceBatch& batch, std::size_t first, std::size_t end); \
  }
#define MEB_MODE(name) MEB_DECLARE_MODE(name)
#include "modes.inc"
#undef MEB_MODE

namespace meb {
namespace {

// Events that show whether opposite helicities are interchangeable.
constexpr std::size_t n_probe = 16;

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
    return (half() ? *half() : *all_).operations(with_amp2);
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
    parity_ = Parity::unknown;
    for (Prepared* prepared : {all_.get(), half_.get()})
      if (prepared) prepared->update_values();
  }

  void set_helicity_weights(std::span<const double> weight) override {
    for (double w : weight)
      if (!(w >= 0) || !std::isfinite(w)) throw Error(Status::argument, "a helicity weight is negative or not finite");
    weight_.assign(weight.begin(), weight.end());
    all_ = nullptr;
    half_ = nullptr;
    parity_ = Parity::unknown;
  }

  void evaluate(const Batch& batch) override {
    if (!have_values_) throw Error(Status::state, "call meb_engine_set_parameters before the first evaluation");
    prepare();
    if (parity_ == Parity::unknown && !batch.helicity_in) parity_ = find_parity(batch);
    const bool with_amp2 = batch.amp2 || (batch.channel && !batch.channel_cut_only);
    const std::size_t n_page = (batch.n_event + lanes_ - 1) / lanes_;
    const std::size_t n_thread = std::max<std::size_t>(1, std::min(n_thread_, n_page));
    const Run whole(*all_, with_amp2, batch, n_thread);
    const Run halved = half() && !batch.helicity_in ? Run(*half(), with_amp2, batch, n_thread) : whole;
    std::atomic<std::size_t> next{0}, n_non_finite{0};
    pool_.run(n_thread, [&](std::size_t t) {
      std::size_t own = 0;
      for (std::size_t page = 0, end = 0; take_pages(next, n_page, n_thread, page, end);)
        for (; page < end; ++page) {
          const std::size_t first = page * lanes_, count = std::min(lanes_, batch.n_event - first);
          for (std::size_t at = first, n; at < first + count; at += n) {
            n = first + count - at;
            const bool may = may_halve(batch, at, n);
            const Run& run = may ? halved : whole;
            own += run.prepared->runner(t).run(batch, at, n, run.wanted, *run.tiles);
          }
        }
      n_non_finite += own;
    });
    n_event_ += batch.n_event;
    n_non_finite_ += n_non_finite;
  }

private:
  // What a batch asks of a Prepared.
  struct Run {
    Run(Prepared& p, bool with_amp2, const Batch& batch, std::size_t n_thread)
        : prepared(&p), wanted(p.wanted(with_amp2, batch.helicity_in != nullptr)), tiles(&p.tiles(wanted)) {
      p.set_threads(n_thread);
    }
    Prepared* prepared;
    unsigned wanted;
    const Tiles* tiles;
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
    if (all_) return;
    check_lanes();
    std::vector<std::uint32_t> active;
    for (std::uint32_t h = 0; h < weight_.size(); ++h)
      if (weight_[h] != 0 && !program_->zero_helicities[h]) active.push_back(h);
    all_ = std::make_unique<Prepared>(setup(precision_), std::move(active));
  }
  Setup setup(Precision precision) const {
    return {program_, &mode_, precision, &values_, &color_, custom_.data(), weight_.data()};
  }
  Prepared* half() const {
    return parity_ == Parity::in_plane || parity_ == Parity::everywhere ? half_.get() : nullptr;
  }

  // Whether n events may be halved. Of a page where some may, n becomes so many as are alike: events that may are
  // computed apart from the others, so that none depends on its neighbours.
  bool may_halve(const Batch& batch, std::size_t first, std::size_t& n) const {
    if (parity_ != Parity::in_plane) return parity_ == Parity::everywhere;
    const double* momenta = batch.momenta + first * 16;
    if (lie_in_plane(momenta, n)) return true;
    const bool may = lie_in_plane(momenta, 1);
    for (std::size_t k = 1; k < n; ++k)
      if (lie_in_plane(momenta + 16 * k, 1) != may) n = k;
    return may;
  }

  // In double precision, with the couplings and the energy of the batch's first event. Functions of a plug-in may do
  // what they like: they are left out.
  Parity find_parity(const Batch& batch) {
    if (program_->plugin || program_->n_leg < 4) return Parity::absent;
    const auto& active = all_->plan().active;
    const auto opposite = opposite_helicities(*program_, active, weight_);
    if (opposite.empty() || helicity_halves(*program_, active).empty()) return Parity::absent;
    if (batch.n_event == 0) return Parity::unknown;
    const auto momenta = spread_events(*program_, values_.parameter, batch.momenta, n_probe);
    if (momenta.empty()) return Parity::unknown;
    const Setup probing = setup(Precision::double_);
    Prepared whole(probing, active);
    const auto has_parity = [&](std::span<const double> momenta) {
      const Sums sums = evaluate_sums(probing, whole, batch, momenta);
      if (!tell_something(*program_, sums) || !are_symmetric(*program_, active, opposite, sums)) return Parity::absent;
      Prepared halved = halve(probing, opposite);
      return agree(*program_, sums, evaluate_sums(probing, halved, batch, momenta)) ? Parity::everywhere
                                                                                    : Parity::absent;
    };
    Parity found = has_parity(transformed(momenta));
    if (found == Parity::absent && program_->n_leg == 4) {
      found = has_parity(momenta);
      if (found == Parity::everywhere) found = Parity::in_plane;
    }
    if (found != Parity::absent && !half_) half_ = std::make_unique<Prepared>(halve(setup(precision_), opposite));
    return found;
  }

  // With the fewest operations.
  Prepared halve(const Setup& setup, std::span<const std::uint32_t> opposite) const {
    const auto& active = all_->plan().active;
    std::vector<Prepared> ways;
    for (auto& half : helicity_halves(*program_, active)) {
      std::vector<std::uint32_t> other;
      for (auto h : half) other.push_back(opposite[std::ranges::lower_bound(active, h) - active.begin()]);
      ways.emplace_back(setup, std::move(half), other);
    }
    return std::move(*std::ranges::min_element(ways, {}, [](const Prepared& p) { return p.operations(true); }));
  }

  void check_lanes() const {
    if (!program_->plugin) return;
    const Plugin& plugin = *program_->plugin;
    const meb_plugin_mode& mode = *plugin.mode(mode_.name);
    if (lanes_ != (precision_ == Precision::single ? mode.lanes_single : mode.lanes_double))
      throw Error(Status::unsupported, plugin.path() + ": pages of another size; run 'mebridge inject' again");
  }

  std::shared_ptr<const Program> program_;
  const CpuMode& mode_;
  Precision precision_;
  std::vector<double> weight_;
  ColorForm color_;
  std::vector<meb_plugin_function> custom_;
  Values values_;
  bool have_values_ = false;
  std::unique_ptr<Prepared> all_, half_;  // all helicities; one of each pair, once it was of use
  Parity parity_ = Parity::unknown;
  std::size_t lanes_, n_thread_ = 1;
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
    return make_adaptive_engine(
        std::move(cpu),
        {[program = std::move(program), precision] { return make_engine(program, "cuda", precision); }, wall_seconds});
  }
  const CpuMode& mode = find_mode(backend, program->plugin.get());
  return std::make_unique<CpuEngine>(std::move(program), mode, precision);
}

}  // namespace meb
