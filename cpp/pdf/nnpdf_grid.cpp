#include "nnpdf_grid.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string_view>

namespace meb::pdf {
namespace {

constexpr double smallest_x = 1e-7, linear_x = 0.1;
constexpr int most_x = 100, most_q2 = 60;  // as the driver's arrays hold
constexpr int most_header = 1000;

// Items of a text as Fortran's list-directed READ takes them: separated by blanks, commas and
// ends of lines; a READ goes on to the end of the line of its last item.
class Items {
public:
  explicit Items(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  bool failed() const { return failed_; }

  std::string_view word() {
    skip();
    if (at_ == end_) return fail();
    if (*at_ == '\'' || *at_ == '"') {
      const char quote = *at_++, *begin = at_;
      while (at_ != end_ && *at_ != quote && *at_ != '\n') ++at_;
      if (at_ == end_ || *at_ == '\n') return fail();
      return {begin, static_cast<std::size_t>(at_++ - begin)};
    }
    const char* begin = at_;
    while (at_ != end_ && !is_separator(*at_)) ++at_;
    return {begin, static_cast<std::size_t>(at_ - begin)};
  }

  template <class T>
  T number() {
    skip();
    T value{};
    const auto result = std::from_chars(at_, end_, value);
    if (result.ec != std::errc() || (result.ptr != end_ && !is_separator(*result.ptr))) {
      failed_ = true;
      return value;
    }
    at_ = result.ptr;
    return value;
  }

  void end_line() {
    while (at_ != end_ && *at_ != '\n') ++at_;
    if (at_ != end_) ++at_;
  }

private:
  static bool is_separator(char c) { return c == ' ' || c == ',' || c == '\n' || c == '\r' || c == '\t'; }
  void skip() {
    while (at_ != end_ && is_separator(*at_)) ++at_;
  }
  std::string_view fail() {
    failed_ = true;
    return {};
  }

  const char *at_, *end_;
  bool failed_ = false;
};

bool read_file(const std::string& path, std::string& text) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) return false;
  char buffer[1 << 16];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, file.get())) > 0;) text.append(buffer, n);
  return std::ferror(file.get()) == 0;
}

// A line whose first word starts with `start`; the driver looks at the word's beginning only.
bool find(Items& items, std::string_view start, std::string_view& found) {
  for (int i = 0; i < most_header && !items.failed(); ++i) {
    found = items.word();
    items.end_line();
    if (found.substr(0, start.size()) == start) return true;
  }
  return false;
}

bool read_points(Items& items, int most, std::vector<double>& points) {
  const int n = static_cast<int>(points.size());
  if (n < 4 || n > most) return false;
  for (double& point : points) {
    point = items.number<double>();
    items.end_line();
  }
  for (int i = 1; i < n; ++i)
    if (!(points[i] > points[i - 1])) return false;
  return !items.failed();
}

std::vector<double> logarithms(const std::vector<double>& values) {
  std::vector<double> result;
  for (const double value : values) result.push_back(std::log(value));
  return result;
}

// Number of the last point not above `value`, from 1; 1 below all.
int interval(const std::vector<double>& points, double value) {
  // Without branches: nothing foretells the way.
  const double* low = points.data();
  for (std::size_t n = points.size(); n > 1;) {
    const std::size_t half = n / 2;
    low += value < low[half] ? 0 : half;
    n -= half;
  }
  return static_cast<int>(low - points.data()) + 1;
}

// Where the n points around an interval begin, from 0, inside of a grid of n_point.
int first_of(int interval, int n, int n_point) {
  if (interval < n / 2) return 0;
  if (interval > n_point - n / 2) return n_point - n;
  return interval - n / 2;
}

constexpr int n_near_x = 4, n_near_q2 = 2;
// Numbers for each point: two cache lines. First the flavours used, then top, then zeros up to
// whole vectors.
constexpr int lanes = 16, lanes_without_top = 12;
constexpr int lane_of[NnpdfGrid::n_flavor] = {12, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 11};

// Inlined into functions for different processors.
#define MEB_INLINE __attribute__((always_inline)) inline

int nearest(const double* points, int n, double x) {
  int result = 0;
  double distance = std::fabs(x - points[0]);
  for (int i = 0; i < n; ++i) {
    const double other = std::fabs(x - points[i]);
    result = other < distance ? i : result;
    distance = other < distance ? other : distance;
  }
  return result;
}

// Neville's algorithm (as in Numerical Recipes) through n points for all flavours at once.
// values: [point][lane].
template <int n, int n_lane, int row>
MEB_INLINE bool interpolate(const double* points, const double (*values)[row], double x, double* result) {
  double c[n][n_lane], d[n][n_lane];
  for (int i = 0; i < n; ++i)
    for (int k = 0; k < n_lane; ++k) c[i][k] = d[i][k] = values[i][k];
  int at = nearest(points, n, x);
  for (int k = 0; k < n_lane; ++k) result[k] = values[at][k];
  for (int m = 1; m < n; ++m) {
    for (int i = 0; i < n - m; ++i) {
      const double left = points[i] - x, right = points[i + m] - x;
      const double width = left - right;
      if (width == 0) return false;
      for (int k = 0; k < n_lane; ++k) {
        const double step = (c[i + 1][k] - d[i][k]) / width;
        d[i][k] = right * step;
        c[i][k] = left * step;
      }
    }
    const double* change = 2 * at < n - m ? c[at] : d[--at];
    for (int k = 0; k < n_lane; ++k) result[k] = result[k] + change[k];
  }
  return true;
}

