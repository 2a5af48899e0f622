#include "sampling.hpp"

#include <algorithm>
#include <cmath>

namespace meb::glue {
namespace {

constexpr const char* unit_name = "sampling";
constexpr double lowest_edge = -1, highest_edge = 1;  // XGMIN and XGMAX of genps.inc
constexpr fortran_int most_warnings = 5;

}  // namespace

Sampling::Sampling(const Places& places, const Options& options) : options_(options) {
  grid_ = places.find<double>("DATA_GRID");
  if (grid_ == nullptr || !options.wants(unit_name)) return;
  n_bin_ = static_cast<std::size_t>(places.integer("NG"));
  n_dimension_ = static_cast<std::size_t>(places.integer("MAXDIM"));
  variables_ = places.find<fortran_int>("MINVAR");
  pole_ = places.find<double>("SPOLE") - 1;
  width_ = places.find<double>("SWIDTH") - 1;
  jacobian_ = places.find<double>("BWJAC");
  point_ = places.find<double>("TX");
  zoom_ = places.find<fortran_int>("NZOOM");
  iteration_ = places.find<fortran_int>("CUR_IT");
  last_bin_ = places.find<fortran_int>("LASTBIN");
  draw_ = places.procedure<Draw>("NTUPLE");
  random_numbers_ = places.find<double>("RANU");
  random_shift_ = places.find<double>("RANC");
  random_places_ = places.find<fortran_int>("IRANMR");
  transform_ = places.procedure<Transform>("TRANSPOLE");
  back_ = places.procedure<Back>("UNTRANSPOLE");
  warn_ = places.procedure<Warn>("WARN_XBIN");
  const std::size_t n_variable = places.size("DATA_GRID") / (2 * sizeof(double) * n_bin_);
  least_width_ = places.find<double>("LEAST_WIDTH");
  maps_.resize(n_variable);
  lowest_.resize(n_variable);
  highest_.resize(n_variable);
  generator_ = places.find<fortran_int>("ITUPLE");
  on_ = *places.find<double>("XGMIN") == lowest_edge && *places.find<double>("XGMAX") == highest_edge;
  if (!on_) options.step_aside(unit_name, "a grid of another range");
}

// RANMAR: Marsaglia and Zaman, FSU-SCRI-87-50.
double Sampling::random() {
  fortran_int &i = random_places_[0], &j = random_places_[1];
  double number = random_numbers_[i - 1] - random_numbers_[j - 1];
  if (number < 0) number = number + 1;
  random_numbers_[i - 1] = number;
  if (--i == 0) i = 97;
  if (--j == 0) j = 97;
  double& shift = random_shift_[0];
  shift = shift - random_shift_[1];
  if (shift < 0) shift = shift + random_shift_[2];
  number = number - shift;
  return number < 0 ? number + 1 : number;
}

// NTUPLE: the first call seeds the generator.
void Sampling::draw(double* number, double* from, double* to, fortran_int* dimension, fortran_int* configuration) {
  if (!has_drawn_) {
    has_drawn_ = true;
    return draw_(number, from, to, dimension, configuration);
  }
  double x = random();
  while (x < 1e-16) x = random();
  *number = *from + x * (*to - *from);
}

// The number of the first edge above x, as MadEvent's own search finds it.
fortran_int Sampling::search(const double* edges, double x) const {
  fortran_int low = 1, high = static_cast<fortran_int>(n_bin_);
  while (high - low > 1) {
    const fortran_int middle = (high - low) / 2 + low;
    if (edges[2 * (middle - 1)] <= x)
      low = middle;
    else
      high = middle;
  }
  return high;
}

const PoleMap& Sampling::map_of(fortran_int variable) {
  PoleMap& map = maps_[static_cast<std::size_t>(variable)];
  map.set(pole_[variable], width_[variable], *least_width_);
  return map;
}

// BWJAC is left at 1: what asks for it computes it anew.
double Sampling::bin_of(double y, fortran_int variable, fortran_int guess, fortran_int* found) {
  *jacobian_ = 1;
  double x = y;
  if (variable > 0 && width_[variable] > 0 && !map_of(variable).back(y, x))
    back_(&pole_[variable], &width_[variable], &x, &y, jacobian_);
  *found = 0;
  if (x == highest_edge) return static_cast<double>(n_bin_);
  if (x == lowest_edge) return 0;
  const double* edge = edges(variable);
  if (x <= edge[0]) {
    *found = 1;
    return 1.0 + (x - edge[0]) / (edge[0] - lowest_edge);
  }
  const auto last = static_cast<fortran_int>(n_bin_);
  fortran_int bin = guess;
  const auto holds = [&](fortran_int i) {
    return i >= 2 && i <= last && edge[2 * (i - 2)] <= x && (i == last || x < edge[2 * (i - 1)]);
  };
  if (!holds(bin)) bin = holds(bin - 1) ? bin - 1 : holds(bin + 1) ? bin + 1 : search(edge, x);
  *found = bin;
  const double above = edge[2 * (bin - 1)], below = edge[2 * (bin - 2)];
  return static_cast<double>(bin) + (x - above) / (above - below);
}

double Sampling::limit(Limit& kept, double y, fortran_int variable) {
  const double pole = variable > 0 ? pole_[variable] : 0;
  const double width = variable > 0 ? width_[variable] : 0;
  const double* edge = edges(variable);
  const auto below = [&](fortran_int bin) { return bin < 2 ? lowest_edge : edge[2 * (bin - 2)]; };
  const auto above = [&](fortran_int bin) { return bin < 1 ? lowest_edge : edge[2 * (bin - 1)]; };
  if (kept.is_set && kept.y == y && kept.pole == pole && kept.width == width && kept.below == below(kept.bin) &&
      kept.above == above(kept.bin)) {
    *jacobian_ = kept.jacobian;
    return kept.value;
  }
  kept.value = bin_of(y, variable, kept.is_set ? kept.bin : 0, &kept.bin);
  kept.jacobian = *jacobian_;
  kept.y = y;
  kept.pole = pole;
  kept.width = width;
  kept.below = below(kept.bin);
  kept.above = above(kept.bin);
  kept.is_set = true;
  return kept.value;
}

// True if the value just made surely leads back to its number within the 1e-3 that are tested.
// Rounding, also by a map to a pole and back, moves a value by less than 1e-11; bins wider than
// 1e-6 turn that into 1e-5 of a bin, and away from the edges of the bin it stays in the same one.
bool Sampling::is_sure(fortran_int variable, double number, double width) {
  if (variable > 0 && width_[variable] > 0 && !map_of(variable).is_reversible()) return false;
  const double part = number - static_cast<double>(static_cast<fortran_int>(number));
  return width > 1e-6 && number > 2e-2 && part > 1e-4 && part < 1 - 1e-4;
}

void Sampling::get(double* weight, double* x, fortran_int* dimension, fortran_int* configuration, const double* lowest,
                   const double* highest) {
  if (warned_iteration_ != *iteration_) {
    n_warning_ = 0;
    warned_iteration_ = *iteration_;
  }
  const auto j = static_cast<std::size_t>(*dimension - 1);
  const auto column = static_cast<std::size_t>(*configuration - 1) * n_dimension_;
  fortran_int variable = variables_[column + j];
  const auto index = static_cast<std::size_t>(variable);
  double from = limit(lowest_[index], *lowest, variable);
  double to = limit(highest_[index], *highest, variable);
  if (from > to - 1) from = std::min(from, to);

  double* point = point_ + 3 * j;
  double number = 0;
  if (*zoom_ <= 0) {
    draw(&number, &from, &to, dimension, configuration);
  } else {
    const double bin = static_cast<double>(static_cast<fortran_int>(point[1]));
    const double next = static_cast<double>(static_cast<fortran_int>(point[1]) + 1);
    double low = std::max(from, bin), high = std::min(to, next);
    draw(&number, &low, &high, dimension, configuration);
  }
  point[0] = from;
  point[1] = number;
  point[2] = to;

  auto below = static_cast<fortran_int>(number);
  if (below >= static_cast<fortran_int>(n_bin_)) {
    below = static_cast<fortran_int>(n_bin_) - 1;
    number = static_cast<double>(n_bin_);
  }
  if (below < 0) below = 0;
  const fortran_int bin = below + 1;
  last_bin_[j] = bin;
  const double* edge = edges(variable);
  double width = edge[2 * below] - (bin == 1 ? lowest_edge : edge[2 * (below - 1)]);
  *x = edge[2 * below] - width * (static_cast<double>(bin) - number);
  if (variable > 0 && width_[variable] > 0) {
    double y = *x;
    if (!map_of(variable).forward(y, *x, *weight)) transform_(&pole_[variable], &width_[variable], &y, x, weight);
  }
  *weight = *weight * width * (to - from);
  if (is_sure(variable, number, width)) {
    *jacobian_ = 1;
    return;
  }
  // Real constants of single precision, as in the original.
  fortran_int found;
  double back = bin_of(*x, variable, bin, &found);
  if (std::fabs(number - back) / (number + 1e-22) > static_cast<double>(1e-3f)) {
    if (n_warning_ <= most_warnings) warn_(&n_warning_, &variable, &number, &back, &width);
    ++n_warning_;
  }
}

}  // namespace meb::glue
