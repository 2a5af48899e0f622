// Amplitudes, their sums into JAMP rows and AMP2, density matrices and traces: one warp each.
#pragma once

#include "backends/cuda/device/tile.cuh"

namespace meb::MEB_TARGET {

template <class F>
class Products {
public:
  using C = Complex<F>;

  MEB_INLINE Products(const cuda::Arguments& a, const SharedMemory<F>& memory) : a_(a), memory_(memory) {}

  // Amplitudes by tiles. The next tile's waves are loaded before this one's result is stored.
  MEB_INLINE void amplitudes(const cuda::Phase& phase) const {
    const std::uint32_t n = phase.n << layout(a_).log_events;
    std::uint32_t i = Team::warp();
    if (i >= n) return;
    Loaded next = load(phase, i);
    while (i < n) {
      const Loaded now = next;
      const std::uint32_t e = i & (memory_.n_event() - 1);
      i += Team::n_warp();
      if (i < n) next = load(phase, i);
      finish(now, e);
    }
  }

  // row[h] (+)= sum of constant * amplitude[h]
  MEB_INLINE void rows(const cuda::Phase& phase) const {
#if defined(MEB_DOTS)
#elif defined(MEB_FIXED)
    const std::uint32_t n_chunk = (sizes(a_).n_active + 31) / 32;
    for (std::uint32_t i = Team::warp(); i < n_chunk * cuda::n_part << layout(a_).log_events; i += Team::n_warp()) {
      const std::uint32_t e = i & (memory_.n_event() - 1), unit = i >> layout(a_).log_events;
      const std::uint32_t h = 32 * (unit % n_chunk) + Team::lane();
      if (h < sizes(a_).n_active)
        cuda::add_rows(phase.number * cuda::n_part + unit / n_chunk, memory_.amplitude(e, 0) + h,
                       memory_.row(e, 0) + h);
    }
#else
    for_each(phase, [&](std::uint32_t index, std::uint32_t e) {
      const cuda::Sum& sum = global(a_.tables.sums)[index];
      C* row = memory_.row(e, sum.out);
      for (std::uint32_t h = Team::lane(); h < sizes(a_).n_active; h += Team::width) {
        const C x = combination(sum, e, h);
        row[h] = sum.accumulate ? row[h] + x : x;
      }
    });
#endif
  }

  // AMP2 += sum over helicities of |sum of constant * amplitude|^2
  MEB_INLINE void squares(const cuda::Phase& phase, std::uint64_t first) const {
    quarters(phase.n, [&](std::uint32_t i, std::uint32_t e, std::uint32_t start, std::uint32_t step, bool store) {
      const cuda::Sum& sum = global(a_.tables.sums)[phase.first + i];
      double total = 0;
      for (std::uint32_t h = start; h < sizes(a_).n_active; h += step) {
        const C x = combination(sum, e, h);
        if (is_wanted(first + e, h)) total += double(x.re) * x.re + double(x.im) * x.im;
      }
      total = Team::sum_of_four(total);
      if (store && start == 0) memory_.amp2(e)[sum.out] += total;
    });
  }

  static constexpr int quarter_lanes = Team::width == 1 ? 1 : 4;

  // f(element, event, lane's first helicity or state, step, whether to store) for n elements of each event,
  // by four lanes each: f is to add up what they have.
  template <class Function>
  MEB_INLINE void quarters(std::uint32_t n, Function f) const {
    constexpr std::uint32_t lanes = quarter_lanes;
    const std::uint32_t n_item = n << layout(a_).log_events, step = Team::n_thread() / lanes;
    for (std::uint32_t i0 = 0; i0 < n_item; i0 += step) {
      const std::uint32_t i = i0 + Team::thread() / lanes, item = i < n_item ? i : n_item - 1;
      f(item >> layout(a_).log_events, item & (memory_.n_event() - 1), Team::thread() % lanes, lanes, i < n_item);
    }
  }

  // rho_ij = sum over states of W_i W_j^*, a matrix for four lanes: the diagonal, then (re, im) of the upper
  // triangle by rows.
  MEB_INLINE void densities(const cuda::Phase& phase) const {
    quarters(phase.n, [&](std::uint32_t i, std::uint32_t e, std::uint32_t start, std::uint32_t step, bool store) {
      const cuda::Density& x = global(a_.tables.densities)[phase.first + i];
      double rho[16] = {};
      MEB_UNROLL_BY(1)
      for (std::uint32_t s = start; s < x.n; s += step) add_density(memory_, e, x.state + s, rho);
      Team::share_four(rho);
      constexpr int n_own = 16 / quarter_lanes;
      F* out = reinterpret_cast<F*>(memory_.density(e, x.out)) + n_own * start;
      MEB_UNROLL
      for (int k = 0; k < n_own; ++k)
        if (store) out[k] = F(rho[k]);
    });
  }

