// Shared memory of a block: each event's waves, momenta, coefficients, rows and sums.
#pragma once

#include "backends/cuda/device/team.cuh"
#include "backends/cuda/layout.hpp"
#include "engine/op.hpp"
#include "kernels/propagator.hpp"

namespace meb::MEB_TARGET {

#if defined(__CUDACC__)
extern __shared__ __align__(128) unsigned char shared_bytes[];
MEB_INLINE unsigned char* shared() { return shared_bytes; }
#else
inline thread_local unsigned char* shared_bytes = nullptr;
inline unsigned char* shared() { return shared_bytes; }
#endif

// Where the Program is known when this is compiled, its numbers are constants.
#if defined(MEB_FIXED)
MEB_INLINE constexpr cuda::Sizes sizes(const cuda::Arguments&) { return cuda::fixed_sizes; }
MEB_INLINE constexpr cuda::Memory layout(const cuda::Arguments&) { return cuda::fixed_memory; }
#else
MEB_INLINE const cuda::Sizes& sizes(const cuda::Arguments& a) { return a.tables.sizes; }
MEB_INLINE const cuda::Memory& layout(const cuda::Arguments& a) { return a.memory; }
#endif

// Tables that are read in every phase: the block's copy, if there is room for one (`at`: of Memory), else the
// device's.
template <class T>
MEB_INLINE const T* near_table(const T* table, std::uint32_t at) {
  return at == 0 ? global(table) : reinterpret_cast<const T*>(shared() + at);
}
MEB_INLINE void copy_near_tables(const cuda::Arguments& a) {
  if (layout(a).phases == 0) return;
  struct alignas(16) Word {
    std::uint32_t part[4];
  };
  const Word* from = global(reinterpret_cast<const Word*>(a.tables.phases));
  Word* to = reinterpret_cast<Word*>(shared() + layout(a).phases);
  const std::uint32_t n = (layout(a).size - layout(a).phases) / sizeof(Word);
  for (std::uint32_t i = Team::thread(); i < n; i += Team::n_thread()) to[i] = from[i];
}

template <class F>
class SharedMemory {
public:
  using C = Complex<F>;

  // Of the events from the first on.
  MEB_INLINE explicit SharedMemory(const cuda::Arguments& a, std::uint32_t first = 0)
      : a_(a), base_(shared() + first * layout(a).event_stride * sizeof(C)) {}

  MEB_INLINE std::uint32_t n_event() const { return 1u << layout(a_).log_events; }
  MEB_INLINE C* event(std::uint32_t e) const { return reinterpret_cast<C*>(base_) + e * layout(a_).event_stride; }

