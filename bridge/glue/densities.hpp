// The built-in NNPDF driver (unit "pdf"): NNPDFDRIVER, NNEVOLVEPDF, and PDG2PDF where it does
// nothing but look one flavour up.
#ifndef MEB_GLUE_DENSITIES_HPP
#define MEB_GLUE_DENSITIES_HPP

#include <cstddef>
#include <string>

#include "options.hpp"
#include "pdf/nnpdf_grid.hpp"
#include "places.hpp"

namespace meb::glue {

class Densities {
public:
  Densities(const Places& places, const Options& options);

  // Reads a grid and tells the driver's COMMON of it. False: the driver itself has to read it.
  bool read(const std::string& path);
  // NNEVOLVEPDF.
  void evolve(double* x, double* q, double* density);
  // PDG2PDF.
  double density(fortran_int* hadron, fortran_int* parton, fortran_int* beam, double* x, double* scale);

private:
  // All flavours at the points asked for last, divided by x.
  struct Entry {
    double x = -1, scale = -1;
    double moved_x = 1;  // x inside of the grid
    double values[pdf::NnpdfGrid::n_flavor] = {};
  };
  static constexpr std::size_t n_entry = 4;

  bool is_simple(fortran_int hadron, fortran_int beam, double x) const;
  const Entry* entry(double x, double scale);

  const Places& places_;
  const Options& options_;
  pdf::NnpdfGrid grid_;
  bool on_ = false;
  Entry entries_[n_entry];
  std::size_t next_ = 0;
  const char *label_ = nullptr, *sub_labels_ = nullptr;
  const fortran_int *n_proton_ = nullptr, *n_neutron_ = nullptr;
};

}  // namespace meb::glue
#endif
