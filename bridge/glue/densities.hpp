// The built-in NNPDF driver (unit "pdf"): NNPDFDRIVER and NNEVOLVEPDF.
#ifndef MEB_GLUE_DENSITIES_HPP
#define MEB_GLUE_DENSITIES_HPP

#include <string>

#include "options.hpp"
#include "pdf/nnpdf_grid.hpp"
#include "places.hpp"

namespace meb::glue {

class Densities {
 public:
  Densities(const Places &places, const Options &options) : places_(places), options_(options) {}

  // Reads a grid and tells the driver's COMMON of it. False: the driver itself has to read it.
  bool read(const std::string &path);
  // NNEVOLVEPDF.
  void evolve(double *x, double *q, double *density);

 private:
  const Places &places_;
  const Options &options_;
  pdf::NnpdfGrid grid_;
  bool on_ = false;
};

}  // namespace meb::glue
#endif
