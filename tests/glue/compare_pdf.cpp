// The library's NNPDF grid against MadEvent's own driver, bit by bit.
//
// Linked with a directory's libpdf.a by test_glue_real.py. Argument: the grid's name for
// NNPDFDRIVER, then its path.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>

#include "pdf/nnpdf_grid.hpp"

extern "C" {
void nnpdfdriver_(const char* name, std::size_t length);
void nninitpdf_(const int* member);
void nnevolvepdf_(double* x, double* q, double* density);
}

namespace {

long n_wrong = 0, n_compared = 0;
meb::pdf::NnpdfGrid grid;

void compare(double x, double q) {
  double theirs[14], ours[14], their_x = x, our_x = x;
  nnevolvepdf_(&their_x, &q, theirs);
  const bool found = grid.evolve(our_x, q, ours);
  double without_top[14] = {ours[0]}, again = x;
  without_top[12] = ours[12];
  if (grid.evolve(again, q, without_top, false) != found || std::memcmp(without_top, ours, sizeof ours) != 0) ++n_wrong;
  ++n_compared;
  if (found && std::memcmp(theirs, ours, sizeof ours) == 0 && their_x == our_x) return;
  if (++n_wrong <= 10) std::printf("x %.17g Q %.17g differ\n", x, q);
}

}  // namespace

int main(int, char** arguments) {
  const std::string name = arguments[1];
  nnpdfdriver_(name.c_str(), name.size());
  const int member = 0;
  nninitpdf_(&member);
  const std::string objection = grid.read(arguments[2]);
  if (!objection.empty()) {
    std::printf("%s %s\n", arguments[2], objection.c_str());
    return 1;
  }
  // Inside, on both edges and beyond, at the change from logarithm to x itself.
  for (int i = -5; i <= 400; ++i)
    for (int j = -5; j <= 120; ++j) compare(std::pow(10, -9.2 + i * 0.0231), std::pow(10, -0.1 + j * 0.052));
  for (double x : {0.0, 1e-300, 1e-9, 1e-7, 0.1, std::nextafter(0.1, 0), std::nextafter(0.1, 1), 0.5, 1.0, 2.0})
    for (double q : {0.0, 1.0, 1.4142135623730951, std::nextafter(1.4142135623730951, 0), 91.188, 1e4, 1e6, 1e9})
      compare(x, q);
  for (int i = 0; i <= 100000; ++i) compare(i * 1e-5, 10 + i * 0.02);
  std::printf("%ld points, %ld differ\n", n_compared, n_wrong);
  return n_wrong != 0;
}
