// Amplitudes, JAMPs and AMP2 of one tile of helicity combinations (engine/tiles.hpp).
#pragma once

#include "backends/cpu/aligned.hpp"
#include "engine/tiles.hpp"

namespace meb::MEB_TARGET {

template <class B>
class Products {
  using R = typename B::real;
  using F = typename B::scalar;
  using C = Complex<R>;

public:
  Products(const Plan& plan, const Tiles& tiles, const C* arena)
      : plan_(plan),
        p_(*plan.program),
        tiles_(tiles),
        arena_(arena),
        rows_(p_.n_row() * (std::size_t{tiles.size} + block)),
        buffers_((p_.n_amplitude_buffer + 1) * std::size_t{tiles.size}) {}

  // So many combinations of all rows together, for the colour sum.
  static constexpr std::uint32_t block = 8;

  // JAMPs of the tile that was run last, positions from a multiple of `block`: [row][block]
  C* rows(std::uint32_t position) { return &rows_[std::size_t{position} * p_.n_row()]; }
  std::uint32_t n_position(std::uint32_t tile) const {
    return std::min(tiles_.size, static_cast<std::uint32_t>(plan_.n_active()) - tile * tiles_.size);
  }

  // amp2: sums over helicities; mask: by position in Plan::active, or null
  void run(std::uint32_t tile, R* amp2, const R* mask) {
    const std::uint32_t n = n_position(tile);
    const std::uint32_t* first = &tiles_.first[tile * tiles_.steps.size()];
    for (const TileStep& s : tiles_.steps) {
      const std::uint32_t* index = &tiles_.indices[*first++];
      C* amplitude = &buffers_[s.buffer * tiles_.size];
      if (s.product) product(*s.product, index, amplitude);
      for (std::uint32_t u = 0; u < s.n_update; ++u) update(*tiles_.updates[s.first_update + u], amplitude, n);
      for (std::uint32_t q = 0; q < s.n_square; ++q) {
        const Step& square = *tiles_.squares[s.first_square + q];
        amp2[square.instruction->out] += sum_of_squares(amplitude, mask ? mask + tile * tiles_.size : nullptr, n);
      }
    }
  }

private:
  void product(const Step& s, const std::uint32_t* index, C* out) const {
    const bool accumulate = s.op == Op::dot && (s.flags & flag::accumulate);
    const double* c = &p_.constants[2 * s.instruction->coefficient[0]];
    const bool one = s.op == Op::dot_jamp || (c[0] == 1 && c[1] == 0);
    if (s.n_component == 4) {
      if (one && !accumulate) return dots<4, false>(s, index, One{}, out);
      return accumulate ? dots<4, true>(s, index, factor(c), out) : dots<4, false>(s, index, factor(c), out);
    }
    return accumulate ? dots<1, true>(s, index, one ? C{R{} + 1, R{}} : factor(c), out)
                      : dots<1, false>(s, index, one ? C{R{} + 1, R{}} : factor(c), out);
  }
  static C factor(const double* c) { return {B::broadcast(static_cast<F>(c[0])), B::broadcast(static_cast<F>(c[1]))}; }

  // One side stays in registers while the states of the other run.
  template <int n_component, bool accumulate, class K>
  MEB_INLINE void dots(const Step& s, const std::uint32_t* index, K factor, C* out) const {
    const bool hold_d = index[0] == 1;
    const C *held = arena_ + s.in[hold_d ? 1 : 0], *other = arena_ + s.in[hold_d ? 0 : 1];
    const std::uint32_t n_group = index[1];
    index += 2;
    for (std::uint32_t g = 0; g < n_group; ++g) {
      C d[n_component];
      for (int k = 0; k < n_component; ++k) d[k] = factor * held[index[0] * n_component + k];
      const std::uint32_t n = index[1];
      index += 2;
      for (std::uint32_t i = 0; i < n; ++i, index += 2) {
        const C* w = other + index[0] * n_component;
        C sum = accumulate ? out[index[1]] : C{};
        for (int k = 0; k < n_component; ++k) {
          sum.re += d[k].re * w[k].re;
          sum.im += d[k].re * w[k].im;
          sum.re -= d[k].im * w[k].im;
          sum.im += d[k].im * w[k].re;
        }
        out[index[1]] = sum;
      }
    }
  }

  void update(const Step& s, const C* amplitude, std::uint32_t n) {
    const double* c = &p_.constants[2 * s.instruction->coefficient[0]];
    const F re = static_cast<F>(c[0]), im = static_cast<F>(c[1]);
    const bool accumulate = s.flags & flag::accumulate;
    for (std::uint32_t at = 0; at < n; at += block) {
      C* row = rows(at) + s.instruction->out * block;
      const C* a = amplitude + at;
      const auto each = [&](auto change) MEB_LAMBDA {
        if (n - at >= block) {
          for (std::uint32_t h = 0; h < block; ++h) row[h] = change(row[h], a[h]);
        } else {
          for (std::uint32_t h = 0; h < n - at; ++h) row[h] = change(row[h], a[h]);
        }
      };
      const RealFactor<F> x{re};
      const ImaginaryFactor<F> y{im};
      if (!accumulate) {
        each([=](C, C amp) MEB_LAMBDA { return x * amp + y * amp; });
      } else if (im == 0) {
        each([=](C old, C amp) MEB_LAMBDA { return old + x * amp; });
      } else if (re == 0) {
        each([=](C old, C amp) MEB_LAMBDA { return old + y * amp; });
      } else {
        each([=](C old, C amp) MEB_LAMBDA { return old + (x * amp + y * amp); });
      }
    }
  }

  static R sum_of_squares(const C* a, const R* mask, std::uint32_t n) {
    R even{}, odd{};  // two sums: each addition waits for the one before
    if (mask) {
      for (std::uint32_t h = 0; h < n; ++h) even += mask[h] * (a[h].re * a[h].re + a[h].im * a[h].im);
      return even;
    }
    std::uint32_t h = 0;
    for (; h + 1 < n; h += 2) {
      even += a[h].re * a[h].re + a[h].im * a[h].im;
      odd += a[h + 1].re * a[h + 1].re + a[h + 1].im * a[h + 1].im;
    }
    if (h < n) even += a[h].re * a[h].re + a[h].im * a[h].im;
    return even + odd;
  }

  const Plan& plan_;
  const Program& p_;
  const Tiles& tiles_;
  const C* arena_;
  AlignedArray<C> rows_, buffers_;
};

}  // namespace meb::MEB_TARGET
