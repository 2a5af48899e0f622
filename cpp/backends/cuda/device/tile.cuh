// Small matrix products of one warp, in double precision: on the tensor cores of a GPU
// (mma.m8n8k4.f64), by loops on the host.
#pragma once

#include "backends/cuda/device/memory.cuh"

namespace meb::MEB_TARGET {

#if defined(__CUDACC__)

// c[8][8] += a[8][4] b[4][8]. Lane l holds a[l / 4][l % 4], b[l % 4][l / 4] and
// c[l / 4][2 (l % 4) + {0, 1}].
MEB_INLINE void multiply_add(double (&c)[2], double a, double b) {
  asm("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0,%1}, {%2}, {%3}, {%0,%1};"
      : "+d"(c[0]), "+d"(c[1])
      : "d"(a), "d"(b));
}

// What a lane needs of four states of one side and eight of the other: rows are (state, real or
// imaginary part), so that the first factors of a complex product are (re, -im) or (im, re).
template <class F>
struct TileWaves {
  Complex<F> w, d;

  // First states of both sides' slots; `maps`: what each lane has of the tile.
  MEB_INLINE void load(const SharedMemory<F>& memory, std::uint32_t e, std::uint32_t four, std::uint32_t eight,
                       const cuda::LaneMap* maps) {
    const std::uint32_t lane = Team::lane(), k = lane & 3, states = maps[lane].states;
    w = memory.kept(e, four + (states & 0xffff))[k];
    d = memory.kept(e, eight + (states >> 16))[k];
  }
};

template <class F>
class AmplitudeTile {
public:
  MEB_INLINE void add(const TileWaves<F>& x) {
    const bool imaginary = Team::lane() & 4;
    multiply_add(c_, imaginary ? x.w.im : x.w.re, x.d.re);
    multiply_add(c_, imaginary ? x.w.re : -x.w.im, x.d.im);
  }
  MEB_INLINE void add(TileWaves<F> x, double re, double im) {
    x.d = {F(re * x.d.re - im * x.d.im), F(re * x.d.im + im * x.d.re)};
    add(x);
  }

  // Numbers of helicity h at numbers[2 h + part].
  MEB_INLINE void store(const cuda::LaneMap* maps, F* numbers) const {
    const std::uint32_t map = maps[Team::lane()].helicities, h0 = map & 0xffff, h1 = map >> 16;
    F* out = numbers + ((Team::lane() >> 2) & 1);
    if (h0 != cuda::no_index) out[2 * h0] = F(c_[0]);
    if (h1 != cuda::no_index) out[2 * h1] = F(c_[1]);
  }

private:
  double c_[2] = {0, 0};
};

#else

template <class F>
struct TileWaves {
  Complex<F> w[4][4], d[8][4];

  void load(const SharedMemory<F>& memory, std::uint32_t e, std::uint32_t four, std::uint32_t eight,
            const cuda::LaneMap* maps) {
    for (std::uint32_t k = 0; k < 4; ++k) {
      for (std::uint32_t a = 0; a < 4; ++a) w[a][k] = memory.kept(e, four + (maps[8 * a].states & 0xffff))[k];
      for (std::uint32_t b = 0; b < 8; ++b) d[b][k] = memory.kept(e, eight + (maps[4 * b].states >> 16))[k];
    }
  }
};

template <class F>
class AmplitudeTile {
public:
  void add(const TileWaves<F>& x, double re = 1, double im = 0) {
    for (std::uint32_t a = 0; a < 4; ++a)
      for (std::uint32_t b = 0; b < 8; ++b)
        for (std::uint32_t k = 0; k < 4; ++k) {
          const Complex<F> w = x.w[a][k], d = x.d[b][k];
          const double d_re = re * d.re - im * d.im, d_im = re * d.im + im * d.re;
          c_[a][b][0] += w.re * d_re - w.im * d_im;
          c_[a][b][1] += w.re * d_im + w.im * d_re;
        }
  }

  void store(const cuda::LaneMap* maps, F* numbers) const {
    for (std::uint32_t a = 0; a < 4; ++a)
      for (std::uint32_t b = 0; b < 8; ++b) {
        const std::uint32_t h = maps[8 * a + b / 2].helicities >> 16 * (b & 1) & 0xffff;
        if (h == cuda::no_index) continue;
        for (int part = 0; part < 2; ++part) numbers[2 * h + part] = F(c_[a][b][part]);
      }
  }

private:
  double c_[4][8][2] = {};
};

#endif

}  // namespace meb::MEB_TARGET