  // sum_ij rho_ij sigma_ij = sum over helicities of |sum_i W_i D_i|^2
  MEB_INLINE void traces(const cuda::Phase& phase) const {
    const std::uint32_t n_event = memory_.n_event();
    for (std::uint32_t i = Team::thread(); i < phase.n * n_event; i += Team::n_thread()) {
      const cuda::Trace& x = global(a_.tables.traces)[phase.first + i / n_event];
      const C *a = memory_.density(i % n_event, x.a), *b = memory_.density(i % n_event, x.b);
      double diagonal = 0, off = 0;
      for (int k = 0; k < 2; ++k) diagonal += double(a[k].re) * b[k].re + double(a[k].im) * b[k].im;
      for (int k = 2; k < 8; ++k) off += double(a[k].re) * b[k].re - double(a[k].im) * b[k].im;
      memory_.amp2(i % n_event)[x.out] += diagonal + 2 * off;
    }
  }

  // Whether a helicity is in the sum of an event (of the batch; a short block repeats the last).
  MEB_INLINE bool is_wanted(std::uint64_t event, std::uint32_t h) const {
    if (a_.events.helicity_in == nullptr) return true;
    const std::int32_t wanted =
        global(a_.events.helicity_in)[event < a_.events.n_event ? event : a_.events.n_event - 1];
    return wanted == 0 || wanted == static_cast<std::int32_t>(global(a_.tables.active)[h]) + 1;
  }

private:
  MEB_INLINE static void add_density(const SharedMemory<F>& memory, std::uint32_t e, std::uint32_t state, double* rho) {
    C w[4];
    memory.load_state(e, state, w);
    int at = 4;
    MEB_UNROLL
    for (int i = 0; i < 4; ++i) {
      rho[i] += double(w[i].re) * w[i].re + double(w[i].im) * w[i].im;
      MEB_UNROLL
      for (int j = i + 1; j < 4; ++j, at += 2) {
        rho[at] += double(w[i].re) * w[j].re + double(w[i].im) * w[j].im;
        rho[at + 1] += double(w[i].im) * w[j].re - double(w[i].re) * w[j].im;
      }
    }
  }

  // Pairs of an element of the phase and an event, shared among the warps.
  template <class Function>
  MEB_INLINE void for_each(const cuda::Phase& phase, Function f) const {
    const std::uint32_t n = phase.n << layout(a_).log_events;
    for (std::uint32_t i = Team::warp(); i < n; i += Team::n_warp())
      f(phase.first + (i >> layout(a_).log_events), i & (memory_.n_event() - 1));
  }

  struct Loaded {
    cuda::Tile tile;
    TileWaves<F> waves;
  };

  MEB_INLINE Loaded load(const cuda::Phase& phase, std::uint32_t i) const {
    Loaded x;
    x.tile = global(a_.tables.tiles)[phase.first + (i >> layout(a_).log_events)];
    x.waves.load(memory_, i & (memory_.n_event() - 1), x.tile.wave, x.tile.derivative);
    return x;
  }

  MEB_INLINE void finish(const Loaded& x, std::uint32_t e) const {
    AmplitudeTile<F> sum;
    const double* constants = global(a_.tables.constants);
    if (x.tile.constant == cuda::no_index)
      sum.add(x.waves);
    else
      sum.add(x.waves, constants[2 * x.tile.constant], constants[2 * x.tile.constant + 1]);
    for (std::uint32_t t = 0; t < x.tile.n_more; ++t) add_more(x.tile, t, e, sum);
    sum.store(global(a_.tables.lane_maps) + 32 * x.tile.lanes, reinterpret_cast<F*>(memory_.amplitude(e, x.tile.out)));
  }

  // Further terms have their waves at the same distance from the first states of their slots.
  MEB_INLINE void add_more(const cuda::Tile& tile, std::uint32_t t, std::uint32_t e, AmplitudeTile<F>& sum) const {
    const cuda::ProductTerm& first = global(a_.tables.product_terms)[tile.more - 1];
    const cuda::ProductTerm& term = global(a_.tables.product_terms)[tile.more + t];
    const double* c = global(a_.tables.constants) + 2 * term.constant;
    TileWaves<F> waves;
    waves.load(memory_, e, term.wave + tile.wave - first.wave, term.derivative + tile.derivative - first.derivative);
    sum.add(waves, c[0], c[1]);
  }

  MEB_INLINE C combination(const cuda::Sum& sum, std::uint32_t e, std::uint32_t h) const {
    C total{0, 0};
    for (std::uint32_t t = sum.first; t < sum.first + sum.n; ++t) {
      const cuda::SumTerm& term = global(a_.tables.sum_terms)[t];
      const double* c = global(a_.tables.constants) + 2 * term.constant;
      total = total + C{F(c[0]), F(c[1])} * memory_.amplitude(e, term.amplitude)[h];
    }
    return total;
  }

  const cuda::Arguments& a_;
  SharedMemory<F> memory_;
};

}  // namespace meb::MEB_TARGET
