// The dots of all helicities of a block's events, by the generated struct Dots.
#pragma once

#include "backends/cuda/device/dots.cuh"

namespace meb::MEB_TARGET {

template <class F>
class DotPhase {
public:
  MEB_INLINE DotPhase(const cuda::Arguments& a, const SharedMemory<F>& memory, const Products<F>& products)
      : a_(a), memory_(memory), products_(products) {}

  MEB_INLINE void run(std::uint64_t first) const {
    const std::uint32_t n = width << layout(a_).log_events;
    for (std::uint32_t i0 = Team::warp() * 32; i0 < n; i0 += Team::n_thread()) {
      const std::uint32_t i = i0 + Team::lane() < n ? i0 + Team::lane() : n - 1;
      compute(first, i / width, i % width, i0 + Team::lane() < n);
    }
  }

  // JAMP2 and AMP2 of one event from the parts, by one warp.
  MEB_INLINE void combine(std::uint32_t e) const {
    if (!with_sums()) return;
    const double* parts = memory_.partials(e);
    for (std::uint32_t i = Team::lane(); i < Dots::n_sum; i += 32) {
      double sum = 0;
      for (std::uint32_t p = 0; p < Dots::n_part; ++p) sum += parts[p * Dots::n_sum + i];
      if (i < sizes(a_).n_flow)
        memory_.jamp2(e)[i] = sum;
      else
        memory_.amp2(e)[Dots::amp2(i - sizes(a_).n_flow)] += sum;
    }
    __syncwarp();
  }

private:
  static constexpr std::uint32_t width = Dots::n_lane * Dots::n_part;

  MEB_INLINE bool with_sums() const {
    return Dots::n_sum > sizes(a_).n_flow || a_.events.jamp2 != nullptr || a_.events.color_flow != nullptr;
  }

  MEB_INLINE void compute(std::uint64_t first, std::uint32_t e, std::uint32_t position, bool inside) const {
    const std::uint32_t h = global(a_.tables.dot_helicities)[position];
    F sums[Dots::n_sum];
    const double term = Dots::run<F>(DotLane<F>(a_, e, position, width), with_sums(), sums);
    if (inside && h != cuda::no_index) memory_.terms(e)[h] = term;
    if (!with_sums()) return;
    double all[Dots::n_sum];
    const bool counts = h != cuda::no_index && products_.is_wanted(first + e, h);
    MEB_UNROLL
    for (std::uint32_t k = 0; k < Dots::n_sum; ++k) all[k] = counts ? double(sums[k]) : 0;
    std::uint32_t begin = 0, n_own = Dots::n_sum;
    Transpose<Dots::n_sum, Dots::n_lane / 2>::sum(all, begin, n_own);
    double* part = memory_.partials(e) + position / Dots::n_lane * Dots::n_sum;
    constexpr std::uint32_t most = (Dots::n_sum + Dots::n_lane - 1) / Dots::n_lane;
    MEB_UNROLL
    for (std::uint32_t k = 0; k < most; ++k)
      if (inside && k < n_own) part[begin + k] = all[k];
  }

  const cuda::Arguments& a_;
  SharedMemory<F> memory_;
  Products<F> products_;
};

}  // namespace meb::MEB_TARGET
