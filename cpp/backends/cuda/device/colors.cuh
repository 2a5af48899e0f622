// The colour sum of a sector of helicities from its JAMP rows.
#pragma once

#include "backends/cuda/device/products.cuh"

namespace meb::MEB_TARGET {

template <class F>
class Colors {
public:
  using C = Complex<F>;

  MEB_INLINE Colors(const cuda::Arguments& a, const SharedMemory<F>& memory, const Products<F>& products)
      : a_(a), memory_(memory), products_(products) {}

  // T[h] = sum_ij J_i^* C_ij J_j: a band of C for up to 32 helicities a warp, then sums over bands.
  MEB_INLINE void terms(const cuda::Phase& phase) const {
    const std::uint32_t size = sizes(a_).sector_size, n_run = (size + 31) / 32;
    const std::uint32_t n = sizes(a_).n_band * n_run, first = Team::warp();
    Tiles tiles;
    tiles.load(a_, first < n ? first / n_run : 0, 0);
    Team::sync();  // for the rows
    for (std::uint32_t i = first; i < n; i += Team::n_warp()) {
      if (i != first) tiles.load(a_, i / n_run, 0);
      quadratic_forms(i / n_run, 32 * (i % n_run), tiles);
    }
    for (std::uint32_t h0 = 0; h0 < size; h0 += Team::n_thread()) {
      const std::uint32_t h = h0 + Team::thread();
      const std::uint32_t position = h < size ? products_.position(phase.sector, h) : cuda::no_index;
      if (h0 == 0) Team::sync();
      if (position == cuda::no_index) continue;
      double total = 0;
      MEB_UNROLL_BY(8)
      for (std::uint32_t band = 0; band < sizes(a_).n_band; ++band) total += partial(band)[h];
      memory_.terms(0)[position] = total;
    }
  }

private:
  MEB_INLINE double* partial(std::uint32_t band) const { return memory_.partials(0) + band * sizes(a_).sector_size; }
  MEB_INLINE const F* numbers(std::uint32_t place, std::uint32_t h) const {
    return reinterpret_cast<const F*>(row(place) + h);
  }
  MEB_INLINE C* row(std::uint32_t place) const {
    return memory_.row(0, place < sizes(a_).n_row ? place : sizes(a_).n_row - 1);
  }

#if defined(__CUDACC__)
  static constexpr int n_group = cuda::fixed_sizes.sector_size >= 32 ? 4 : (cuda::fixed_sizes.sector_size + 7) / 8;

  // Some tiles of a band, as a lane has them.
  struct Tiles {
    static constexpr std::uint32_t n = 4;
    F c[n][2];

    MEB_INLINE void load(const cuda::Arguments& a, std::uint32_t number, std::uint32_t first) {
      const cuda::ColorBand band = cuda::fixed_bands[number];
      MEB_UNROLL
      for (std::uint32_t j = 0; j < n; ++j) {
        const std::uint32_t tile = band.tile + (first + j < band.n_tile ? first + j : band.n_tile - 1);
        const double* color = global(a.tables.color) + 64 * tile + Team::lane();
        c[j][0] = F(color[0]), c[j][1] = F(color[32]);
      }
    }
  };

  // Rows of J, for (re, im) of some times eight helicities, times eight rows of C, on the tensor cores.
  // tiles: the first of the band.
  MEB_INLINE void quadratic_forms(std::uint32_t number, std::uint32_t h0, Tiles& tiles) const {
    const cuda::ColorBand band = cuda::fixed_bands[number];
    const std::uint32_t lane = Team::lane(), t = lane & 3, column = lane >> 2;
    F z[n_group][4] = {};
    MEB_UNROLL_BY(1)
    for (std::uint32_t first = 0; first < band.n_tile; first += Tiles::n) {
      if (first != 0) tiles.load(a_, number, first);
      MEB_UNROLL
      for (std::uint32_t j = 0; j < Tiles::n; ++j) {
        if (first + j >= band.n_tile) break;
        const std::uint32_t place = band.row + 8 * (first + j) + t;
        const F *low = numbers(place, h0) + column, *high = numbers(place + 4, h0) + column;
        MEB_UNROLL
        for (int g = 0; g < n_group; ++g)
          multiply_add(z[g], {low[16 * g], low[16 * g + 8], high[16 * g], high[16 * g + 8]}, tiles.c[j]);
      }
    }
    const F *even = numbers(band.row + 2 * t, h0) + column, *odd = numbers(band.row + 2 * t + 1, h0) + column;
    MEB_UNROLL
    for (int g = 0; g < 2 * n_group; ++g) {
      double total = double(z[g / 2][2 * (g % 2)]) * even[8 * g] + double(z[g / 2][2 * (g % 2) + 1]) * odd[8 * g];
      total = Team::sum_of_four(total);
      total += __shfl_xor_sync(0xffffffffu, total, 4);
      const std::uint32_t h = h0 + 4 * g + column / 2;
      if ((lane & 7) == 0 && h < sizes(a_).sector_size) partial(number)[h] = total;
    }
  }
#else
  struct Tiles {
    void load(const cuda::Arguments&, std::uint32_t, std::uint32_t) {}
  };

  void quadratic_forms(std::uint32_t number, std::uint32_t h0, const Tiles&) const {
    const cuda::ColorBand band = a_.tables.bands[number];
    for (std::uint32_t h = h0; h < h0 + 32 && h < sizes(a_).sector_size; ++h) {
      const double* color = a_.tables.color + 64 * band.tile;
      double total = 0;
      for (std::uint32_t j = 0; j < 2 * band.n_tile; ++j, color += 32)
        for (std::uint32_t lane = 0; lane < 32; ++lane) {
          const C x = row(band.row + lane / 4)[h], y = row(band.row + 4 * j + lane % 4)[h];
          total += color[lane] * (double(x.re) * y.re + double(x.im) * y.im);
        }
      partial(number)[h] = total;
    }
  }
#endif

  const cuda::Arguments& a_;
  SharedMemory<F> memory_;
  Products<F> products_;
};

}  // namespace meb::MEB_TARGET
