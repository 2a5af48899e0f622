// Amplitudes, JAMPs and AMP2 of one tile of helicity combinations (engine/tiles.hpp).
#pragma once

#include "backends/cpu/aligned.hpp"
#include "engine/tiles.hpp"

namespace meb::MEB_TARGET {

// Products whose JAMPs are added in passing.
template <class B>
struct Fused {
  using R = typename B::real;
  using F = typename B::scalar;
  using C = Complex<R>;
  static constexpr std::uint32_t max_row = 32;

  const C *wave, *derivative;
  C factor;          // of the first row
  F ratio[max_row];  // of each row to the first
  std::size_t row[max_row];
  std::uint32_t n_row;
  std::uint32_t square;  // index of AMP2, or none
  F square_factor;

  // n: n_row, or 0 for any; rows: those of a tile, `stride` numbers from block to block; amp2: of all diagrams
  template <std::uint32_t n, bool square_too, std::uint32_t block>
  MEB_INLINE void run(const std::uint32_t* index, C* rows, std::size_t stride, R* amp2) const {
    const bool hold_d = index[0] == 1;
    const C *held = hold_d ? derivative : wave, *other = hold_d ? wave : derivative;
    const std::uint32_t *n_group = index + 1;
    index += 4;
    R even{}, odd{};
    const auto groups = [&]<int begin, int end>(std::uint32_t n_group) MEB_LAMBDA {
      for (std::uint32_t g = 0; g < n_group; ++g) {
        C d[4];
        for (int k = begin; k < end; ++k) d[k] = factor * held[index[0] * 4 + k];
        const std::uint32_t n_pair = index[1];
        index += 2;
        for (std::uint32_t i = 0; i < n_pair; ++i, index += 2) {
          const C* w = other + index[0] * 4;
          C sum{};
          for (int k = begin; k < end; ++k) {
            sum.re += d[k].re * w[k].re;
            sum.im += d[k].re * w[k].im;
            sum.re -= d[k].im * w[k].im;
            sum.im += d[k].im * w[k].re;
          }
          C* at = rows + index[1] / block * stride + index[1] % block;
          at[row[0]] = at[row[0]] + sum;
          for (std::uint32_t r = 1; r < (n ? n : n_row); ++r) at[row[r]] = at[row[r]] + RealFactor<F>{ratio[r]} * sum;
          if constexpr (square_too) even += sum.re * sum.re, odd += sum.im * sum.im;
        }
      }
    };
    groups.template operator()<0, 2>(n_group[0]);
    groups.template operator()<2, 4>(n_group[1]);
    groups.template operator()<0, 4>(n_group[2]);
    if constexpr (square_too) amp2[square] += square_factor * (even + odd);
  }
  template <std::uint32_t block>
  void run(const std::uint32_t* index, C* rows, std::size_t stride, R* amp2) const {
    if (square != none) return any<true, block, 1, 2, 3, 4, 5, 6, 7, 8>(index, rows, stride, amp2);
    any<false, block, 1, 2, 3, 4, 5, 6, 7, 8>(index, rows, stride, amp2);
  }
  template <bool square_too, std::uint32_t block, std::uint32_t... n>
  MEB_INLINE void any(const std::uint32_t* index, C* rows, std::size_t stride, R* amp2) const {
    if (n_row > sizeof...(n)) return run<0, square_too, block>(index, rows, stride, amp2);
    ((n == n_row ? run<n, square_too, block>(index, rows, stride, amp2) : void()), ...);
  }
};

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
        buffers_((p_.n_amplitude_buffer + 1) * std::size_t{tiles.size}),
        fused_(tiles.steps.size()) {
    for (const TileStep& s : tiles.steps)
      if (!s.product) return;  // somebody reads a buffer later
    for (std::size_t i = 0; i < tiles.steps.size(); ++i) fuse(tiles.steps[i], fused_[i]);
  }

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
    const std::size_t n_block = (n + block - 1) / block;
    for (std::size_t i = 0; i < n_block * block * p_.n_row(); ++i) rows_[i] = C{};
    for (std::size_t i = 0; i < tiles_.steps.size(); ++i) {
      const std::uint32_t* index = &tiles_.indices[first[i]];
      if (fused_[i].n_row > 0 && !(mask && fused_[i].square != none)) {
        fused_[i].template run<block>(index, rows(0), block * p_.n_row(), amp2);
      } else {
        run_step(tiles_.steps[i], index, n, amp2, mask ? mask + tile * tiles_.size : nullptr);
      }
    }
  }

