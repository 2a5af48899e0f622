// Products, JAMPs and the colour sum in registers: one helicity of one event a lane.
#pragma once

#include "backends/cuda/device/products.cuh"

namespace meb::MEB_TARGET {

// What a lane reads: states of slots, by the legs of the slot.
template <class F>
class DotLane {
public:
  using C = Complex<F>;

  // Addresses of the components of a slot's state, if the slot were the event's first.
  struct Side {
    std::uint32_t at[4];
  };

  MEB_INLINE DotLane(const cuda::Arguments& a, std::uint32_t e, std::uint32_t position, std::uint32_t width)
      : offsets_(global(a.tables.dot_offsets) + position), width_(width) {
    turn_ = SharedMemory<F>(a).turn(e) * sizeof(C);
    event_ = e * layout(a).event_stride * static_cast<std::uint32_t>(sizeof(C));
    shared_ = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared()));
  }

  MEB_INLINE Side side(std::uint32_t number) const {
    const std::uint32_t first = event_ + (offsets_[number * width_] ^ turn_);
    Side s;
    for (std::uint32_t k = 0; k < 4; ++k) s.at[k] = shared_ + (first ^ k * static_cast<std::uint32_t>(sizeof(C)));
    return s;
  }

  // Not from memory twice, and not kept in registers from its first use to the last: both are for whoever
  // wrote the sequence of loads to decide.
  template <std::uint32_t state, int n>
  MEB_INLINE void load(const Side& s, C* w) const {
    constexpr std::uint32_t turn = (state >> (sizeof(F) == 8 ? 1 : 2)) & 3;
    MEB_UNROLL
    for (int k = 0; k < n; ++k) read<state * 4 * sizeof(C)>(s.at[k ^ turn], w[k]);
  }

private:
  template <std::uint32_t offset>
  MEB_INLINE static void read(std::uint32_t address, Complex<double>& x) {
    asm volatile("ld.shared.v2.f64 {%0, %1}, [%2 + %3];" : "=d"(x.re), "=d"(x.im) : "r"(address), "n"(offset));
  }
  template <std::uint32_t offset>
  MEB_INLINE static void read(std::uint32_t address, Complex<float>& x) {
    asm volatile("ld.shared.v2.f32 {%0, %1}, [%2 + %3];" : "=f"(x.re), "=f"(x.im) : "r"(address), "n"(offset));
  }

  const std::uint16_t* offsets_;
  std::uint32_t width_, turn_, event_, shared_;
};

// sum += i^turns W.D
template <int n, int turns, class R>
MEB_INLINE void add_product(Complex<R>& sum, const Complex<R>* w, const Complex<R>* d) {
  MEB_UNROLL
  for (int k = 0; k < n; ++k) {
    const Complex<R> x = turns == 0 ? w[k] : turns == 1 ? times_i(w[k]) : turns == 2 ? -w[k] : -times_i(w[k]);
    sum.re += d[k].re * x.re;
    sum.im += d[k].re * x.im;
    sum.re -= d[k].im * x.im;
    sum.im += d[k].im * x.re;
  }
}

template <class R>
MEB_INLINE R norm(Complex<R> a) {
  return a.re * a.re + a.im * a.im;
}

// Sums of n numbers over `mask * 2` lanes: each exchange halves what a lane has. What is left are `n_own`
// numbers from `begin`.
template <int n, int mask>
struct Transpose {
  template <class R>
  MEB_INLINE static void sum(R* x, std::uint32_t& begin, std::uint32_t& n_own) {
    constexpr int half = (n + 1) / 2;
    const bool upper = Team::lane() & mask;
    MEB_UNROLL
    for (int i = 0; i < half; ++i) {
      const R high = half + i < n ? x[half + i] : R(0);
      x[i] = (upper ? high : x[i]) + __shfl_xor_sync(0xffffffffu, upper ? x[i] : high, mask);
    }
    if (upper) begin += half;
    n_own = upper ? (n_own > half ? n_own - half : 0) : (n_own < half ? n_own : half);
    Transpose<half, mask / 2>::sum(x, begin, n_own);
  }
};
template <int n>
struct Transpose<n, 0> {
  template <class R>
  MEB_INLINE static void sum(R*, std::uint32_t&, std::uint32_t&) {}
};

}  // namespace meb::MEB_TARGET
