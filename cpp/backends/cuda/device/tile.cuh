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

// What a lane needs of four states of one side and eight of the other.
template <class F>
struct TileWaves {
  using C = Complex<F>;
  C w, d;

  MEB_INLINE void load(const C* waves, std::uint32_t wave, std::uint32_t n_wave, std::uint32_t derivative,
                       std::uint32_t n_derivative) {
    const std::uint32_t lane = Team::lane(), k = lane & 3, a = lane >> 3, b = lane >> 2;
    // states that are not there repeat one that is; their results are dropped
    w = waves[place<F>(wave + (a < n_wave ? a : 0), k)];
    d = waves[place<F>(derivative + (b < n_derivative ? b : 0), k)];
  }
};

// Their amplitudes: rows are (state, real or imaginary part).
template <class F>
class AmplitudeTile {
public:
  MEB_INLINE void add(const TileWaves<F>& x, double re, double im) {
    const std::uint32_t part = (Team::lane() >> 2) & 1;
    const double d_re = re * x.d.re - im * x.d.im, d_im = re * x.d.im + im * x.d.re;
    multiply_add(c_, part ? x.w.im : x.w.re, d_re);
    multiply_add(c_, part ? x.w.re : -x.w.im, d_im);
  }

  // f(state of the first side, of the second, 0 or 1 for the real or imaginary part, value)
  template <class Function>
  MEB_INLINE void each(Function f) const {
    const std::uint32_t lane = Team::lane();
    for (std::uint32_t i = 0; i < 2; ++i) f(lane >> 3, 2 * (lane & 3) + i, (lane >> 2) & 1, c_[i]);
  }

private:
  double c_[2] = {0, 0};
};

// rho_ij = sum over states of W_i W_j^*: the diagonal, then (re, im) of the upper triangle by rows.
template <class F>
MEB_INLINE void density_matrix(const Complex<F>* waves, std::uint32_t state, std::uint32_t n, Complex<F>* out) {
  const std::uint32_t lane = Team::lane(), row = lane >> 2, part = row & 1;
  double c[2] = {0, 0};
  for (std::uint32_t s = 0; s < n; s += 4) {
    Complex<F> w{0, 0};
    if (s + (lane & 3) < n) w = waves[place<F>(state + s + (lane & 3), row >> 1)];
    const double x = part ? w.im : w.re;
    multiply_add(c, x, x);
  }
  const double other0 = __shfl_xor_sync(0xffffffffu, c[0], 4), other1 = __shfl_xor_sync(0xffffffffu, c[1], 4);
  const std::uint32_t i = lane >> 3, j = lane & 3;
  if (part == 0 && i <= j) {
    const double re = c[0] + other1, im = other0 - c[1];
    F* numbers = reinterpret_cast<F*>(out);
    if (i == j) numbers[i] = F(re);
    if (i < j) out[2 + i * (7 - i) / 2 + j - i - 1] = {F(re), F(im)};
  }
}

#else

template <class F>
struct TileWaves {
  using C = Complex<F>;
  C w[4][4], d[8][4];

  void load(const C* waves, std::uint32_t wave, std::uint32_t n_wave, std::uint32_t derivative,
            std::uint32_t n_derivative) {
    for (std::uint32_t k = 0; k < 4; ++k) {
      for (std::uint32_t a = 0; a < 4; ++a) w[a][k] = waves[place<F>(wave + (a < n_wave ? a : 0), k)];
      for (std::uint32_t b = 0; b < 8; ++b) d[b][k] = waves[place<F>(derivative + (b < n_derivative ? b : 0), k)];
    }
  }
};

template <class F>
class AmplitudeTile {
public:
  void add(const TileWaves<F>& x, double re, double im) {
    for (std::uint32_t a = 0; a < 4; ++a)
      for (std::uint32_t b = 0; b < 8; ++b)
        for (std::uint32_t k = 0; k < 4; ++k) {
          const Complex<F> w = x.w[a][k], d = x.d[b][k];
          const double d_re = re * d.re - im * d.im, d_im = re * d.im + im * d.re;
          c_[a][b][0] += w.re * d_re - w.im * d_im;
          c_[a][b][1] += w.re * d_im + w.im * d_re;
        }
  }

  template <class Function>
  void each(Function f) const {
    for (std::uint32_t a = 0; a < 4; ++a)
      for (std::uint32_t b = 0; b < 8; ++b)
        for (std::uint32_t part = 0; part < 2; ++part) f(a, b, part, c_[a][b][part]);
  }

private:
  double c_[4][8][2] = {};
};

template <class F>
void density_matrix(const Complex<F>* waves, std::uint32_t state, std::uint32_t n, Complex<F>* out) {
  double rho[16] = {};
  for (std::uint32_t s = state; s < state + n; ++s) {
    int at = 4;
    for (std::uint32_t i = 0; i < 4; ++i) {
      const Complex<F> x = waves[place<F>(s, i)];
      rho[i] += double(x.re) * x.re + double(x.im) * x.im;
      for (std::uint32_t j = i + 1; j < 4; ++j, at += 2) {
        const Complex<F> y = waves[place<F>(s, j)];
        rho[at] += double(x.re) * y.re + double(x.im) * y.im;
        rho[at + 1] += double(x.im) * y.re - double(x.re) * y.im;
      }
    }
  }
  for (int k = 0; k < 8; ++k) out[k] = {F(rho[2 * k]), F(rho[2 * k + 1])};
}

#endif

}  // namespace meb::MEB_TARGET
