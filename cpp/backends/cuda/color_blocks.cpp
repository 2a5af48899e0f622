#include "backends/cuda/color_blocks.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "engine/color.hpp"

namespace meb::cuda {
namespace {

constexpr std::size_t part_size = 8, most_part_size = 16;  // rows

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

// Rows that butterflies or a flow connect.
std::vector<std::vector<std::uint32_t>> components(const Program& p, const ColorForm& form) {
  std::vector<std::uint32_t> root(p.n_row());
  for (std::uint32_t row = 0; row < p.n_row(); ++row) root[row] = row - row % p.n_split_order;
  for (const auto& [a, b] : form.butterflies) {
    const std::uint32_t from = std::max(root[a], root[b]), to = std::min(root[a], root[b]);
    std::replace(root.begin(), root.end(), from, to);
  }
  std::map<std::uint32_t, std::vector<std::uint32_t>> by_root;
  for (std::uint32_t row = 0; row < p.n_row(); ++row) by_root[root[row]].push_back(row);
  std::vector<std::vector<std::uint32_t>> found;
  for (auto& [first, rows] : by_root) found.push_back(std::move(rows));
  return found;
}

std::vector<std::vector<std::uint32_t>> make_parts(const std::vector<std::vector<std::uint32_t>>& all) {
  std::vector<std::vector<std::uint32_t>> parts;
  for (const auto& rows : all) {
    if (parts.empty() || parts.back().size() + rows.size() > part_size) parts.emplace_back();
    parts.back().insert(parts.back().end(), rows.begin(), rows.end());
  }
  return parts;
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
    const auto n_tile = static_cast<std::uint32_t>((n - i + 3) / 4);
    out.bands.push_back(
        {static_cast<std::uint32_t>(first + i), n_tile, static_cast<std::uint32_t>(out.tiles.size() / 32), 0});
    for (std::size_t j = i; j < i + 4 * n_tile; j += 4)
      for (std::size_t lane = 0; lane < 32; ++lane)
        out.tiles.push_back((j < i + 8 ? 1 : 2) * element(i + lane / 4, j + lane % 4));
  }
}

}  // namespace

ColorBlocks make_color_blocks(const Program& program) {
  ColorForm form = make_color_form(program);
  auto connected = components(program, form);
  if (std::any_of(connected.begin(), connected.end(), [](const auto& rows) { return rows.size() > most_part_size; })) {
    form = without_butterflies(program);
    connected = components(program, form);
  }
  ColorBlocks out;
  out.parts = make_parts(connected);
  out.butterflies = form.butterflies;
  out.places.resize(program.n_row());
  for (std::size_t at = 0; at < form.order.size(); ++at) out.places[form.order[at]] = static_cast<std::uint16_t>(at);
  const double* coefficients = form.coefficients.data();
  std::size_t first = 0;
  for (auto n : form.blocks) {
    add_bands(out, dense(coefficients, n), n, first);
    first += n;
  }
  return out;
}

}  // namespace meb::cuda
