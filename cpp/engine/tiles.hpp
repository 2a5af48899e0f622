// The products of a Plan, cut into tiles of helicity combinations: the JAMPs of a tile stay in
// the cache from the first product to the colour sum.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/plan.hpp"

namespace meb {

// amplitude buffer (+)= wave . D, then rows (+)= constant * buffer, then AMP2 += |buffer|^2.
// The buffer after those of the Program serves products with a row of their own.
struct TileStep {
  const Step* product;  // null: none, the buffer as it is
  std::uint32_t buffer;
  bool sparse;  // the product vanishes by chirality for some combinations, which are not in the list
  std::uint32_t first_update, n_update;  // Tiles::updates: jamp and dot_jamp steps
  std::uint32_t first_square, n_square;  // Tiles::squares: square steps
  std::uint32_t column;                  // by rows, with updates: of its amplitudes
};

// A JAMP row: so many columns with factor 1, with -1, with another one.
struct RowSum {
  std::uint32_t n_plus, n_minus, n_other;
};

struct Tiles {
  std::uint32_t size;  // combinations in a tile; the last may have fewer
  std::uint32_t n_tile;
  // Whether the amplitudes of a tile are kept, a column for each step that updates rows, each that of its first
  // update, and each row is summed from them afterwards; else steps add to the rows, where these are in the cache.
  bool by_rows;
  std::uint32_t n_column;
  std::vector<RowSum> row_sums;        // of each row, if by_rows
  std::vector<std::uint32_t> columns;  // of row after row
  std::vector<double> factors;         // of those neither 1 nor -1
  std::vector<TileStep> steps;
  std::vector<const Step*> updates, squares;
  // Of step s in tile t, from indices[first[t * steps.size() + s]]: which side is held (0 wave,
  // 1 D), numbers of groups: of products of upper halves of spinors, of lower halves, of whole waves;
  // a group is the state held, how many pairs follow, and the pairs (state of the other side,
  // position in the tile).
  std::vector<std::uint32_t> first, indices;
};

// Steps that serve one of `wanted` (bits of `need`). by_rows: if the steps allow it, that is if each is one product and
// the ratios of its factors are real.
Tiles make_tiles(const Plan& plan, unsigned wanted, std::uint32_t size, bool by_rows = false);

// How many columns there will be.
std::uint32_t count_columns(const Program& program);

// a / b of two complex numbers (re, im), if it is real.
std::optional<double> real_ratio(const double* a, const double* b);

}  // namespace meb
