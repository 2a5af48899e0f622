// JAMP rows of a sector of helicities from its amplitudes, and JAMP2.
#pragma once

#include "backends/cuda/device/products.cuh"

namespace meb::MEB_TARGET {

template <class F>
class Jamps {
public:
  using C = Complex<F>;

  MEB_INLINE Jamps(const cuda::Arguments& a, const SharedMemory<F>& memory, const Products<F>& products)
      : a_(a), memory_(memory), products_(products) {}

#if defined(MEB_FIXED)
  // One helicity a lane, a part of the rows a warp, by the generated struct Rows; rows may take the place of
  // the amplitudes.
  MEB_INLINE void rows(const cuda::Phase& phase, std::uint64_t event) const {
    C x[n_own][n_half][cuda::Rows::most];
    MEB_UNROLL
    for (std::uint32_t own = 0; own < n_own; ++own)
      if (part(own) < cuda::Rows::n_part) make(phase, event, part(own), x[own]);
    if (layout(a_).overlaid) Team::sync();
    MEB_UNROLL
    for (std::uint32_t own = 0; own < n_own; ++own)
      MEB_UNROLL
    for (std::uint32_t half = 0; half < n_half; ++half) {
      const std::uint32_t h = 32 * half + Team::lane();
      if (part(own) < cuda::Rows::n_part && h < sizes(a_).sector_size)
        cuda::Rows::store(part(own), x[own][half], memory_.row(0, 0) + h);
    }
  }

private:
  static constexpr std::uint32_t n_half = (cuda::fixed_sizes.sector_size + 31) / 32;
  static constexpr std::uint32_t n_own = (cuda::Rows::n_part + MEB_THREADS / 32 - 1) / (MEB_THREADS / 32);

  MEB_INLINE static std::uint32_t part(std::uint32_t own) { return Team::warp() + own * Team::n_warp(); }

  MEB_INLINE void make(const cuda::Phase& phase, std::uint64_t event, std::uint32_t part,
                       C (*x)[cuda::Rows::most]) const {
    double sums[cuda::Rows::most_flow] = {};
    MEB_UNROLL
    for (std::uint32_t half = 0; half < n_half; ++half) {
      const std::uint32_t h = 32 * half + Team::lane(), last = sizes(a_).sector_size - 1;
      double jamp2[cuda::Rows::most_flow];
      cuda::Rows::make(part, memory_.amplitude(0, 0) + (h < last ? h : last), x[half], jamp2);
      if (!with_jamp2() || h > last || !products_.is_wanted(event, products_.position(phase.sector, h))) continue;
      MEB_UNROLL
      for (std::uint32_t k = 0; k < cuda::Rows::most_flow; ++k) sums[k] += jamp2[k];
    }
    if (with_jamp2()) add_jamp2(phase.sector, part, sums);
  }

  MEB_INLINE bool with_jamp2() const { return a_.events.jamp2 != nullptr || a_.events.color_flow != nullptr; }

  MEB_INLINE void add_jamp2(std::uint32_t sector, std::uint32_t part, double (&sums)[cuda::Rows::most_flow]) const {
    std::uint32_t k = 0, n = cuda::Rows::n_flow(part);
    Transpose<cuda::Rows::most_flow, 16>::sum(sums, k, n);
    constexpr std::uint32_t most = (cuda::Rows::most_flow + 31) / 32;
    static_assert(most == 1);
    if (n == 0) return;
    double& total = memory_.jamp2(0)[cuda::Rows::flow(part, k)];
    total = (sector == 0 ? 0 : total) + sums[0];
  }
#else
  // As the tables say, step by step.
  void rows(const cuda::Phase& phase, std::uint64_t event) const {
    for (std::uint32_t r = 0; r < phase.n; ++r)
      for (std::uint32_t h = 0; h < sizes(a_).sector_size; ++h)
        row(r)[h] = products_.combination(a_.tables.sums[phase.first + r], 0, h);
    for (std::uint32_t flow = 0; flow < sizes(a_).n_flow; ++flow) {
      double total = phase.sector == 0 ? 0 : memory_.jamp2(0)[flow];
      for (std::uint32_t h = 0; h < sizes(a_).sector_size; ++h)
        if (products_.is_wanted(event, products_.position(phase.sector, h))) total += jamp2(flow, h);
      memory_.jamp2(0)[flow] = total;
    }
    for (std::uint32_t i = 0; i < sizes(a_).n_butterfly; ++i)
      for (std::uint32_t h = 0; h < sizes(a_).sector_size; ++h) {
        C &a = row(a_.tables.butterflies[2 * i])[h], &b = row(a_.tables.butterflies[2 * i + 1])[h];
        const C sum = a + b;
        b = a - b, a = sum;
      }
  }

private:
  C* row(std::uint32_t r) const { return memory_.row(0, a_.tables.row_places[r]); }

  // sum over chosen pairs of split orders of |Re J_m J_n^*|
  double jamp2(std::uint32_t flow, std::uint32_t h) const {
    const std::uint32_t n_order = sizes(a_).n_order;
    double sum = 0;
    for (std::uint32_t m = 0; m < n_order; ++m)
      for (std::uint32_t n = 0; n < n_order; ++n) {
        if (!a_.tables.chosen_orders[m * n_order + n]) continue;
        const C a = row(flow * n_order + m)[h], b = row(flow * n_order + n)[h];
        sum += std::fabs(double(a.re) * b.re + double(a.im) * b.im);
      }
    return sum;
  }
#endif

  const cuda::Arguments& a_;
  SharedMemory<F> memory_;
  Products<F> products_;
};

}  // namespace meb::MEB_TARGET
