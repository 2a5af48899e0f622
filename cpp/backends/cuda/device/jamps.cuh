// JAMP rows of a sector of helicities from its amplitudes, and JAMP2.
#pragma once

#if !defined(__CUDACC__)
#include <vector>
#endif

#include "backends/cuda/device/products.cuh"

namespace meb::MEB_TARGET {

template <class F>
class Jamps {
public:
  using C = Complex<F>;

  MEB_INLINE Jamps(const cuda::Arguments& a, const SharedMemory<F>& memory, const Products<F>& products)
      : a_(a), memory_(memory), products_(products) {}

  // JAMP2 of split orders, from the rows: flow = sum over helicities and chosen pairs of |Re J_m J_n^*|.
  MEB_INLINE void jamp2_of_orders(const cuda::Phase& phase, std::uint64_t event) const {
    if (!with_jamp2() || sizes(a_).n_order == 1) return;
    Team::sync();
    products_.quarters(sizes(a_).n_flow,
                       [&](std::uint32_t flow, std::uint32_t, std::uint32_t start, std::uint32_t step, bool store) {
                         double total = 0;
                         for (std::uint32_t h = start; h < sizes(a_).sector_size; h += step)
                           if (products_.is_wanted(event, products_.position(phase.sector, h)))
                             total += flow_sum(flow, h);
                         total = Team::sum_of_four(total);
                         if (store && start == 0) add_jamp2(phase.sector, flow, total);
                       });
  }

#if defined(__CUDACC__)
  // A part of eight rows a warp, on the tensor cores: the matrix of factors times amplitudes. The result goes
  // to shared memory, where it may take the place of the amplitudes.
  MEB_INLINE void rows(const cuda::Phase& phase, std::uint64_t event) const {
    F x[n_own][n_group][4] = {};
    Plan plans[n_own];
    MEB_UNROLL
    for (std::uint32_t own = 0; own < n_own; ++own) plan(part(own) < sizes(a_).n_part ? part(own) : 0, plans[own]);
    Team::sync();
    MEB_UNROLL
    for (std::uint32_t own = 0; own < n_own; ++own) {
      if (part(own) >= sizes(a_).n_part) continue;
      sum(part(own), plans[own], x[own]);
      if (with_jamp2() && sizes(a_).n_order == 1) jamp2(phase.sector, event, part(own), x[own]);
      butterflies(plans[own], x[own]);
    }
    if (layout(a_).overlaid) Team::sync();
    MEB_UNROLL
    for (std::uint32_t own = 0; own < n_own; ++own)
      if (part(own) < sizes(a_).n_part) store(plans[own], x[own]);
  }

private:
  static constexpr std::uint32_t n_group = (cuda::fixed_sizes.sector_size + 7) / 8;  // of eight helicities
  static constexpr std::uint32_t n_own = (cuda::fixed_sizes.n_part + MEB_THREADS / 32 - 1) / (MEB_THREADS / 32);

  MEB_INLINE static std::uint32_t part(std::uint32_t own) { return Team::warp() + own * Team::n_warp(); }

  // What a lane needs of its part: its first terms, where its two rows go, their butterflies.
  static constexpr std::uint32_t ahead = 4;
  struct RowTerm {
    std::uint32_t low, high, factor[2];
  };
  struct Plan {
    RowTerm first[ahead];
    std::uint16_t place[2];
    std::uint8_t codes[cuda::fixed_sizes.n_level + 1][2];
  };

  MEB_INLINE void plan(std::uint32_t part, Plan& plan) const {
    const std::uint32_t row = 2 * (Team::lane() & 3), n_level = sizes(a_).n_level;
    MEB_UNROLL
    for (std::uint32_t i = 0; i < ahead; ++i) plan.first[i] = load(cuda::fixed_row_parts[part].first + i);
    MEB_UNROLL
    for (std::uint32_t k = 0; k < 2; ++k) {
      plan.place[k] = global(a_.tables.row_places)[8 * part + row + k];
      MEB_UNROLL
      for (std::uint32_t level = 0; level < n_level; ++level)
        plan.codes[level][k] = global(a_.tables.butterflies)[8 * (n_level * part + level) + row + k];
    }
  }

  MEB_INLINE RowTerm load(std::uint32_t t) const {
    const std::uint32_t lane = Team::lane();
    const std::uint16_t* amplitudes = global(a_.tables.row_amplitudes) + 8 * t + (lane & 3);
    const std::uint16_t* factors = global(a_.tables.row_factors) + 64 * t + lane;
    return {amplitudes[0], amplitudes[4], {factors[0], factors[32]}};
  }