private:
  // n_row stays 0 where it cannot be.
  void fuse(const TileStep& s, Fused<B>& fused) const {
    if (s.product->n_component != 4 || s.n_update < 1 || s.n_update > Fused<B>::max_row || s.n_square > 1) return;
    if (s.product->op == Op::dot && (s.product->flags & flag::accumulate)) return;
    const auto constant = [&](const Step& of) { return &p_.constants[2 * of.instruction->coefficient[0]]; };
    const double* c = constant(*tiles_.updates[s.first_update]);
    const double norm = c[0] * c[0] + c[1] * c[1];
    if (norm == 0) return;
    for (std::uint32_t u = 0; u < s.n_update; ++u) {
      const Step& update = *tiles_.updates[s.first_update + u];
      const double* own = constant(update);
      if (std::fabs(own[1] * c[0] - own[0] * c[1]) > 1e-15 * norm) return;
      fused.ratio[u] = static_cast<F>((own[0] * c[0] + own[1] * c[1]) / norm);
      fused.row[u] = update.instruction->out * block;
    }
    fused.wave = arena_ + s.product->in[0];
    fused.derivative = arena_ + s.product->in[1];
    fused.factor = factor(c);
    if (s.product->op == Op::dot) fused.factor = fused.factor * factor(constant(*s.product));
    fused.square = s.n_square ? tiles_.squares[s.first_square]->instruction->out : none;
    fused.square_factor = static_cast<F>(1 / norm);
    fused.n_row = s.n_update;
  }

  void run_step(const TileStep& s, const std::uint32_t* index, std::uint32_t n, R* amp2, const R* mask) {
    C* amplitude = &buffers_[s.buffer * tiles_.size];
    if (s.sparse && !(s.product->op == Op::dot && (s.product->flags & flag::accumulate)))
      for (std::uint32_t h = 0; h < n; ++h) amplitude[h] = C{};
    if (s.product) product(*s.product, index, amplitude);
    for (std::uint32_t u = 0; u < s.n_update; ++u) update(*tiles_.updates[s.first_update + u], amplitude, n);
    for (std::uint32_t q = 0; q < s.n_square; ++q)
      amp2[tiles_.squares[s.first_square + q]->instruction->out] += sum_of_squares(amplitude, mask, n);
  }

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
    const std::uint32_t* n_group = index + 1;
    index += 4;
    const auto groups = [&]<int begin, int end>(std::uint32_t n_group) MEB_LAMBDA {
      for (std::uint32_t g = 0; g < n_group; ++g) {
        C d[n_component];
        for (int k = begin; k < end; ++k) d[k] = factor * held[index[0] * n_component + k];
        const std::uint32_t n = index[1];
        index += 2;
        for (std::uint32_t i = 0; i < n; ++i, index += 2) {
          const C* w = other + index[0] * n_component;
          C sum = accumulate ? out[index[1]] : C{};
          for (int k = begin; k < end; ++k) {
            sum.re += d[k].re * w[k].re;
            sum.im += d[k].re * w[k].im;
            sum.re -= d[k].im * w[k].im;
            sum.im += d[k].im * w[k].re;
          }
          out[index[1]] = sum;
        }
      }
    };
    if constexpr (n_component == 4) {
      groups.template operator()<0, 2>(n_group[0]);
      groups.template operator()<2, 4>(n_group[1]);
    }
    groups.template operator()<0, n_component>(n_group[2]);
  }

  void update(const Step& s, const C* amplitude, std::uint32_t n) {
    const double* c = &p_.constants[2 * s.instruction->coefficient[0]];
    const F re = static_cast<F>(c[0]), im = static_cast<F>(c[1]);
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
      if (im == 0) {
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
  AlignedArray<Fused<B>> fused_;
};

}  // namespace meb::MEB_TARGET
