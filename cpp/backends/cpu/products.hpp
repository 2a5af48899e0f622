// Amplitudes, JAMPs and AMP2 of one tile of helicity combinations (engine/tiles.hpp).
#pragma once

#include "backends/cpu/aligned.hpp"
#include "backends/cpu/fused.hpp"
#include "backends/cpu/row_sums.hpp"
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
        stride_(tiles.n_column | 1),
        rows_(p_.n_row() * (tiles.by_rows ? RowSums<B>::block : std::size_t{tiles.size} + block)),
        amplitudes_(tiles.by_rows ? stride_ * tiles.size : 0),
        row_sums_(tiles),
        buffers_((p_.n_amplitude_buffer + 1) * std::size_t{tiles.size}),
        fused_(tiles.steps.size()),
        fused_indices_(tiles.indices.size()),
        zeroed_(p_.n_row()) {
    for (std::size_t r = 0; r < p_.n_row(); ++r) zeroed_[r] = true;
    for (const TileStep& s : tiles.steps)
      if (!s.product) return;  // somebody reads a buffer later
    AlignedArray<bool> written(p_.n_row());
    for (std::size_t i = 0; i < tiles.steps.size(); ++i) {
      if (tiles.by_rows) {
        fuse_column(tiles.steps[i], fused_[i]);
      } else {
        fuse(tiles.steps[i], fused_[i], written);
      }
    }
    any_order_ = tiles.by_rows;
    for (std::size_t i = 0; i < tiles.steps.size(); ++i) any_order_ = any_order_ && fused_[i].run;
    for (std::uint32_t t = 0; t < tiles.n_tile; ++t)
      for (std::size_t i = 0; i < tiles.steps.size(); ++i)
        if (fused_[i].run) make_places(tiles.first[t * tiles.steps.size() + i], tiles.steps[i].product->n_component);
  }

  // So many combinations of all rows together at most, for the colour sum.
  static constexpr std::uint32_t block = 8;
  std::uint32_t together() const { return tiles_.by_rows ? RowSums<B>::block : block; }

  // JAMPs of the tile that was run last, positions from a multiple of together(): [row][together()]; by rows: until the
  // next call
  C* rows(std::uint32_t position) {
    if (!tiles_.by_rows) return &rows_[std::size_t{position} * p_.n_row()];
    const C* first = &amplitudes_[position * stride_];
    if (position + RowSums<B>::block <= tiles_.size) {
      row_sums_.template run<RowSums<B>::block>(first, stride_, rows_.data());
    } else {
      row_sums_.template run<1>(first, stride_, rows_.data());
    }
    return rows_.data();
  }
  std::uint32_t n_position(std::uint32_t tile) const {
    return std::min(tiles_.size, static_cast<std::uint32_t>(plan_.n_active()) - tile * tiles_.size);
  }

  // amp2: sums over helicities; mask: by position in Plan::active, or null
  void run(std::uint32_t tile, R* amp2, const R* mask) {
    start(tile);
    const std::size_t n = tiles_.steps.size();
    // there and back: what the tile before read last is still in the cache
    const bool back = any_order_ && tile % 2 == 1;
    for (std::size_t i = 0; i < n; ++i) run_step(tile, back ? n - 1 - i : i, amp2, mask);
  }
  void start(std::uint32_t tile) {
    if (tiles_.by_rows) {
      clear_columns();
    } else {
      clear((n_position(tile) + block - 1) / block);
    }
  }
  void run_step(std::uint32_t tile, std::size_t i, R* amp2, const R* mask) {
    const std::uint32_t first = tiles_.first[tile * tiles_.steps.size() + i];
    const Fused<B>& fused = fused_[i];
    if (fused.run && !(mask && fused.square != none)) {
      fused.run(fused, &fused_indices_[first], tiles_.by_rows ? amplitudes_.data() : rows_.data(), amp2);
    } else {
      mask = mask ? mask + tile * tiles_.size : nullptr;
      run_step(tiles_.steps[i], &tiles_.indices[first], n_position(tile), amp2, mask, fused);
    }
  }

