// The built-in NNPDF driver (unit "pdf"): NNPDFDRIVER, NNEVOLVEPDF, and PDG2PDF where it does
// nothing but look one flavour up. With CTEQ, PDG2PDF's results are remembered.
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

  // What PDG2PDF gave for flavours -6 to 7 at a point.
  struct Remembered {
    double x = -1, scale = -1;
    double values[pdf::NnpdfGrid::n_flavor];
    bool is_known[pdf::NnpdfGrid::n_flavor] = {};
  };
  using Density = double (*)(fortran_int*, fortran_int*, fortran_int*, double*, double*);

  bool is_proton(fortran_int hadron, fortran_int beam, double x) const;
  double remembered(fortran_int flavor, fortran_int* hadron, fortran_int* parton, fortran_int* beam, double* x,
                    double* scale);
  const Entry* entry(double x, double scale);

  const Places& places_;
  const Options& options_;
  pdf::NnpdfGrid grid_;
  const bool wanted_;
  bool on_ = false;
  Entry entries_[n_entry];
  Remembered remembered_[n_entry];
  std::size_t next_ = 0;
  const char *label_ = nullptr, *sub_labels_ = nullptr;
  const fortran_int *n_proton_ = nullptr, *n_neutron_ = nullptr;
  const Density original_;
};

}  // namespace meb::glue
#endif
