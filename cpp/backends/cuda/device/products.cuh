// Amplitudes, their sums into JAMP rows and AMP2, density matrices and traces: one warp each.
#pragma once

#include "backends/cuda/device/tile.cuh"

namespace meb::MEB_TARGET {

template <class F>
class Products {
public:
  using C = Complex<F>;

  MEB_INLINE Products(const cuda::Arguments& a, const SharedMemory<F>& memory)
      : a_(a), memory_(memory) {}

  // Amplitudes of phase.n products, each for all helicities.
  MEB_INLINE void amplitudes(const cuda::Phase& phase) const {
    for_each(phase, [&](std::uint32_t index, std::uint32_t e) {
      const cuda::Product& product = global(a_.tables.products)[index];
      const cuda::Sides& sides = global(a_.tables.sides)[product.sides];
      C* out = memory_.amplitude(e, product.out);
      for (std::uint32_t a = 0; a < sides.n_wave; a += 4)
        for (std::uint32_t b = 0; b < sides.n_derivative; b += 8) tile(product, sides, e, a, b, out);
    });
  }

  // out[h] (+)= sum of constant * amplitude[h]
  MEB_INLINE void rows(const cuda::Phase& phase) const {
    for_each(phase, [&](std::uint32_t index, std::uint32_t e) {
      const cuda::Sum& sum = global(a_.tables.sums)[index];
      C* row = memory_.row(e, sum.out);
      for (std::uint32_t h = Team::lane(); h < sizes(a_).n_active; h += Team::width) {
        const C x = combination(sum, e, h);
        row[h] = sum.accumulate ? row[h] + x : x;
      }
    });
  }

  // AMP2 += sum over helicities of |sum of constant * amplitude|^2
  MEB_INLINE void squares(const cuda::Phase& phase, std::uint64_t first) const {
    for_each(phase, [&](std::uint32_t index, std::uint32_t e) {
      const cuda::Sum& sum = global(a_.tables.sums)[index];
      double total = 0;
      for (std::uint32_t h = Team::lane(); h < sizes(a_).n_active; h += Team::width) {
        const C x = combination(sum, e, h);
        if (is_wanted(first + e, h)) total += double(x.re) * x.re + double(x.im) * x.im;
      }
      total = Team::sum(total);
      if (Team::lane() == 0) memory_.amp2(e)[sum.out] += total;
    });
  }

  MEB_INLINE void densities(const cuda::Phase& phase) const {
    for_each(phase, [&](std::uint32_t index, std::uint32_t e) {
      const cuda::Density& x = global(a_.tables.densities)[index];
      density_matrix<F>(memory_.event(e), x.state, x.n, memory_.density(e, x.out));
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
    const std::int32_t wanted = global(a_.events.helicity_in)[event < a_.events.n_event ? event : a_.events.n_event - 1];
    return wanted == 0 || wanted == static_cast<std::int32_t>(global(a_.tables.active)[h]) + 1;
  }

private:
  // Pairs of an element of the phase and an event, shared among the warps.
  template <class Function>
  MEB_INLINE void for_each(const cuda::Phase& phase, Function f) const {
    const std::uint32_t n = phase.n << layout(a_).log_events;
    for (std::uint32_t i = Team::warp(); i < n; i += Team::n_warp())
      f(phase.first + (i >> layout(a_).log_events), i & (memory_.n_event() - 1));
  }

  MEB_INLINE void tile(const cuda::Product& product, const cuda::Sides& sides, std::uint32_t e, std::uint32_t a0,
                       std::uint32_t b0, C* out) const {
    AmplitudeTile<F> tile;
    for (std::uint32_t t = product.first; t < product.first + product.n; ++t) {
      const cuda::ProductTerm& term = global(a_.tables.product_terms)[t];
      const double* c = global(a_.tables.constants) + 2 * term.constant;
      tile.add(memory_.event(e), term.wave + a0, sides.n_wave - a0, term.derivative + b0, sides.n_derivative - b0,
               c[0], c[1]);
    }
    const std::int16_t* map = global(a_.tables.maps) + sides.map;
    tile.each([&](std::uint32_t a, std::uint32_t b, std::uint32_t part, double value) {
      if (a0 + a >= sides.n_wave || b0 + b >= sides.n_derivative) return;
      const int h = map[(a0 + a) * sides.n_derivative + b0 + b];
      if (h >= 0) (part ? out[h].im : out[h].re) = F(value);
    });
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
