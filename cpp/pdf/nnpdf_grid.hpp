// Parton densities of an NNPDF 2.3 grid (LHAPDF 5 .LHgrid format), with the interpolation of
// that collaboration's Fortran driver: cubic in x (logarithmic below 0.1), linear in log Q2,
// by Neville's algorithm. Operations are done in that driver's order, so results are equal to
// the last bit; all flavours go through them side by side.
#ifndef MEB_PDF_NNPDF_GRID_HPP
#define MEB_PDF_NNPDF_GRID_HPP

#include <string>
#include <vector>

namespace meb::pdf {

class NnpdfGrid {
public:
  static constexpr int n_flavor = 14;  // tbar .. t (-6 to 6), photon

  // Reads a grid with one member. Empty, or why it cannot be used.
  std::string read(const std::string& path);

  // x f(x, Q) for flavours -6 to 7 into density[0:14]; x is moved into the grid if it lies
  // outside. False where the interpolation has no result: two equal points of the grid.
  // without top, which PDG2PDF takes to be zero: density[0] and [12] stay as they are.
  bool evolve(double& x, double q, double* density, bool with_top = true) const;

  double alpha_s() const { return alpha_s_; }
  int n_x() const { return static_cast<int>(x_.size()); }
  int n_q2() const { return static_cast<int>(q2_.size()); }
  bool has_photon() const { return has_photon_; }

private:
  std::vector<double> x_, log_x_, q2_, log_q2_;
  std::vector<double> values_;  // [x][Q2][lane]
  double alpha_s_ = 0;
  bool has_photon_ = false;
};

}  // namespace meb::pdf
#endif
