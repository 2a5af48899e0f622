#include "backends/cuda/color_blocks.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "engine/color.hpp"

namespace meb::cuda {
namespace {

constexpr std::size_t part_size = 8;  // rows
using Part = std::vector<std::uint32_t>;

// The whole matrix as one block.
ColorForm without_butterflies(const Program& p) {
  const std::uint32_t n_row = p.n_row(), n_order = p.n_split_order;
  ColorForm form;
  form.blocks = {n_row};
  form.order.resize(n_row);
  std::iota(form.order.begin(), form.order.end(), 0u);
  for (std::uint32_t i = 0; i < n_row; i += 4)
    for (std::uint32_t j = i; j < n_row; ++j)
      for (std::uint32_t k = i; k < std::min(i + 4, n_row); ++k) {
        const std::uint32_t a = std::min(j, k) / n_order, b = std::max(j, k) / n_order;
        const bool chosen = p.chosen_orders[(j % n_order) * n_order + k % n_order];
        form.coefficients.push_back((j < i + 4 ? 1 : 2) *
                                    (chosen ? p.color_matrix[a * p.n_flow - a * (a + 1) / 2 + b] : 0));
      }
  return form;
}

// Rows that butterflies connect.
std::vector<Part> components(const Program& p, const ColorForm& form) {
  std::vector<std::uint32_t> root(p.n_row());
  std::iota(root.begin(), root.end(), 0u);
  for (const auto& [a, b] : form.butterflies)
    std::replace(root.begin(), root.end(), std::max(root[a], root[b]), std::min(root[a], root[b]));
  std::map<std::uint32_t, Part> by_root;
  for (std::uint32_t row = 0; row < p.n_row(); ++row) by_root[root[row]].push_back(row);
  std::vector<Part> found;
  for (auto& [first, rows] : by_root) found.push_back(std::move(rows));
  return found;
}

// Partners of the first butterflies come one after the other, so that one lane has both; all others have
// places of the same parity, so that lanes exchange what they have in the same register.
void pair_up(Part& rows, const ColorForm& form) {
  Part sorted;
  for (const auto& [a, b] : form.butterflies) {
    const auto is_in = [](const Part& list, std::uint32_t row) {
      return std::find(list.begin(), list.end(), row) != list.end();
    };
    if (is_in(rows, a) && !is_in(sorted, a) && !is_in(sorted, b)) sorted.insert(sorted.end(), {a, b});
  }
  if (!sorted.empty()) rows = std::move(sorted);
}

std::vector<Part> make_parts(std::vector<Part> all, const ColorForm& form) {
  for (Part& rows : all) pair_up(rows, form);
  std::stable_sort(all.begin(), all.end(), [](const Part& x, const Part& y) { return x.size() > y.size(); });
  std::vector<Part> parts;
  for (const Part& rows : all) {
    if (parts.empty() || parts.back().size() + rows.size() > part_size) parts.emplace_back();
    parts.back().insert(parts.back().end(), rows.begin(), rows.end());
  }
  return parts;
}

// [part][level][8]; butterflies of one level have no row in common.
void add_butterflies(ColorBlocks& out, const std::vector<Part>& parts, const ColorForm& form) {
  std::vector<std::uint32_t> level(form.order.size(), 0), levels;
  for (const auto& [a, b] : form.butterflies) {
    levels.push_back(std::max(level[a], level[b]));
    level[a] = level[b] = levels.back() + 1;
    out.n_level = std::max(out.n_level, level[a]);
  }
  out.butterflies.resize(parts.size() * out.n_level * part_size);
  for (std::size_t part = 0; part < parts.size(); ++part)
    for (std::size_t i = 0; i < form.butterflies.size(); ++i) {
      const auto at = [&](std::uint32_t row) {
        return static_cast<std::uint8_t>(std::find(parts[part].begin(), parts[part].end(), row) - parts[part].begin());
      };
      const std::uint8_t a = at(form.butterflies[i].first), b = at(form.butterflies[i].second);
      if (a == parts[part].size()) continue;
      std::uint8_t* codes = &out.butterflies[(part * out.n_level + levels[i]) * part_size];
      codes[a] = static_cast<std::uint8_t>(b | add_other);
      codes[b] = static_cast<std::uint8_t>(a | add_other | own_minus);
    }
}

// coefficients: where a block's begin in the form; [n][n], the diagonal and above.
std::vector<double> dense(const double*& coefficients, std::size_t n) {
  std::vector<double> matrix(n * n);
  for (std::size_t i = 0; i < n; i += 4)
    for (std::size_t j = i; j < n; ++j)
      for (std::size_t k = i; k < std::min(i + 4, n); ++k)
        matrix[k * n + j] = matrix[j * n + k] = *coefficients++ / (j < i + 4 ? 1 : 2);
  return matrix;
}

// Tiles right of the diagonal square of eight rows are doubled, those left of it left out.
void add_bands(ColorBlocks& out, const std::vector<double>& matrix, std::size_t n, std::size_t first) {
  const auto element = [&](std::size_t i, std::size_t j) { return i < n && j < n ? matrix[i * n + j] : 0.0; };
  for (std::size_t i = 0; i < n; i += 8) {
    const auto n_tile = static_cast<std::uint32_t>((n - i + depth - 1) / depth);
    out.bands.push_back(
        {static_cast<std::uint32_t>(first + i), n_tile, static_cast<std::uint32_t>(out.tiles.size() / (8 * depth)), 0});
    for (std::size_t j = i; j < i + depth * n_tile; j += 4)
      for (std::size_t lane = 0; lane < 32; ++lane)
        out.tiles.push_back((j < i + 8 ? 1 : 2) * element(i + lane / 4, j + lane % 4));
  }
}

}  // namespace

ColorBlocks make_color_blocks(const Program& program) {
  ColorForm form = make_color_form(program);
  auto connected = components(program, form);
  // JAMP2 with split orders needs the rows as they are
  if (program.n_split_order > 1 ||
      std::any_of(connected.begin(), connected.end(), [](const Part& rows) { return rows.size() > part_size; })) {
    form = without_butterflies(program);
    connected = components(program, form);
  }
  const std::vector<Part> parts = make_parts(std::move(connected), form);
  ColorBlocks out;
  out.n_part = static_cast<std::uint32_t>(parts.size());
  out.part_rows.resize(parts.size() * part_size, no_index);
  out.places.resize(parts.size() * part_size, no_index);
  for (std::size_t part = 0; part < parts.size(); ++part)
    for (std::size_t i = 0; i < parts[part].size(); ++i) {
      const auto at = std::find(form.order.begin(), form.order.end(), parts[part][i]) - form.order.begin();
      out.part_rows[part * part_size + i] = static_cast<std::uint16_t>(parts[part][i]);
      out.places[part * part_size + i] = static_cast<std::uint16_t>(at);
    }
  add_butterflies(out, parts, form);
  const double* coefficients = form.coefficients.data();
  std::size_t first = 0;
  for (auto n : form.blocks) {
    add_bands(out, dense(coefficients, n), n, first);
    first += n;
  }
  return out;
}

}  // namespace meb::cuda