  // Rows 2 (lane % 4) and the next, of numbers (2 h + part) 16 group + lane / 4 + {0, 8}.
  MEB_INLINE void sum(std::uint32_t part, const Plan& plan, F (&x)[n_group][4]) const {
    const cuda::RowPart range = cuda::fixed_row_parts[part];
    RowTerm next[ahead];
    MEB_UNROLL
    for (std::uint32_t i = 0; i < ahead; ++i) next[i] = plan.first[i];
    MEB_UNROLL_BY(1)
    for (std::uint32_t t = 0; t < range.n; t += ahead) {
      F b[ahead][2];
      RowTerm now[ahead];
      MEB_UNROLL
      for (std::uint32_t i = 0; i < ahead; ++i) {
        now[i] = next[i];
        for (int k = 0; k < 2; ++k) b[i][k] = F(global(a_.tables.factors)[now[i].factor[k]]);
      }
      MEB_UNROLL
      for (std::uint32_t i = 0; i < ahead; ++i) next[i] = load(range.first + t + ahead + i);
      MEB_UNROLL
      for (std::uint32_t i = 0; i < ahead; ++i)
        if (t + i < range.n) add(now[i].low, now[i].high, b[i], x);
    }
  }

  MEB_INLINE void add(std::uint32_t low, std::uint32_t high, const F (&b)[2], F (&x)[n_group][4]) const {
    const std::uint32_t column = Team::lane() >> 2;
    const std::uint32_t from[2] = {memory_.amplitude_byte(low, column), memory_.amplitude_byte(high, column)};
    const auto number = [&](int k, std::uint32_t n) { return memory_.amplitude_from(0, from[k], n); };
    MEB_UNROLL
    for (std::uint32_t g = 0; g < n_group; ++g)
      multiply_add(x[g], {number(0, 16 * g), number(0, 16 * g + 8), number(1, 16 * g), number(1, 16 * g + 8)}, b);
  }

  MEB_INLINE void jamp2(std::uint32_t sector, std::uint64_t event, std::uint32_t part, const F (&x)[n_group][4]) const {
    double total[2] = {0, 0};
    MEB_UNROLL
    for (std::uint32_t g = 0; g < n_group; ++g)
      for (std::uint32_t half = 0; half < 2; ++half) {
        const std::uint32_t h = 8 * g + 4 * half + (Team::lane() >> 3);
        const bool wanted = h < sizes(a_).sector_size && products_.is_wanted(event, products_.position(sector, h));
        for (int k = 0; k < 2; ++k) total[k] += wanted ? double(x[g][2 * half + k]) * x[g][2 * half + k] : 0;
      }
    for (int k = 0; k < 2; ++k) {
      for (int other = 4; other < 32; other <<= 1) total[k] += __shfl_xor_sync(0xffffffffu, total[k], other);
      const std::uint32_t row = global(a_.tables.part_rows)[8 * part + 2 * (Team::lane() & 3) + k];
      if (Team::lane() < 4 && row != cuda::no_index) add_jamp2(sector, row, total[k]);
    }
  }

  // The first are between the rows of a lane, others between the same row of two lanes.
  MEB_INLINE void butterflies(const Plan& plan, F (&x)[n_group][4]) const {
    MEB_UNROLL
    for (std::uint32_t level = 0; level < sizes(a_).n_level; ++level) {
      const std::uint8_t(&code)[2] = plan.codes[level];
      F own[2], other[2];
      for (int k = 0; k < 2; ++k)
        own[k] = code[k] & cuda::own_minus ? -1 : 1, other[k] = code[k] & cuda::add_other ? 1 : 0;
      MEB_UNROLL
      for (std::uint32_t g = 0; g < n_group; ++g) MEB_UNROLL
      for (int half = 0; half < 4; half += 2) {
        const F even = x[g][half], odd = x[g][half + 1];
        x[g][half] = own[0] * even + other[0] * (level == 0 ? odd : from(code[0], even));
        x[g][half + 1] = own[1] * odd + other[1] * (level == 0 ? even : from(code[1], odd));
      }
    }
  }
  MEB_INLINE static F from(std::uint32_t code, F x) {
    return Team::from(x, static_cast<int>((Team::lane() & 28) | (code & 7) >> 1));
  }

