#include "engine/color.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace meb {
namespace {

constexpr std::uint32_t unset = none;
using Indices = std::vector<std::uint32_t>;

class Matrix {
public:
  explicit Matrix(const Program& p) : n_(p.n_row()), values_(n_ * n_) {
    const std::size_t n_order = p.n_split_order;
    for (std::size_t r = 0; r < n_; ++r)
      for (std::size_t s = 0; s < n_; ++s) {
        const std::size_t i = std::min(r, s) / n_order, j = std::max(r, s) / n_order;
        if (p.chosen_orders[(r % n_order) * n_order + s % n_order])
          values_[r * n_ + s] = p.color_matrix[i * p.n_flow - i * (i + 1) / 2 + j];
      }
    for (double x : values_) scale_ = std::max(scale_, std::fabs(x));
  }
  std::size_t size() const { return n_; }
  double operator()(std::uint32_t i, std::uint32_t j) const { return values_[i * n_ + j]; }
  bool same(double x, double y) const { return std::fabs(x - y) <= 1e-13 * scale_; }

  // To the basis in which a = J_i + J_k takes the place of i, b = J_i - J_k that of k.
  void combine(std::uint32_t i, std::uint32_t k) {
    for (std::size_t r = 0; r < n_; ++r) half_sum(values_[r * n_ + i], values_[r * n_ + k]);
    for (std::size_t c = 0; c < n_; ++c) half_sum(values_[i * n_ + c], values_[k * n_ + c]);
  }

private:
  static void half_sum(double& x, double& y) {
    const double sum = (x + y) / 2, difference = (x - y) / 2;
    x = sum, y = difference;
  }
  std::size_t n_;
  std::vector<double> values_;
  double scale_ = 0;
};

// A permutation of order two of `rows` that leaves the matrix as it is, by trial and error.
class Involution {
public:
  Involution(const Matrix& m, const Indices& rows) : m_(m), rows_(rows), budget_(200 * rows.size()) {}

  // Partners by place in `rows`; empty if there is none that moves each row.
  Indices find() {
    for (std::uint32_t k = 1; k < rows_.size(); ++k) {
      partner_.assign(rows_.size(), unset);
      assigned_.clear();
      if (assign(0, k) && extend()) return partner_;
    }
    return {};
  }

private:
  double value(std::uint32_t i, std::uint32_t j) const { return m_(rows_[i], rows_[j]); }
  bool fits(std::uint32_t i, std::uint32_t k) const {
    if (!m_.same(value(i, i), value(k, k))) return false;
    return std::all_of(assigned_.begin(), assigned_.end(), [&](std::uint32_t p) {
      return m_.same(value(i, p), value(k, partner_[p])) && m_.same(value(k, p), value(i, partner_[p]));
    });
  }
  bool assign(std::uint32_t i, std::uint32_t k) {
    if (!fits(i, k)) return false;
    partner_[i] = k, partner_[k] = i;
    assigned_.insert(assigned_.end(), {i, k});
    return true;
  }
  bool extend() {
    const auto at = std::find(partner_.begin(), partner_.end(), unset);
    if (at == partner_.end()) return true;
    const auto i = static_cast<std::uint32_t>(at - partner_.begin());
    for (std::uint32_t k = i + 1; k < rows_.size() && budget_ > 0; ++k) {
      if (partner_[k] != unset || !assign(i, k)) continue;
      --budget_;
      if (extend()) return true;
      partner_[i] = partner_[k] = unset;
      assigned_.resize(assigned_.size() - 2);
    }
    return false;
  }

  const Matrix& m_;
  const Indices& rows_;
  std::size_t budget_;
  Indices partner_, assigned_;
};

class Splitter {
public:
  Splitter(Matrix& m, ColorForm& form) : m_(m), form_(form) {}

  // A butterfly stores two complex numbers, which costs as much as eight products.
  static bool pays(std::size_t n) { return n * (n + 1) > 2 * (n / 2) * (n / 2 + 1) + 8 * (n / 2); }

  void split(const Indices& rows) {
    const Indices partner = pays(rows.size()) ? Involution(m_, rows).find() : Indices{};
    if (partner.empty()) return add(rows);
    Indices sums, differences;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
      if (partner[i] < i) continue;
      m_.combine(rows[i], rows[partner[i]]);
      form_.butterflies.emplace_back(rows[i], rows[partner[i]]);
      sums.push_back(rows[i]);
      differences.push_back(rows[partner[i]]);
    }
    split(sums);
    split(differences);
  }

  void components() {
    std::vector<char> seen(m_.size(), 0);
    for (std::uint32_t start = 0; start < m_.size(); ++start) {
      if (seen[start]) continue;
      Indices rows{start};
      seen[start] = 1;
      for (std::size_t at = 0; at < rows.size(); ++at)
        for (std::uint32_t j = 0; j < m_.size(); ++j)
          if (!seen[j] && m_(rows[at], j) != 0) seen[j] = 1, rows.push_back(j);
      std::sort(rows.begin(), rows.end());
      split(rows);
    }
  }

private:
  void add(const Indices& rows) {
    form_.blocks.push_back(static_cast<std::uint32_t>(rows.size()));
    form_.order.insert(form_.order.end(), rows.begin(), rows.end());
    for (std::size_t i = 0; i < rows.size(); i += 4) {
      const std::size_t end = std::min(i + 4, rows.size());
      for (std::size_t j = i; j < rows.size(); ++j)
        for (std::size_t k = i; k < end; ++k)
          form_.coefficients.push_back((j < end ? 1.0 : 2.0) * m_(rows[k], rows[j]));
    }
  }

  Matrix& m_;
  ColorForm& form_;
};

}  // namespace

ColorForm make_color_form(const Program& program) {
  Matrix m(program);
  ColorForm form;
  Splitter(m, form).components();
  return form;
}

}  // namespace meb