  // A state is four complex numbers. Their order changes from state to state and from event to event,
  // so that the same component of neighbours lies in different banks.
  MEB_INLINE C& wave(std::uint32_t e, std::uint32_t state, std::uint32_t component) const {
    return component_of(first_byte(e, state), component);
  }
  MEB_INLINE void load_state(std::uint32_t e, std::uint32_t state, C* w) const {
    const std::uint32_t first = first_byte(e, state);
    for (std::uint32_t k = 0; k < 4; ++k) w[k] = component_of(first, k);
  }
  // `place` is that of the tables: where the first component lies in event 0.
  MEB_INLINE void load(std::uint32_t e, std::uint32_t place, C* w) const {
    const std::uint32_t first = byte_of_place(e, place);
    for (std::uint32_t k = 0; k < 4; ++k) w[k] = component_of(first, k);
  }
  MEB_INLINE C load(std::uint32_t e, std::uint32_t place) const { return component_of(byte_of_place(e, place), 0); }
  MEB_INLINE void store(std::uint32_t e, std::uint32_t place, const C* w) const {
    const std::uint32_t first = byte_of_place(e, place);
    for (std::uint32_t k = 0; k < 4; ++k) component_of(first, k) = w[k];
  }
  // Which of the events that lanes share.
  MEB_INLINE std::uint32_t lane_event(std::uint32_t e) const { return e & ((1u << layout(a_).log_lanes) - 1); }
  MEB_INLINE std::uint32_t turn(std::uint32_t e) const {
    const std::uint32_t x = lane_event(e), log_lanes = layout(a_).log_lanes;
    return (log_lanes == 1 ? 2 * x : log_lanes == 2 ? x : x >> 1) & 3;
  }
  // What lanes of several events read together starts in different banks.
  MEB_INLINE Momentum<F> momentum(std::uint32_t e, std::uint32_t index) const {
    const C* p = event(e) + layout(a_).momenta + 2 * (index + (lane_event(e) & 3));
    return {p[0].re, p[0].im, p[1].re, p[1].im};
  }
  MEB_INLINE void set_momentum(std::uint32_t e, std::uint32_t index, const Momentum<F>& q) const {
    C* p = event(e) + layout(a_).momenta + 2 * (index + (lane_event(e) & 3));
    p[0] = {q.e, q.x};
    p[1] = {q.y, q.z};
  }
  MEB_INLINE C& coefficient(std::uint32_t e, std::uint32_t index) const {
    return event(e)[layout(a_).coefficients + index + (lane_event(e) & 7)];
  }
  MEB_INLINE C& inverse(std::uint32_t e, std::uint32_t index) const {
    return event(e)[layout(a_).inverses + index + (lane_event(e) & 7)];
  }
  // From the byte in amplitude 0.
  MEB_INLINE F& amplitude_at(std::uint32_t e, std::uint32_t index, std::uint32_t byte) const {
    return *reinterpret_cast<F*>(reinterpret_cast<unsigned char*>(event(e) + layout(a_).amplitudes) +
                                 (amplitude_byte(index, 0) ^ byte));
  }
  // Number 2 h + part of an amplitude. Pieces of 32 bytes change places from amplitude to amplitude and within
  // one, so that lanes with the same helicities of several, or with several helicities, meet in different banks.
  MEB_INLINE F& amplitude(std::uint32_t e, std::uint32_t index, std::uint32_t number) const {
    return amplitude_from(e, amplitude_byte(index, 0), number);
  }
  // The same for number = n + m, n known to the compiler and a multiple of eight, m < 8, from the byte of m.
  MEB_INLINE F& amplitude_from(std::uint32_t e, std::uint32_t byte, std::uint32_t n) const {
    const std::uint32_t at = n * static_cast<std::uint32_t>(sizeof(F));
    return *reinterpret_cast<F*>(reinterpret_cast<unsigned char*>(event(e) + layout(a_).amplitudes) +
                                 ((byte ^ (at & 127) ^ piece(at / 128)) + (at & ~127u)));
  }
  MEB_INLINE std::uint32_t amplitude_byte(std::uint32_t index, std::uint32_t m) const {
    return index * sizes(a_).amplitude_stride * static_cast<std::uint32_t>(sizeof(C)) ^ piece(index) ^
           m * static_cast<std::uint32_t>(sizeof(F));
  }
  MEB_INLINE C* density(std::uint32_t e, std::uint32_t index) const {
    return event(e) + layout(a_).densities + cuda::density_stride * index;
  }
  MEB_INLINE C* row(std::uint32_t e, std::uint32_t place) const {
    constexpr std::uint32_t apart = 32 / sizeof(C);  // rows begin in different banks
    return event(e) + layout(a_).rows + place * ((sizes(a_).sector_size + 15) / 16 * 16 + apart);
  }
  // A state in device memory, components in their order.
  MEB_INLINE C* kept(std::uint32_t e, std::uint32_t state) const {
    return global(static_cast<C*>(a_.scratch)) + (Team::block() * n_event() + e) * kept_size() + 4 * state;
  }
  MEB_INLINE double* terms(std::uint32_t e) const {
    return reinterpret_cast<double*>(shared() + layout(a_).sums) + e * layout(a_).sum_stride;
  }
  MEB_INLINE double* jamp2(std::uint32_t e) const { return terms(e) + sizes(a_).n_active; }
  MEB_INLINE double* amp2(std::uint32_t e) const { return jamp2(e) + sizes(a_).n_flow; }
  MEB_INLINE double* partials(std::uint32_t e) const { return amp2(e) + sizes(a_).n_amp2; }

  // T, JAMP2 and AMP2 of an event of one of the last rounds, in device memory.
  MEB_INLINE std::uint32_t n_sum() const { return sizes(a_).n_active + sizes(a_).n_flow + sizes(a_).n_amp2; }
  MEB_INLINE double* pending(std::uint32_t number) const {
    const std::uint64_t n_state = 4 * std::uint64_t(sizes(a_).n_kept) * Team::n_block();
    double* first = reinterpret_cast<double*>(global(static_cast<C*>(a_.scratch)) + n_state);
    return first + (Team::block() * cuda::most_pending + number) * n_sum();
  }

private:
  MEB_INLINE std::uint32_t piece(std::uint32_t x) const {
    const std::uint32_t n = sizes(a_).amplitude_stride * static_cast<std::uint32_t>(sizeof(C)) / 32;
    return 32 * (x & ((n < 4 ? n : 4) - 1));  // n: 1, 2 or a multiple of 4
  }
  MEB_INLINE std::uint32_t first_byte(std::uint32_t e, std::uint32_t state) const {
    constexpr int shift = sizeof(F) == 8 ? 1 : 2;
    return byte_of_place(e, 4 * state + ((state >> shift) & 3));
  }
  MEB_INLINE std::uint32_t byte_of_place(std::uint32_t e, std::uint32_t place) const {
    return (e * layout(a_).event_stride + (place ^ turn(e))) * static_cast<std::uint32_t>(sizeof(C));
  }
  MEB_INLINE C& component_of(std::uint32_t first_byte, std::uint32_t component) const {
    return *reinterpret_cast<C*>(base_ + (first_byte ^ component * static_cast<std::uint32_t>(sizeof(C))));
  }
  MEB_INLINE std::uint64_t kept_size() const { return std::uint64_t(4) * sizes(a_).n_kept; }

  const cuda::Arguments& a_;
  unsigned char* base_;
};

}  // namespace meb::MEB_TARGET