private:
  // Rows that the first product of theirs adds to; the others need not be zero.
  void clear(std::size_t n_block) {
    for (std::size_t r = 0; r < p_.n_row(); ++r) {
      if (!zeroed_[r]) continue;
      for (std::size_t b = 0; b < n_block; ++b)
        for (std::size_t h = 0; h < block; ++h) rows_[(b * p_.n_row() + r) * block + h] = C{};
    }
  }

  // Columns that no product fills.
  void clear_columns() {
    for (const TileStep& s : tiles_.steps)
      for (std::uint32_t h = 0; s.sparse && s.n_update > 0 && h < tiles_.size; ++h)
        amplitudes_[h * stride_ + s.column] = C{};
  }

  // States and positions to places.
  void make_places(std::uint32_t first, std::uint32_t n_component) {
    const std::uint32_t* in = &tiles_.indices[first];
    std::uint32_t* out = &fused_indices_[first];
    const std::uint32_t n_group = in[1] + in[2] + in[3];
    for (int k = 0; k < 4; ++k) *out++ = *in++;
    for (std::uint32_t g = 0; g < n_group; ++g) {
      const std::uint32_t n_pair = in[1];
      *out++ = n_component * *in++;
      *out++ = *in++;
      for (std::uint32_t i = 0; i < n_pair; ++i) {
        *out++ = n_component * *in++;
        *out++ = place(*in++);
      }
    }
  }

  std::uint32_t place(std::uint32_t position) const {
    return tiles_.by_rows ? position * stride_ : position / block * block * p_.n_row() + position % block;
  }

  void fuse_column(const TileStep& s, Fused<B>& fused) const {
    if (!set_product(s, fused)) return;
    fused.n_row = 1, fused.row[0] = s.column, fused.first = true;
    fused.choose(s.product->n_component);
  }

  // written: rows that an earlier step writes. run stays null where it cannot be.
  void fuse(const TileStep& s, Fused<B>& fused, AlignedArray<bool>& written) {
    const bool fits = fuse(s, fused);
    fused.first = fits && !s.sparse;
    for (std::uint32_t u = 0; u < s.n_update; ++u)
      if (written[tiles_.updates[s.first_update + u]->instruction->out]) fused.first = false;
    for (std::uint32_t u = 0; u < s.n_update; ++u) {
      const std::uint32_t row = tiles_.updates[s.first_update + u]->instruction->out;
      for (std::uint32_t v = 0; v < u; ++v)
        if (tiles_.updates[s.first_update + v]->instruction->out == row) fused.first = false;
      written[row] = true;
    }
    if (fused.first)
      for (std::uint32_t u = 0; u < s.n_update; ++u)
        zeroed_[tiles_.updates[s.first_update + u]->instruction->out] = false;
    if (fits) fused.choose(s.product->n_component);
  }
  bool fuse(const TileStep& s, Fused<B>& fused) const {
    if (s.n_update > Fused<B>::max_row || !set_product(s, fused)) return false;
    for (std::uint32_t u = 0; u < s.n_update; ++u) {
      const Step& update = *tiles_.updates[s.first_update + u];
      const auto ratio = real_ratio(constant(update), constant(*tiles_.updates[s.first_update]));
      if (!ratio) return false;
      fused.ratio[u] = static_cast<F>(*ratio);
      fused.row[u] = update.instruction->out * block;
    }
    fused.n_row = s.n_update;
    return true;
  }
  // The product alone, times the factor of the first update.
  bool set_product(const TileStep& s, Fused<B>& fused) const {
    if (s.n_update < 1 || s.n_square > 1) return false;
    if (s.product->op == Op::dot && (s.product->flags & flag::accumulate)) return false;
    const double* c = constant(*tiles_.updates[s.first_update]);
    const double norm = c[0] * c[0] + c[1] * c[1];
    if (norm == 0) return false;
    fused.wave = arena_ + s.product->in[0];
    fused.derivative = arena_ + s.product->in[1];
    const double one[2] = {1, 0}, *own = s.product->op == Op::dot ? constant(*s.product) : one;
    fused.re = static_cast<F>(c[0] * own[0] - c[1] * own[1]);
    fused.im = static_cast<F>(c[0] * own[1] + c[1] * own[0]);
    fused.square = s.n_square ? tiles_.squares[s.first_square]->instruction->out : none;
    fused.square_factor = static_cast<F>(1 / norm);
    return true;
  }
  const double* constant(const Step& s) const { return &p_.constants[2 * std::size_t{s.instruction->coefficient[0]}]; }

  void run_step(const TileStep& s, const std::uint32_t* index, std::uint32_t n, R* amp2, const R* mask,
                const Fused<B>& fused) {
    for (std::uint32_t r = 0; !tiles_.by_rows && fused.first && r < fused.n_row; ++r)
      for (std::uint32_t h = 0; h < n; ++h) rows_[place(h) + fused.row[r]] = C{};
    C* amplitude = &buffers_[s.buffer * tiles_.size];
    if (s.sparse && !(s.product->op == Op::dot && (s.product->flags & flag::accumulate)))
      for (std::uint32_t h = 0; h < n; ++h) amplitude[h] = C{};
    if (s.product) product(*s.product, index, amplitude);
    if (tiles_.by_rows) {
      store_column(s, amplitude, n);
    } else {
      for (std::uint32_t u = 0; u < s.n_update; ++u) update(*tiles_.updates[s.first_update + u], amplitude, n);
    }
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

  void store_column(const TileStep& s, const C* amplitude, std::uint32_t n) {
    if (s.n_update == 0) return;
    const C c = factor(constant(*tiles_.updates[s.first_update]));
    for (std::uint32_t h = 0; h < n; ++h) amplitudes_[place(h) + s.column] = c * amplitude[h];
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
  std::size_t stride_;  // from the amplitudes of one combination to the next; odd: they share no cache set
  AlignedArray<C> rows_, amplitudes_;
  RowSums<B> row_sums_;
  AlignedArray<C> buffers_;
  AlignedArray<Fused<B>> fused_;
  AlignedArray<std::uint32_t> fused_indices_;
  AlignedArray<bool> zeroed_;
  bool any_order_ = false;  // of the steps, since each has a column of its own
};

}  // namespace meb::MEB_TARGET
