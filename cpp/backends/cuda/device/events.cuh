// From an event's input to momenta, coefficients and propagators in shared memory.
#pragma once

#include "backends/cuda/device/memory.cuh"

namespace meb::MEB_TARGET {

template <class F>
class Loader {
public:
  using C = Complex<F>;

  // Events first ... of the batch; a short block repeats the last one.
  MEB_INLINE Loader(const cuda::Arguments& a, const SharedMemory<F>& memory, std::uint64_t first)
      : a_(a), memory_(memory), first_(first) {}

  // Writes nothing that the selection of the block's last events reads: no barrier is between them.
  MEB_INLINE void load() const {
    const std::uint32_t n = memory_.n_event() * sizes(a_).n_leg;
    for (std::uint32_t i = Team::thread(); i < n; i += Team::n_thread()) {
      const std::uint32_t e = i / sizes(a_).n_leg, leg = i % sizes(a_).n_leg;
      const double* p = global(a_.events.momenta) + (event(e) * sizes(a_).n_leg + leg) * 4;
      memory_.set_momentum(e, leg, {F(p[0]), F(p[1]), F(p[2]), F(p[3])});
    }
  }

  // Momenta, coefficients, propagators: each by warps of its own, so that they wait for memory together.
  MEB_INLINE void derive() const {
    const std::uint32_t n_event = memory_.n_event(), n_sum = n_event * (sizes(a_).n_momentum - sizes(a_).n_leg);
    const std::uint32_t n_coefficient = n_event * sizes(a_).n_coefficient, n_inverse = n_event * sizes(a_).n_propagator;
    const std::uint32_t coefficients = (n_sum + 31) / 32 * 32, inverses = coefficients + (n_coefficient + 31) / 32 * 32;
    for (std::uint32_t i = Team::thread(); i < n_event * sizes(a_).n_amp2; i += Team::n_thread())
      memory_.amp2(i / sizes(a_).n_amp2)[i % sizes(a_).n_amp2] = 0;
    for (std::uint32_t i = Team::thread(); i < inverses + n_inverse; i += Team::n_thread()) {
      if (i < n_sum)
        set_sum(i % n_event, sizes(a_).n_leg + i / n_event);
      else if (i >= coefficients && i < coefficients + n_coefficient)
        set_coefficient((i - coefficients) % n_event, (i - coefficients) / n_event);
      else if (i >= inverses)
        set_inverse((i - inverses) % n_event, (i - inverses) / n_event);
    }
  }

  // To the second-level cache, while the block computes.
  MEB_INLINE void announce() const {
    for (std::uint32_t i = Team::thread(); i < memory_.n_event() * sizes(a_).n_leg; i += Team::n_thread()) {
      const std::uint32_t e = i / sizes(a_).n_leg, leg = i % sizes(a_).n_leg;
      if (first_ + e >= a_.events.n_event) return;
      Team::prefetch(a_.events.momenta + (event(e) * sizes(a_).n_leg + leg) * 4);
      if (leg != 0) continue;
      if (sizes(a_).n_running != 0 && !a_.events.running_coupling_common)
        Team::prefetch(a_.events.running_coupling + event(e) * sizes(a_).n_running * 2);
      if (a_.events.channel) Team::prefetch(a_.events.channel + event(e));
      if (a_.events.random_helicity) Team::prefetch(a_.events.random_helicity + event(e));
      if (a_.events.random_color) Team::prefetch(a_.events.random_color + event(e));
      if (a_.events.color_config) Team::prefetch(a_.events.color_config + event(e));
    }
  }

  MEB_INLINE std::uint64_t event(std::uint32_t e) const {
    return first_ + e < a_.events.n_event ? first_ + e : a_.events.n_event - 1;
  }
  MEB_INLINE F parameter(std::uint32_t index) const {
    return index == none ? F(0) : F(global(a_.values.parameter)[index]);
  }

private:
  MEB_INLINE void set_sum(std::uint32_t e, std::uint32_t m) const { memory_.set_momentum(e, m, sum(e, m)); }
  MEB_INLINE void set_coefficient(std::uint32_t e, std::uint32_t k) const {
    const C c = coefficient(event(e), k);
    memory_.coefficient(e, k) = {c.re + zero(e), c.im};
  }
  MEB_INLINE void set_inverse(std::uint32_t e, std::uint32_t k) const {
    const cuda::PropagatorPlace& place = global(a_.tables.propagator_places)[k];
    const F mass = parameter(place.mass), width = parameter(place.width);
    memory_.inverse(e, k) = Propagator<Bundle<F>>(sum(e, place.momentum), mass, width).inverse;
  }

  MEB_INLINE Momentum<F> sum(std::uint32_t e, std::uint32_t index) const {
    Momentum<F> q{0, 0, 0, 0};
    const std::int8_t* sign = global(a_.tables.momentum_signs) + index * sizes(a_).n_leg;
    MEB_UNROLL
    for (std::uint32_t leg = 0; leg < sizes(a_).n_leg; ++leg) {
      const Momentum<F> p = memory_.momentum(e, leg);
      const F s = F(sign[leg]);
      q = {q.e + s * p.e, q.x + s * p.x, q.y + s * p.y, q.z + s * p.z};
    }
    return q;
  }

  // 0; NaN where a momentum is not finite, which a wave function that takes a maximum may not show.
  MEB_INLINE F zero(std::uint32_t e) const {
    F sum = 0;
    MEB_UNROLL
    for (std::uint32_t leg = 0; leg < sizes(a_).n_leg; ++leg) {
      const Momentum<F> p = memory_.momentum(e, leg);
      sum += (p.e + p.x) + (p.y + p.z);
    }
    return sum - sum;
  }

  MEB_INLINE C coefficient(std::uint64_t event, std::uint32_t index) const {
    const cuda::Form form = global(a_.tables.forms)[index];
    C sum{0, 0};
    for (std::uint32_t t = form.first; t < form.first + form.n; ++t) {
      const cuda::FormTerm& term = global(a_.tables.form_terms)[t];
      const C factor{F(term.re), F(term.im)};
      if (term.coupling == none) {
        sum = sum + factor;
        continue;
      }
      const double* c = global(a_.values.coupling) + 2 * term.coupling;
      if (term.coupling >= sizes(a_).n_coupling) {
        const std::uint64_t row = a_.events.running_coupling_common ? 0 : event;
        c = global(a_.events.running_coupling) +
            (row * sizes(a_).n_running + (term.coupling - sizes(a_).n_coupling)) * 2;
      }
      sum = sum + factor * C{F(c[0]), F(c[1])};
    }
    return sum;
  }

  const cuda::Arguments& a_;
  SharedMemory<F> memory_;
  std::uint64_t first_;
};

}  // namespace meb::MEB_TARGET
