// PoleMap: back and forth, and the Jacobian against the slope of the map itself.
#include "../../bridge/glue/pole_map.hpp"

#include <cmath>
#include <cstdio>
#include <initializer_list>

namespace {

int n_wrong = 0;

void check(bool holds, const char* what, double pole, double width, double x) {
  if (holds) return;
  ++n_wrong;
  std::printf("%s: pole %g width %g x %.17g\n", what, pole, width, x);
}

double value(const meb::glue::PoleMap& map, double x) {
  double y = -1, jacobian = 1;
  map.forward(x, y, jacobian);
  return y;
}

void compare(double pole, double width, double least_width) {
  meb::glue::PoleMap map;
  map.set(pole, width, least_width);
  const double used = pole > 0 && width < pole * least_width ? pole * least_width : width;
  for (int i = 1; i < 400; ++i) {
    const double x = (i - 0.5) / 400, step = 1e-6;
    double y, back, jacobian = 3;
    check(map.forward(x, y, jacobian), "no value", pole, width, x);
    check(map.back(y, back) && std::fabs(back - x) < 1e-9, "not back", pole, width, x);
    check(!map.is_reversible() || std::fabs(back - x) < 1e-11, "not back as promised", pole, width, x);
    // A narrow resonance is wider here; its weight says by how much.
    const double slope = (value(map, x + step) - value(map, x - step)) / (2 * step);
    const double expected = 3 * slope * used / width;
    check(std::fabs(jacobian - expected) < 1e-4 * std::fabs(expected) + 1e-9, "Jacobian", pole, width, x);
  }
}

}  // namespace

int main() {
  for (const double width : {1e-1, 1e-3, 1e-5}) {
    compare(5e-2, width, 1e-6);  // resonance
    compare(-15, width, 1e-6);   // logarithm
    compare(-2, width, 1e-6);    // powers
    compare(-1.5, width, 1e-6);
  }
  compare(0.3, 1e-9, 1e-3);  // narrower than allowed
  // Shapes that are the original's: nothing is touched.
  for (const double pole : {-0.5, 0.0, -1.0, -3.0, -10.0, -8e99}) {
    meb::glue::PoleMap map;
    map.set(pole, 0.1, 1e-6);
    double y = 7, jacobian = 7, x = 7;
    check(!map.forward(0.5, y, jacobian) && y == 7 && jacobian == 7, "touched", pole, 0.1, 0.5);
    check(!map.back(0.5, x) && x == 7, "touched", pole, 0.1, 0.5);
  }
  return n_wrong != 0;
}
