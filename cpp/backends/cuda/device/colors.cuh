// Colour sum and JAMP2 from the JAMP rows.
#pragma once

#include "backends/cuda/device/products.cuh"

namespace meb::MEB_TARGET {

template <class F>
class Colors {
public:
  using C = Complex<F>;

  MEB_INLINE Colors(const cuda::Arguments& a, const SharedMemory<F>& memory, const Products<F>& products)
      : a_(a), memory_(memory), products_(products) {}

  // T[h] = sum_ij J_i^* C_ij J_j, four helicities a warp.
  MEB_INLINE void terms() const {
    const std::uint32_t n = (sizes(a_).n_active + 3) / 4 << layout(a_).log_events;
    for (std::uint32_t i = Team::warp(); i < n; i += Team::n_warp())
      quadratic_forms(i & (memory_.n_event() - 1), 4 * (i >> layout(a_).log_events));
  }

  // JAMP2(flow) = sum over helicities and chosen pairs of split orders of |Re J_m J_n^*|
  MEB_INLINE void jamp2(std::uint64_t first) const {
    products_.quarters(sizes(a_).n_flow,
                       [&](std::uint32_t flow, std::uint32_t e, std::uint32_t start, std::uint32_t step, bool store) {
                         double total = 0;
                         MEB_UNROLL
                         for (std::uint32_t h = start; h < sizes(a_).n_active; h += step)
                           if (products_.is_wanted(first + e, h)) total += flow_sum(e, flow, h);
                         total = Team::sum_of_four(total);
                         if (store && start == 0) memory_.jamp2(e)[flow] = total;
                       });
  }

private:
  MEB_INLINE double flow_sum(std::uint32_t e, std::uint32_t flow, std::uint32_t h) const {
    if (sizes(a_).n_order == 1) {
      const C j = memory_.row(e, flow)[h];
      return double(j.re) * j.re + double(j.im) * j.im;
    }
    double sum = 0;
    for (std::uint32_t m = 0; m < sizes(a_).n_order; ++m)
      for (std::uint32_t n = 0; n < sizes(a_).n_order; ++n) {
        if (!global(a_.tables.chosen_orders)[m * sizes(a_).n_order + n]) continue;
        const C a = memory_.row(e, flow * sizes(a_).n_order + m)[h],
                b = memory_.row(e, flow * sizes(a_).n_order + n)[h];
        sum += std::fabs(double(a.re) * b.re + double(a.im) * b.im);
      }
    return sum;
  }

#if defined(__CUDACC__)
  // Eight rows of C times four rows of J, for (re, im) of four helicities, on the tensor cores.
  // Blocks left of the diagonal are doubled instead of computed.
  MEB_INLINE void quadratic_forms(std::uint32_t e, std::uint32_t h0) const {
    const std::uint32_t lane = Team::lane(), k = lane & 3, column = lane >> 2;
    const std::uint32_t h_in = h0 + column / 2, h_out = h0 + k;
    const std::uint32_t n_block = (sizes(a_).n_row + 7) / 8, n_chunk = (sizes(a_).n_row + 3) / 4;
    const double* color = global(a_.tables.color) + lane;
    double total = 0;
    MEB_UNROLL_BY(3)
    for (std::uint32_t i = 0; i < n_block; ++i) {
      double z[2] = {0, 0};
      MEB_UNROLL_BY(6)
      for (std::uint32_t j = 2 * i; j < n_chunk; ++j, color += 32) {
        const std::uint32_t row = 4 * j + k;
        double b = 0;
        if (row < sizes(a_).n_row && h_in < sizes(a_).n_active) {
          const F* numbers = reinterpret_cast<const F*>(memory_.row(e, row) + h_in);
          b = numbers[column & 1];
        }
        multiply_add(z, *color, b);
      }
      const std::uint32_t row = 8 * i + (lane >> 2);
      if (row < sizes(a_).n_row && h_out < sizes(a_).n_active) {
        const C j = memory_.row(e, row)[h_out];
        total += z[0] * j.re + z[1] * j.im;
      }
    }
    for (int x = 4; x < 32; x <<= 1) total += __shfl_xor_sync(0xffffffffu, total, x);
    if (lane < 4 && h_out < sizes(a_).n_active) memory_.terms(e)[h_out] = total;
  }
#else
  void quadratic_forms(std::uint32_t e, std::uint32_t h0) const {
    const std::uint32_t n_block = (sizes(a_).n_row + 7) / 8, n_chunk = (sizes(a_).n_row + 3) / 4;
    for (std::uint32_t h = h0; h < h0 + 4 && h < sizes(a_).n_active; ++h) {
      const double* color = global(a_.tables.color);
      double total = 0;
      for (std::uint32_t i = 0; i < n_block; ++i)
        for (std::uint32_t j = 2 * i; j < n_chunk; ++j, color += 32)
          for (std::uint32_t lane = 0; lane < 32; ++lane) {
            const std::uint32_t row = 8 * i + lane / 4, column = 4 * j + lane % 4;
            if (row >= sizes(a_).n_row || column >= sizes(a_).n_row) continue;
            const C x = memory_.row(e, row)[h], y = memory_.row(e, column)[h];
            total += color[lane] * (double(x.re) * y.re + double(x.im) * y.im);
          }
      memory_.terms(e)[h] = total;
    }
  }
#endif

  const cuda::Arguments& a_;
  SharedMemory<F> memory_;
  Products<F> products_;
};

}  // namespace meb::MEB_TARGET
