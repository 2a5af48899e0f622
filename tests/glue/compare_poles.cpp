// PoleMap against a directory's own TRANSPOLE and UNTRANSPOLE, bit by bit.
//
// Linked with a directory's libgeneric.a by test_glue_real.py.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <initializer_list>

#include "../../bridge/glue/pole_map.hpp"

extern "C" {
void transpole_(const double* pole, const double* width, const double* x, double* y, double* jacobian);
void untranspole_(const double* pole, const double* width, double* x, const double* y, double* jacobian);
alignas(16) extern double narrow_width_;
alignas(16) double narrow_width_ = 1e-6;
}

namespace {

long n_wrong = 0, n_compared = 0;
double farthest = 0;

bool is_same(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

void compare(const meb::glue::PoleMap& map, double pole, double width, double x) {
  double y, jacobian = 0.7, their_y, their_jacobian = 0.7, back, their_x, unused = 1;
  if (map.forward(x, y, jacobian)) {
    transpole_(&pole, &width, &x, &their_y, &their_jacobian);
    ++n_compared;
    if (!is_same(y, their_y) || !is_same(jacobian, their_jacobian)) ++n_wrong;
  }
  if (map.back(x, back)) {
    untranspole_(&pole, &width, &their_x, &x, &unused);
    ++n_compared;
    if (!is_same(back, their_x)) ++n_wrong;
  }
  // What is promised lets the test after each point be left out.
  if (map.is_reversible() && x > 1e-9 && x < 1) {
    transpole_(&pole, &width, &x, &their_y, &their_jacobian);
    untranspole_(&pole, &width, &their_x, &their_y, &unused);
    const double distance = std::fabs(their_x - x);
    if (distance > farthest) farthest = distance;
  }
}

}  // namespace

int main() {
  for (const double pole : {1e-5, 4.9e-5, 1e-2, 0.3, 0.999, 2.0, -15.0, -2.0, -1.5, -1.1, -1.0, -0.5, 0.0, -3.0, -10.0})
    for (const double width : {1e-12, 1e-8, 1e-5, 1e-3, 0.1, 0.7, 1.0}) {
      meb::glue::PoleMap map;
      map.set(pole, width, narrow_width_);
      for (int i = 0; i <= 2000; ++i) {
        compare(map, pole, width, i / 2000.0);
        compare(map, pole, width, std::pow(10, -i / 100.0));
      }
      for (const double x : {width, 1e-22, 2e-22, 1 - 1e-16, 1e-300}) compare(map, pole, width, x);
    }
  std::printf("%ld compared, %ld differ; back within %g\n", n_compared, n_wrong, farthest);
  return n_wrong != 0 || n_compared < 100000 || farthest > 1e-11;
}