  MEB_INLINE void store(const Plan& plan, const F (&x)[n_group][4]) const {
    MEB_UNROLL
    for (int k = 0; k < 2; ++k) {
      const std::uint32_t place = plan.place[k];
      if (place == cuda::no_index) continue;
      F* numbers = reinterpret_cast<F*>(memory_.row(0, place)) + (Team::lane() >> 2);
      MEB_UNROLL
      for (std::uint32_t g = 0; g < n_group; ++g) numbers[16 * g] = x[g][k], numbers[16 * g + 8] = x[g][2 + k];
    }
  }
#else
  // As the tables say, step by step; stored when all are made, since they may take the place of the amplitudes.
  void rows(const cuda::Phase& phase, std::uint64_t event) const {
    const std::uint32_t n_part = sizes(a_).n_part, n = sizes(a_).sector_size;
    std::vector<C> all(std::size_t{8} * n_part * n);
    for (std::uint32_t part = 0; part < n_part; ++part)
      for (std::uint32_t h = 0; h < n; ++h) {
        C* x = &all[std::size_t{8} * (part * n + h)];
        for (std::uint32_t i = 0; i < 8; ++i) x[i] = sum(part, i, h);
        if (with_jamp2() && sizes(a_).n_order == 1) jamp2(phase.sector, event, part, h, x);
        for (std::uint32_t level = 0; level < sizes(a_).n_level; ++level) butterflies(part, level, x);
      }
    for (std::uint32_t part = 0; part < n_part; ++part)
      for (std::uint32_t i = 0; i < 8; ++i) {
        const std::uint32_t place = a_.tables.row_places[8 * part + i];
        if (place == cuda::no_index) continue;
        for (std::uint32_t h = 0; h < n; ++h) memory_.row(0, place)[h] = all[std::size_t{8} * (part * n + h) + i];
      }
  }

private:
  C sum(std::uint32_t part, std::uint32_t i, std::uint32_t h) const {
    const cuda::RowPart range = a_.tables.row_parts[part];
    C total{0, 0};
    for (std::uint32_t t = range.first; t < range.first + range.n; ++t)
      for (std::uint32_t k = 0; k < 8; ++k) {
        const F factor = F(a_.tables.factors[a_.tables.row_factors[64 * t + 32 * (k / 4) + 4 * i + k % 4]]);
        total = total + factor * products_.amplitude(0, a_.tables.row_amplitudes[8 * t + k], h);
      }
    return total;
  }

  void jamp2(std::uint32_t sector, std::uint64_t event, std::uint32_t part, std::uint32_t h, const C* x) const {
    const bool wanted = products_.is_wanted(event, products_.position(sector, h));
    for (std::uint32_t i = 0; i < 8; ++i) {
      const std::uint32_t row = a_.tables.part_rows[8 * part + i];
      if (row == cuda::no_index) continue;
      const double value = double(x[i].re) * x[i].re + double(x[i].im) * x[i].im;
      add_jamp2(sector + h, row, wanted ? value : 0);
    }
  }

  void butterflies(std::uint32_t part, std::uint32_t level, C* x) const {
    C y[8];
    for (std::uint32_t i = 0; i < 8; ++i) {
      const std::uint32_t code = a_.tables.butterflies[8 * (sizes(a_).n_level * part + level) + i];
      y[i] = F(code & cuda::own_minus ? -1 : 1) * x[i] + F(code & cuda::add_other ? 1 : 0) * x[code & 7];
    }
    for (std::uint32_t i = 0; i < 8; ++i) x[i] = y[i];
  }
#endif

  MEB_INLINE bool with_jamp2() const { return a_.events.jamp2 != nullptr || a_.events.color_flow != nullptr; }

  // first: what was there is of another event
  MEB_INLINE void add_jamp2(std::uint32_t first, std::uint32_t flow, double x) const {
    double& total = memory_.jamp2(0)[flow];
    total = (first == 0 ? 0 : total) + x;
  }

  // Without butterflies rows lie in their order.
  MEB_INLINE double flow_sum(std::uint32_t flow, std::uint32_t h) const {
    const std::uint32_t n_order = sizes(a_).n_order;
    double sum = 0;
    for (std::uint32_t m = 0; m < n_order; ++m)
      for (std::uint32_t n = 0; n < n_order; ++n) {
        if (!global(a_.tables.chosen_orders)[m * n_order + n]) continue;
        const C a = memory_.row(0, flow * n_order + m)[h], b = memory_.row(0, flow * n_order + n)[h];
        sum += std::fabs(double(a.re) * b.re + double(a.im) * b.im);
      }
    return sum;
  }

  const cuda::Arguments& a_;
  SharedMemory<F> memory_;
  Products<F> products_;
};

}  // namespace meb::MEB_TARGET