// Where to interpolate: the first of the points around, and the place between them.
struct Place {
  const double *x_points, *q2_points, *values;  // values: [x][Q2][lane] from the first point on
  std::size_t row;                              // numbers from one x to the next
  double x, q2;
};

template <int n_lane>
MEB_INLINE bool interpolate_both(const Place& place, double* result) {
  double columns[n_near_x][n_lane];
  for (int i = 0; i < n_near_x; ++i) {
    const auto* pair = reinterpret_cast<const double(*)[lanes]>(place.values + static_cast<std::size_t>(i) * place.row);
    if (!interpolate<n_near_q2, n_lane>(place.q2_points, pair, place.q2, columns[i])) return false;
  }
  return interpolate<n_near_x, n_lane>(place.x_points, columns, place.x, result);
}

MEB_INLINE bool interpolate_some(const Place& place, double* result, bool with_top) {
  return with_top ? interpolate_both<lanes>(place, result) : interpolate_both<lanes_without_top>(place, result);
}

bool evolve_plain(const Place& place, double* result, bool with_top) {
  return interpolate_some(place, result, with_top);
}

#if defined(__x86_64__)
// Wider vectors, the same operations: without FMA, which would round less often.
__attribute__((target("avx2"))) bool evolve_avx2(const Place& place, double* result, bool with_top) {
  return interpolate_some(place, result, with_top);
}
const auto evolve_at = __builtin_cpu_supports("avx2") ? evolve_avx2 : evolve_plain;
#else
const auto evolve_at = evolve_plain;
#endif

}  // namespace

std::string NnpdfGrid::read(const std::string& path) {
  std::string text;
  if (!read_file(path, text)) return "cannot be read";
  Items items(text);
  std::string_view found;
  if (!find(items, "Parameterlist:", found)) return "has no Parameterlist";
  items.word();
  const int n_member = items.number<int>();
  items.word();
  alpha_s_ = items.number<double>();
  items.end_line();
  if (items.failed() || n_member != 0) return "has more than one member";
  if (!find(items, "NNPDF20int", found)) return "is of an unknown kind";
  has_photon_ = found.substr(0, 13) == "NNPDF20intqed";
  items.word();
  items.word();
  items.end_line();
  for (auto* points : {&x_, &q2_}) {
    const bool is_x = points == &x_;
    const int n = items.number<int>();
    items.end_line();
    if (items.failed() || n < 0 || n > most_x) return "is of an unknown size";
    points->resize(static_cast<std::size_t>(n));
    if (!is_x) {
      items.word();
      items.end_line();
    }
    if (!read_points(items, is_x ? most_x : most_q2, *points)) return "has unknown points";
  }
  items.word();
  items.end_line();
  log_x_ = logarithms(x_);
  log_q2_ = logarithms(q2_);
  const int n = has_photon_ ? n_flavor : n_flavor - 1;
  values_.assign(x_.size() * q2_.size() * lanes, 0);
  for (std::size_t i = 0; i < x_.size() * q2_.size(); ++i) {
    for (int k = 0; k < n; ++k) values_[i * lanes + static_cast<std::size_t>(lane_of[k])] = items.number<double>();
    items.end_line();
  }
  return items.failed() ? "has numbers of an unknown form" : "";
}

bool NnpdfGrid::evolve(double& x, double q, double* density, bool with_top) const {
  double q2 = q * q;
  if (x < smallest_x || x < x_.front() || x > x_.back()) {
    if (x < x_.front()) x = x_.front();
    if (x > x_.back()) x = x_.back();
  }
  if (q2 < q2_.front()) q2 = q2_.front();
  if (q2 > q2_.back()) q2 = q2_.back();

  const int first_x = first_of(interval(x_, x), n_near_x, n_x());
  const int first_q2 = first_of(interval(q2_, q2), n_near_q2, n_q2());
  const bool is_log = x < linear_x;
  Place place;
  place.x_points = (is_log ? log_x_ : x_).data() + first_x;
  place.q2_points = log_q2_.data() + first_q2;
  place.row = q2_.size() * lanes;
  place.values =
      values_.data() + static_cast<std::size_t>(first_x) * place.row + static_cast<std::size_t>(first_q2) * lanes;
  place.x = is_log ? std::log(x) : x;
  place.q2 = std::log(q2);
  double result[lanes];
  if (!evolve_at(place, result, with_top)) return false;
  for (int k = 0; k < n_flavor; ++k)
    if (with_top || lane_of[k] < lanes_without_top) density[k] = result[lane_of[k]];
  if (!has_photon_) density[n_flavor - 1] = 0;
  return true;
}

}  // namespace meb::pdf
