// A block of threads computes a few events at a time, whole in shared memory, phase by phase.
#pragma once

#if defined(MEB_DOTS)
#include "backends/cuda/device/dots_phase.cuh"
#else
#include "backends/cuda/device/colors.cuh"
#include "backends/cuda/device/jamps.cuh"
#endif
#include "backends/cuda/device/select.cuh"
#include "backends/cuda/device/vertices.cuh"

namespace meb::MEB_TARGET {

template <class F>
class Block {
public:
  MEB_INLINE explicit Block(const cuda::Arguments& a)
      : a_(a), memory_(a), vertices_(a, memory_), products_(a, memory_) {}

  MEB_INLINE void run() const {
    copy_near_tables(a_);
    Team::sync();
    const std::uint64_t step = Team::n_block() << layout(a_).log_events;
    std::uint32_t n_pending = 0;
    for (std::uint64_t first = Team::block() << layout(a_).log_events; first < a_.events.n_event; first += step) {
      compute(first, first + step);
#if defined(MEB_DOTS)
      finish(first);
#else
      put_aside(n_pending++);
      Team::sync();
      if (n_pending < cuda::most_pending && first + step < a_.events.n_event) continue;
      finish_pending(n_pending, first - (n_pending - 1) * step, step);
      n_pending = 0;
#endif
    }
  }

private:
  MEB_INLINE void compute(std::uint64_t first, std::uint64_t first_of_next) const {
    const Loader<F> loader(a_, memory_, first);
    loader.load();
    Team::sync();
    loader.derive();
    Loader<F>(a_, memory_, first_of_next).announce();
    // no barrier: external waves, the first phase, need the legs' momenta alone
    for (std::uint32_t p = 0; p < sizes(a_).n_phase; ++p) {
#if defined(MEB_FIXED)
      const cuda::Phase& now = cuda::fixed_phases[p];
#else
      const cuda::Phase& now = a_.tables.phases[p];
#endif
      phase(now, first);
      if (now.barrier) Team::sync();
    }
  }

#if defined(MEB_DOTS)
  MEB_INLINE void finish(std::uint64_t first) const {
    for (std::uint32_t e = Team::warp(); e < memory_.n_event(); e += Team::n_warp()) {
      if (first + e >= a_.events.n_event) break;
#if defined(MEB_DOTS)
      DotPhase<F>(a_, memory_, products_).combine(e);
#endif
      double* between =
          a_.events.amp2_between ? global(a_.events.amp2_between) + (first + e) * sizes(a_).n_between : nullptr;
#if defined(MEB_ONLY_AMP2)
      for (std::uint32_t d = Team::lane(); d < sizes(a_).n_amp2; d += Team::width) between[d] = memory_.amp2(e)[d];
#else
      const EventSums sums(a_, first + e, memory_.terms(e), memory_.jamp2(e), between ? between : memory_.amp2(e));
      Selection<Team, EventSums>(a_, sizes(a_), sums, first + e).run();
#endif
    }
  }
#else
  // Sums of some events are put aside, so that there is one for each warp.
  MEB_INLINE void put_aside(std::uint32_t number) const {
    double* out = memory_.pending(number);
    for (std::uint32_t i = Team::thread(); i < memory_.n_sum(); i += Team::n_thread()) out[i] = memory_.terms(0)[i];
  }

  MEB_INLINE void finish_pending(std::uint32_t n, std::uint64_t first, std::uint64_t step) const {
    for (std::uint32_t i = Team::warp(); i < n; i += Team::n_warp()) {
      const double* terms = memory_.pending(i);
      const double* jamp2 = terms + sizes(a_).n_active;
      const EventSums sums(a_, first + i * step, terms, jamp2, jamp2 + sizes(a_).n_flow);
      Selection<Team, EventSums>(a_, sizes(a_), sums, first + i * step).run();
    }
    Team::sync();
  }
#endif

  MEB_INLINE void phase(const cuda::Phase& phase, std::uint64_t first) const {
    switch (static_cast<cuda::PhaseKind>(phase.kind)) {
      case cuda::PhaseKind::vertices: return vertices_.run(phase);
#if defined(MEB_DOTS)
      case cuda::PhaseKind::dots: return DotPhase<F>(a_, memory_, products_).run(first);
#else
      // these have blocks of one event
      case cuda::PhaseKind::products: return products_.amplitudes(phase, 0);
      case cuda::PhaseKind::rows: return Jamps<F>(a_, memory_, products_).rows(phase, first);
      case cuda::PhaseKind::squares: return products_.squares(phase, first);
      case cuda::PhaseKind::colors:
        Jamps<F>(a_, memory_, products_).jamp2_of_orders(phase, first);
        return Colors<F>(a_, memory_, products_).terms(phase);
#endif
      case cuda::PhaseKind::densities: return products_.densities(phase);
      case cuda::PhaseKind::traces: return products_.traces(phase);
      default: return;
    }
  }

  const cuda::Arguments& a_;
  SharedMemory<F> memory_;
  Vertices<F> vertices_;
  Products<F> products_;
};

}  // namespace meb::MEB_TARGET
