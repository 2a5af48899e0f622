// Small matrix products of one warp: on the tensor cores of a GPU, by loops on the host.
#pragma once

#include "backends/cuda/device/memory.cuh"

namespace meb::MEB_TARGET {

#if defined(__CUDACC__)

// c[16][8] += a[16][8] b[8][8]. With g = l / 4, t = l % 4 lane l holds a[g][t], a[g + 8][t], a[g][t + 4],
// a[g + 8][t + 4], b[t][g], b[t + 4][g], c[g][2 t], c[g][2 t + 1], c[g + 8][2 t], c[g + 8][2 t + 1].
// The larger shape does four times as many multiply-adds an instruction, on Hopper at the same rate a multiply-add.
MEB_INLINE void multiply_add(double (&c)[4], const double (&a)[4], const double (&b)[2]) {
#if __CUDA_ARCH__ >= 900
  asm("mma.sync.aligned.m16n8k8.row.col.f64.f64.f64.f64 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+d"(c[0]), "+d"(c[1]), "+d"(c[2]), "+d"(c[3])
      : "d"(a[0]), "d"(a[1]), "d"(a[2]), "d"(a[3]), "d"(b[0]), "d"(b[1]));
#else
  MEB_UNROLL
  for (int row = 0; row < 2; ++row) MEB_UNROLL
  for (int k = 0; k < 2; ++k)
    asm("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0,%1}, {%2}, {%3}, {%0,%1};"
        : "+d"(c[2 * row]), "+d"(c[2 * row + 1])
        : "d"(a[row + 2 * k]), "d"(b[k]));
#endif
}

// The same in single precision: of each number what TF32 has of it and what that leaves, so that together they
// are good to about 2^-21.
struct Split {
  std::uint32_t high, low;
  MEB_INLINE explicit Split(float x) : high(__float_as_uint(x) & 0xffffe000u) {
    low = __float_as_uint(x - __uint_as_float(high));
  }
};
MEB_INLINE void multiply_add_tf32(float (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
MEB_INLINE void multiply_add(float (&c)[4], const float (&a)[4], const float (&b)[2]) {
  const Split x[4] = {Split(a[0]), Split(a[1]), Split(a[2]), Split(a[3])}, y[2] = {Split(b[0]), Split(b[1])};
  multiply_add_tf32(c, {x[0].low, x[1].low, x[2].low, x[3].low}, {y[0].high, y[1].high});
  multiply_add_tf32(c, {x[0].high, x[1].high, x[2].high, x[3].high}, {y[0].low, y[1].low});
  multiply_add_tf32(c, {x[0].high, x[1].high, x[2].high, x[3].high}, {y[0].high, y[1].high});
}

// What a lane has of a tile: component l % 4 of one state of either side, real or imaginary part of the result.
class TileLanes {
public:
  MEB_INLINE void load(const cuda::LaneMap* maps) { own_ = maps[Team::lane()]; }
  MEB_INLINE std::uint32_t four() const { return own_.states & 0xffff; }
  MEB_INLINE std::uint32_t eight() const { return own_.states >> 16; }
  MEB_INLINE std::uint32_t place(int k) const { return k == 0 ? own_.places & 0xffff : own_.places >> 16; }

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

// Products of two slots of the one side with one of the other. Rows of the matrix product are (slot, state of
// the four, real or imaginary part), terms (real or imaginary part, component): first factors are (re, -im)
// or (im, re).
template <class F>
class AmplitudePair {
public:
  MEB_INLINE void add(const FourStates<F>& w0, const FourStates<F>& w1, const EightStates<F>& d) {
    const bool imaginary = Team::lane() & 4;
    multiply_add(c_,
                 {imaginary ? w0.x.im : w0.x.re, imaginary ? w1.x.im : w1.x.re, imaginary ? w0.x.re : -w0.x.im,
                  imaginary ? w1.x.re : -w1.x.im},
                 {d.x.re, d.x.im});
  }

  // slot: 0 or 1
  MEB_INLINE void store(int slot, const SharedMemory<F>& memory, std::uint32_t e, std::uint32_t amplitude,
                        const TileLanes& lanes) const {
    MEB_UNROLL
    for (int k = 0; k < 2; ++k)
      if (lanes.place(k) != cuda::no_index) memory.amplitude_at(e, amplitude, lanes.place(k)) = c_[2 * slot + k];
  }

private:
  F c_[4] = {0, 0, 0, 0};
};

#else

class TileLanes {
public:
  void load(const cuda::LaneMap* maps) { all_ = maps; }
  std::uint32_t four(std::uint32_t a) const { return all_[8 * a].states & 0xffff; }
  std::uint32_t eight(std::uint32_t b) const { return all_[4 * b].states >> 16; }
  std::uint32_t place(std::uint32_t a, std::uint32_t b, std::uint32_t part) const {
    return all_[8 * a + 4 * part + b / 2].places >> 16 * (b & 1) & 0xffff;
  }

private:
  const cuda::LaneMap* all_;
};

template <class F>
struct FourStates {
  Complex<F> x[4][4];
  void load(const SharedMemory<F>& memory, std::uint32_t e, std::uint32_t first, const TileLanes& lanes) {
    for (std::uint32_t a = 0; a < 4; ++a)
      std::memcpy(static_cast<void*>(x[a]), memory.kept(e, first + lanes.four(a)), sizeof x[a]);
  }
};
template <class F>
struct EightStates {
  Complex<F> x[8][4];
  void load(const SharedMemory<F>& memory, std::uint32_t e, std::uint32_t first, const TileLanes& lanes) {
    for (std::uint32_t b = 0; b < 8; ++b)
      std::memcpy(static_cast<void*>(x[b]), memory.kept(e, first + lanes.eight(b)), sizeof x[b]);
  }
  void multiply(F re, F im) {
    for (auto& state : x)
      for (auto& c : state) c = Complex<F>{re, im} * c;
  }
  void multiply_i() { multiply(0, 1); }
};

template <class F>
class AmplitudePair {
public:
  void add(const FourStates<F>& w0, const FourStates<F>& w1, const EightStates<F>& d) {
    add(w0, d, c_[0]);
    add(w1, d, c_[1]);
  }

  void store(int slot, const SharedMemory<F>& memory, std::uint32_t e, std::uint32_t amplitude,
             const TileLanes& lanes) const {
    for (std::uint32_t a = 0; a < 4; ++a)
      for (std::uint32_t b = 0; b < 8; ++b)
        for (std::uint32_t part = 0; part < 2; ++part)
          if (lanes.place(a, b, part) != cuda::no_index)
            memory.amplitude_at(e, amplitude, lanes.place(a, b, part)) = F(c_[slot][a][b][part]);
  }

private:
  void add(const FourStates<F>& w, const EightStates<F>& d, double (&c)[4][8][2]) {
    for (std::uint32_t a = 0; a < 4; ++a)
      for (std::uint32_t b = 0; b < 8; ++b)
        for (std::uint32_t k = 0; k < 4; ++k) {
          const Complex<F> x = w.x[a][k], y = d.x[b][k];
          c[a][b][0] += double(x.re) * y.re - double(x.im) * y.im;
          c[a][b][1] += double(x.re) * y.im + double(x.im) * y.re;
        }
  }

  double c_[2][4][8][2] = {};
};

#endif

}  // namespace meb::MEB_TARGET
