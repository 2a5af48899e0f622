// Amplitudes, their sums into JAMP rows and AMP2, density matrices and traces: one warp each.
#pragma once

#include "backends/cuda/device/tile.cuh"

namespace meb::MEB_TARGET {

template <class F>
class Products {
public:
  using C = Complex<F>;

  MEB_INLINE Products(const cuda::Arguments& a, const SharedMemory<F>& memory) : a_(a), memory_(memory) {}

  // Amplitudes of a sector by tiles. While one is computed the states of the next are loaded, and the numbers
  // that say where those after it are.
  MEB_INLINE void amplitudes(const cuda::Phase& phase, std::uint32_t e) const {
    const std::uint32_t step = Team::n_warp(), last = phase.first + phase.n - 1;
    const auto inside = [&](std::uint32_t i) { return i < last ? i : last; };
    if (static_cast<std::uint32_t>(Team::warp()) >= phase.n) return;
    std::uint32_t i = phase.first + Team::warp();
    Place even = place(i), odd = place(inside(i + step));
    States states_even = load(even, e), states_odd;
    for (; i <= last; i += 2 * step) {  // in turn, so that nothing that is on its way need be moved
      states_odd = load(odd, e);
      Place next = place(inside(i + 2 * step));
      multiply(even, states_even, e);
      if (i + step > last) break;
      even = next;
      states_even = load(even, e);
      next = place(inside(i + 3 * step));
      multiply(odd, states_odd, e);
      odd = next;
    }
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

  MEB_INLINE C amplitude(std::uint32_t e, std::uint32_t index, std::uint32_t h) const {
    return {memory_.amplitude(e, index, 2 * h), memory_.amplitude(e, index, 2 * h + 1)};
  }

  // sum of constant * amplitude[h]
  MEB_INLINE C combination(const cuda::Sum& sum, std::uint32_t e, std::uint32_t h) const {
    C total{0, 0};
    for (std::uint32_t t = sum.first; t < sum.first + sum.n; ++t) {
      const cuda::SumTerm& term = global(a_.tables.sum_terms)[t];
      const double* c = global(a_.tables.constants) + 2 * term.constant;
      total = total + C{F(c[0]), F(c[1])} * amplitude(e, term.amplitude, h);
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
      add_densities(e, x, start, step, rho);
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
      for (int k = 0; k < 2; ++k) diagonal += double(a[k].re) * b[k].re, diagonal += double(a[k].im) * b[k].im;
      for (int k = 2; k < 8; ++k) off += double(a[k].re) * b[k].re, off -= double(a[k].im) * b[k].im;
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
  MEB_INLINE void add_densities(std::uint32_t e, const cuda::Density& x, std::uint32_t start, std::uint32_t step,
                                double* rho) const {
    if (sizes(a_).n_kept != 0) return add_kept_densities(e, x, start, step, rho);
    MEB_UNROLL_BY(1)
    for (std::uint32_t s = start; s < x.n; s += step) {
      C w[4];
      memory_.load_state(e, x.state + s, w);
      add_density(w, rho);
    }
  }

  // Of states in device memory: some at a time.
  MEB_INLINE void add_kept_densities(std::uint32_t e, const cuda::Density& x, std::uint32_t start, std::uint32_t step,
                                     double* rho) const {
    constexpr std::uint32_t n = 4;
    MEB_UNROLL_BY(1)
    for (std::uint32_t s = start; s < x.n; s += n * step) {
      C w[n][4];
      MEB_UNROLL
      for (std::uint32_t i = 0; i < n; ++i)
        for (int k = 0; k < 4; ++k) w[i][k] = memory_.kept(e, x.state + (s + i * step < x.n ? s + i * step : s))[k];
      MEB_UNROLL
      for (std::uint32_t i = 0; i < n; ++i)
        if (s + i * step < x.n) add_density(w[i], rho);
    }
  }

  // One product at a time, so that it is one operation with the sum.
  MEB_INLINE static void add_density(const C* w, double* rho) {
    int at = 4;
    MEB_UNROLL
    for (int i = 0; i < 4; ++i) {
      rho[i] += double(w[i].re) * w[i].re;
      rho[i] += double(w[i].im) * w[i].im;
      MEB_UNROLL
      for (int j = i + 1; j < 4; ++j, at += 2) {
        rho[at] += double(w[i].re) * w[j].re;
        rho[at] += double(w[i].im) * w[j].im;
        rho[at + 1] += double(w[i].im) * w[j].re;
        rho[at + 1] -= double(w[i].re) * w[j].im;
      }
    }
  }

  struct Place {
    std::uint32_t number;
    cuda::TileSlots slots;
    TileLanes lanes;
  };
  struct States {
    cuda::TileResult result;
    FourStates<F> four[cuda::most_four];
    EightStates<F> eight[cuda::most_eight];
  };

  MEB_INLINE Place place(std::uint32_t number) const {
    Place x;
    x.number = number;
    x.slots = global(a_.tables.tiles)[number].slots;
    x.lanes.load(global(a_.tables.lane_maps) + 32 * number);
    return x;
  }

  MEB_INLINE States load(const Place& x, std::uint32_t e) const {
    States states;
    states.result = global(a_.tables.tiles)[x.number].result;
    MEB_UNROLL
    for (std::uint32_t k = 0; k < cuda::most_four; ++k) states.four[k].load(memory_, e, x.slots.four[k], x.lanes);
    MEB_UNROLL
    for (std::uint32_t k = 0; k < cuda::most_eight; ++k) states.eight[k].load(memory_, e, x.slots.eight[k], x.lanes);
    return states;
  }

  MEB_INLINE void multiply(const Place& x, States& states, std::uint32_t e) const {
    const cuda::TileResult& result = states.result;
    MEB_UNROLL
    for (std::uint32_t j = 0; j < cuda::most_eight; ++j) {
      if (j < x.slots.n_eight) {
        if (result.factor != cuda::unit_factor) multiply(states.eight[j], result.factor);
        AmplitudePair<F> sum;
        sum.add(states.four[0], states.four[1], states.eight[j]);
        if (j == 0) add_more(x, result.more, e, sum);
        MEB_UNROLL
        for (std::uint32_t k = 0; k < cuda::most_four; ++k) {
          const std::uint32_t out = result.out[cuda::most_eight * k + j];
          if (out != cuda::no_index) sum.store(static_cast<int>(k), memory_, e, out, x.lanes);
        }
      }
    }
  }

  MEB_INLINE void multiply(EightStates<F>& states, std::uint32_t factor) const {
    const double* c = global(a_.tables.constants) + 2 * factor;
    if (factor == cuda::imaginary_factor)
      states.multiply_i();
    else
      states.multiply(F(c[0]), F(c[1]));
  }

  MEB_INLINE void add_more(const Place& x, std::uint32_t first, std::uint32_t e, AmplitudePair<F>& sum) const {
    MEB_UNROLL_BY(1)
    for (std::uint32_t t = first; t < first + x.slots.n_more; ++t) {
      const cuda::ProductTerm& term = global(a_.tables.product_terms)[t];
      FourStates<F> four;
      EightStates<F> eight;
      four.load(memory_, e, term.wave, x.lanes);
      eight.load(memory_, e, term.derivative, x.lanes);
      multiply(eight, term.constant);
      sum.add(four, four, eight);
    }
  }

  const cuda::Arguments& a_;
  SharedMemory<F> memory_;
};

}  // namespace meb::MEB_TARGET
