// Shared memory of a block: each event's waves, momenta, coefficients, rows and sums.
#pragma once

#include "backends/cuda/device/team.cuh"
#include "backends/cuda/layout.hpp"
#include "engine/op.hpp"
#include "kernels/propagator.hpp"

namespace meb::MEB_TARGET {

// A state is four complex numbers. Their order turns from state to state, so that the same
// component of neighbouring states lies in different banks.
template <class F>
MEB_INLINE std::uint32_t place(std::uint32_t state, std::uint32_t component) {
  constexpr int shift = sizeof(F) == 8 ? 1 : 2;
  return 4 * state + ((component + (state >> shift)) & 3);
}

template <class F>
class SharedMemory {
public:
  using C = Complex<F>;

  MEB_DEVICE SharedMemory(void* base, const cuda::Arguments& a) : base_(static_cast<C*>(base)), a_(a) {
    sums_ = reinterpret_cast<double*>(static_cast<char*>(base) + a.memory.sums);
    rows_ = a.memory.rows_global ? static_cast<C*>(a.scratch) + Team::block() * row_size() * n_event() : nullptr;
  }

  MEB_DEVICE std::uint32_t n_event() const { return 1u << a_.memory.log_events; }
  MEB_DEVICE C* event(std::uint32_t e) const { return base_ + e * a_.memory.event_stride; }

  MEB_INLINE void load(std::uint32_t e, std::uint32_t state, C* w) const {
    const C* p = event(e);
    for (std::uint32_t k = 0; k < 4; ++k) w[k] = p[place<F>(state, k)];
  }
  MEB_INLINE C load(std::uint32_t e, std::uint32_t state) const { return event(e)[place<F>(state, 0)]; }
  MEB_INLINE void store(std::uint32_t e, std::uint32_t state, const C* w) const {
    C* p = event(e);
    for (std::uint32_t k = 0; k < 4; ++k) p[place<F>(state, k)] = w[k];
  }
  MEB_INLINE Momentum<F> momentum(std::uint32_t e, std::uint32_t index) const {
    const C* p = event(e) + a_.memory.momenta + 2 * index;
    return {p[0].re, p[0].im, p[1].re, p[1].im};
  }
  MEB_INLINE void set_momentum(std::uint32_t e, std::uint32_t index, const Momentum<F>& q) const {
    C* p = event(e) + a_.memory.momenta + 2 * index;
    p[0] = {q.e, q.x};
    p[1] = {q.y, q.z};
  }
  MEB_INLINE C& coefficient(std::uint32_t e, std::uint32_t index) const {
    return event(e)[a_.memory.coefficients + index];
  }
  MEB_INLINE C& inverse(std::uint32_t e, std::uint32_t index) const { return event(e)[a_.memory.inverses + index]; }
  MEB_INLINE C* amplitude(std::uint32_t e, std::uint32_t index) const {
    return event(e) + a_.memory.amplitudes + index * a_.tables.sizes.stride;
  }
  MEB_INLINE C* density(std::uint32_t e, std::uint32_t index) const {
    return event(e) + a_.memory.densities + 8 * index;
  }
  MEB_INLINE C* row(std::uint32_t e, std::uint32_t index) const {
    C* rows = rows_ ? rows_ + e * row_size() : event(e) + a_.memory.rows;
    return rows + index * a_.tables.sizes.stride;
  }
  MEB_INLINE double* terms(std::uint32_t e) const { return sums_ + e * a_.memory.sum_stride; }
  MEB_INLINE double* jamp2(std::uint32_t e) const { return terms(e) + a_.tables.sizes.n_active; }
  MEB_INLINE double* amp2(std::uint32_t e) const { return jamp2(e) + a_.tables.sizes.n_flow; }

private:
  MEB_INLINE std::uint64_t row_size() const { return std::uint64_t(a_.tables.sizes.n_row) * a_.tables.sizes.stride; }

  C* base_;
  C* rows_;
  double* sums_;
  const cuda::Arguments& a_;
};

}  // namespace meb::MEB_TARGET
