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

// What a lane has of a tile: component l % 4 of one state of either side, real or imaginary part of the result.
class TileLanes {
public:
  MEB_INLINE void load(const cuda::LaneMap* maps) { own_ = maps[Team::lane()]; }
  MEB_INLINE std::uint32_t four() const { return own_.states & 0xffff; }
  MEB_INLINE std::uint32_t eight() const { return own_.states >> 16; }
  MEB_INLINE std::uint32_t helicity(int k) const { return k == 0 ? own_.helicities & 0xffff : own_.helicities >> 16; }

private:
  cuda::LaneMap own_;
};

// Four (or eight) states of the slot that begins at `first`.
template <class F>
struct FourStates {
  Complex<F> x;
  MEB_INLINE void load(const SharedMemory<F>& memory, std::uint32_t e, std::uint32_t first, const TileLanes& lanes) {
    x = memory.kept(e, first + lanes.four())[Team::lane() & 3];
  }
};
template <class F>
struct EightStates {
  Complex<F> x;
  MEB_INLINE void load(const SharedMemory<F>& memory, std::uint32_t e, std::uint32_t first, const TileLanes& lanes) {
    x = memory.kept(e, first + lanes.eight())[Team::lane() & 3];
  }
  MEB_INLINE void multiply(F re, F im) { x = Complex<F>{re, im} * x; }
  MEB_INLINE void multiply_i() { x = {-x.im, x.re}; }
};

// Rows of the matrix product are (state of the four, real or imaginary part), so that the first factors of a
// complex product are (re, -im) or (im, re).
template <class F>
class AmplitudeTile {
public:
  MEB_INLINE void add(const FourStates<F>& w, const EightStates<F>& d) {
    const bool imaginary = Team::lane() & 4;
    multiply_add(c_, imaginary ? w.x.im : w.x.re, d.x.re);
    multiply_add(c_, imaginary ? w.x.re : -w.x.im, d.x.im);
  }

  MEB_INLINE void store(const SharedMemory<F>& memory, std::uint32_t e, std::uint32_t amplitude,
                        const TileLanes& lanes) const {
    F* numbers = memory.amplitude(e, amplitude);
    const std::uint32_t part = (Team::lane() >> 2) & 1;
    MEB_UNROLL
    for (int k = 0; k < 2; ++k)
      if (lanes.helicity(k) != cuda::no_index)
        numbers[memory.amplitude_place(amplitude, 2 * lanes.helicity(k) + part)] = F(c_[k]);
  }

private:
  double c_[2] = {0, 0};
};

#else

class TileLanes {
public:
  void load(const cuda::LaneMap* maps) { all_ = maps; }
  std::uint32_t four(std::uint32_t a) const { return all_[8 * a].states & 0xffff; }
  std::uint32_t eight(std::uint32_t b) const { return all_[4 * b].states >> 16; }
  std::uint32_t helicity(std::uint32_t a, std::uint32_t b) const {
    return all_[8 * a + b / 2].helicities >> 16 * (b & 1) & 0xffff;
  }

private:
  const cuda::LaneMap* all_;
};

template <class F>
struct FourStates {
  Complex<F> x[4][4];
  void load(const SharedMemory<F>& memory, std::uint32_t e, std::uint32_t first, const TileLanes& lanes) {
    for (std::uint32_t a = 0; a < 4; ++a) std::memcpy(x[a], memory.kept(e, first + lanes.four(a)), sizeof x[a]);
  }
};
template <class F>
struct EightStates {
  Complex<F> x[8][4];
  void load(const SharedMemory<F>& memory, std::uint32_t e, std::uint32_t first, const TileLanes& lanes) {
    for (std::uint32_t b = 0; b < 8; ++b) std::memcpy(x[b], memory.kept(e, first + lanes.eight(b)), sizeof x[b]);
  }
  void multiply(F re, F im) {
    for (auto& state : x)
      for (auto& c : state) c = Complex<F>{re, im} * c;
  }
  void multiply_i() { multiply(0, 1); }
};

template <class F>
class AmplitudeTile {
public:
  void add(const FourStates<F>& w, const EightStates<F>& d) {
    for (std::uint32_t a = 0; a < 4; ++a)
      for (std::uint32_t b = 0; b < 8; ++b)
        for (std::uint32_t k = 0; k < 4; ++k) {
          const Complex<F> x = w.x[a][k], y = d.x[b][k];
          c_[a][b][0] += double(x.re) * y.re - double(x.im) * y.im;
          c_[a][b][1] += double(x.re) * y.im + double(x.im) * y.re;
        }
  }

  void store(const SharedMemory<F>& memory, std::uint32_t e, std::uint32_t amplitude, const TileLanes& lanes) const {
    F* numbers = memory.amplitude(e, amplitude);
    for (std::uint32_t a = 0; a < 4; ++a)
      for (std::uint32_t b = 0; b < 8; ++b)
        for (std::uint32_t part = 0; part < 2; ++part)
          if (lanes.helicity(a, b) != cuda::no_index)
            numbers[memory.amplitude_place(amplitude, 2 * lanes.helicity(a, b) + part)] = F(c_[a][b][part]);
  }

private:
  double c_[4][8][2] = {};
};

#endif

}  // namespace meb::MEB_TARGET
