// Amplitudes, their sums into JAMP rows and AMP2, density matrices and traces: one warp each.
#pragma once

#include "backends/cuda/device/tile.cuh"

namespace meb::MEB_TARGET {

template <class F>
class Products {
public:
  using C = Complex<F>;

  MEB_INLINE Products(const cuda::Arguments& a, const SharedMemory<F>& memory) : a_(a), memory_(memory) {}

  // Amplitudes of a sector by groups of tiles: the loads of one group overlap.
  MEB_INLINE void amplitudes(const cuda::Phase& phase, std::uint32_t e) const {
    const cuda::Tile* tiles = global(a_.tables.tiles) + cuda::tile_group * phase.first;
    for (std::uint32_t i = Team::warp(); i < phase.n; i += Team::n_warp()) amplitudes(tiles + cuda::tile_group * i, e);
  }

  // AMP2 += sum over the sector's helicities of |sum of constant * amplitude|^2
  MEB_INLINE void squares(const cuda::Phase& phase, std::uint64_t first) const {
    quarters(phase.n, [&](std::uint32_t i, std::uint32_t e, std::uint32_t start, std::uint32_t step, bool store) {
      const cuda::Sum& sum = global(a_.tables.sums)[phase.first + i];
      double total = 0;
      for (std::uint32_t h = start; h < sizes(a_).sector_size; h += step) {
        if (!is_wanted(first + e, position(phase.sector, h))) continue;
        const C x = combination(sum, e, h);
        total += double(x.re) * x.re + double(x.im) * x.im;
      }
      total = Team::sum_of_four(total);
      if (store && start == 0) memory_.amp2(e)[sum.out] += total;
    });
  }

  // Where a sector's helicity is among the active ones, or no_index.
  MEB_INLINE std::uint32_t position(std::uint32_t sector, std::uint32_t h) const {
    return global(a_.tables.sectors)[sector * sizes(a_).sector_size + h];
  }

  // sum of constant * amplitude[h]
  MEB_INLINE C combination(const cuda::Sum& sum, std::uint32_t e, std::uint32_t h) const {
    C total{0, 0};
    for (std::uint32_t t = sum.first; t < sum.first + sum.n; ++t) {
      const cuda::SumTerm& term = global(a_.tables.sum_terms)[t];
      const double* c = global(a_.tables.constants) + 2 * term.constant;
      total = total + C{F(c[0]), F(c[1])} * memory_.amplitude(e, term.amplitude)[h];
    }
    return total;
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

  // Whether a helicity, if it is one, is in the sum of an event (of the batch; a short block repeats the last).
  MEB_INLINE bool is_wanted(std::uint64_t event, std::uint32_t h) const {
    if (h == cuda::no_index) return false;
    if (a_.events.helicity_in == nullptr) return true;
    const std::int32_t wanted =
        global(a_.events.helicity_in)[event < a_.events.n_event ? event : a_.events.n_event - 1];
    return wanted == 0 || wanted == static_cast<std::int32_t>(global(a_.tables.active)[h]) + 1;
  }

private:
  MEB_INLINE static void add_density(const SharedMemory<F>& memory, std::uint32_t e, std::uint32_t state, double* rho) {
    C w[4];
#if defined(MEB_DOTS)
    memory.load_state(e, state, w);
#else
    for (int k = 0; k < 4; ++k) w[k] = memory.kept(e, state)[k];
#endif
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

  MEB_INLINE void amplitudes(const cuda::Tile* tiles, std::uint32_t e) const {
    cuda::Tile tile[cuda::tile_group];
    MEB_UNROLL
    for (std::uint32_t t = 0; t < cuda::tile_group; ++t) tile[t] = tiles[t];
    const cuda::LaneMap* maps = global(a_.tables.lane_maps) + 32 * tile[0].lanes;
    TileWaves<F> waves[cuda::tile_group];
    MEB_UNROLL
    for (std::uint32_t t = 0; t < cuda::tile_group; ++t) waves[t].load(memory_, e, tile[t].four, tile[t].eight, maps);
    MEB_UNROLL
    for (std::uint32_t t = 0; t < cuda::tile_group; ++t) finish(tile[t], waves[t], maps, e);
  }

  MEB_INLINE void finish(const cuda::Tile& tile, const TileWaves<F>& waves, const cuda::LaneMap* maps,
                         std::uint32_t e) const {
    AmplitudeTile<F> sum;
    const double* constants = global(a_.tables.constants);
    if (tile.constant == cuda::no_index)
      sum.add(waves);
    else
      sum.add(waves, constants[2 * tile.constant], constants[2 * tile.constant + 1]);
    for (std::uint32_t t = tile.more; t < std::uint32_t(tile.more) + tile.n_more; ++t) {
      const cuda::ProductTerm& term = global(a_.tables.product_terms)[t];
      TileWaves<F> more;
      more.load(memory_, e, term.wave, term.derivative, maps);
      sum.add(more, constants[2 * term.constant], constants[2 * term.constant + 1]);
    }
    sum.store(maps, reinterpret_cast<F*>(memory_.amplitude(e, tile.out)));
  }

  const cuda::Arguments& a_;
  SharedMemory<F> memory_;
};

}  // namespace meb::MEB_TARGET
