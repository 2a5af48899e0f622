#include "helicity_filter.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>

namespace meb::seam {
namespace {

bool is_comment(const std::string &line) {
  return line.empty() || line[0] == 'c' || line[0] == 'C' || line[0] == '*' || line[0] == '!';
}

bool is_continuation(const std::string &line) {
  return line.size() > 5 && line.find_first_not_of(' ') == 5 && line[5] != '0';
}

// Fixed-form source as one line for each statement, upper case, without blanks.
std::string read_statements(const std::string &path) {
  std::ifstream file(path);
  std::string result, line;
  while (std::getline(file, line)) {
    if (is_comment(line)) continue;
    const bool more = is_continuation(line);
    if (!more) result += '\n';
    for (std::size_t i = more ? 6 : 0; i < line.size() && line[i] != '!'; ++i)
      if (!std::isspace(static_cast<unsigned char>(line[i])))
        result += static_cast<char>(std::toupper(static_cast<unsigned char>(line[i])));
  }
  return result;
}

// Integers of "a,b,c/" from `at` on.
std::vector<std::int32_t> read_row(const std::string &text, std::size_t at) {
  std::vector<std::int32_t> row;
  const char *next = text.c_str() + at;
  while (*next != '/' && *next != '\0') {
    char *end = nullptr;
    row.push_back(static_cast<std::int32_t>(std::strtol(next, &end, 10)));
    if (end == next) return {};
    next = *end == ',' ? end + 1 : end;
  }
  return row;
}

}  // namespace

std::string HelicityFilter::load(const std::string &stem, fortran_int matrix,
                                 const std::vector<std::int32_t> &helicities,
                                 std::size_t n_leg) {
  matrix_ = matrix;
  weights_.assign(helicities.size() / n_leg, 0.0);
  // What the makefile compiles: the recycled code if there is any.
  std::string text = read_statements(stem + "_optim.f");
  if (text.empty()) text = read_statements(stem + ".f");
  if (text.find("/BLOCK_GOODHEL/") != std::string::npos) return "";
  is_fixed_ = true;
  if (read_table(text, helicities, n_leg)) return "";
  return "cannot tell from " + stem + "_optim.f which helicities the Fortran sums over";
}

bool HelicityFilter::read_table(const std::string &text,
                                const std::vector<std::int32_t> &helicities,
                                std::size_t n_leg) {
  const std::string head = "\nDATA(NHEL(I,";
  bool found = false;
  for (auto at = text.find(head); at != std::string::npos; at = text.find(head, at + 1)) {
    const auto begin = text.find('/', at);
    if (begin == std::string::npos) return false;
    auto row = read_row(text, begin + 1);
    // From 3.6 on each row begins with the combination's number.
    if (row.size() == n_leg + 1) row.erase(row.begin());
    if (row.size() != n_leg) return false;
    bool known = false;
    for (std::size_t h = 0; h < weights_.size(); ++h) {
      if (!std::equal(row.begin(), row.end(), helicities.begin() + static_cast<std::ptrdiff_t>(h * n_leg)))
        continue;
      weights_[h] = 1;
      known = true;
    }
    if (!known) return false;
    found = true;
  }
  return found;
}

// GOODHEL(NCOMB, mirror) follows NTRY(2) up to 3.5, GOODHEL(NCOMB) follows NTRY if ungrouped;
// GOODHEL(NCOMB, process) follows NTRY(MAXSPROC) from 3.6 on. NCOMB is this matrix element's own.
const std::vector<double> &HelicityFilter::weights(const Directory &directory,
                                                   fortran_int mirror) {
  if (is_fixed_) return weights_;
  const auto *block = directory.find<fortran_int>("BLOCK_GOODHEL");
  const auto n = weights_.size();
  const fortran_int n_early = directory.is_grouped() ? 2 : 1;
  const auto n_try = directory.late ? directory.integer("MAXSPROC") : n_early;
  const auto column = directory.late ? matrix_ - 1 : mirror - 1;
  const auto *good = block + n_try + static_cast<std::size_t>(column) * n;
  for (std::size_t h = 0; h < n; ++h) weights_[h] = good[h] != 0 ? 1.0 : 0.0;
  return weights_;
}

}  // namespace meb::seam
