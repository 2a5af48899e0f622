// MadEvent's SAMPLE_GET_X, XBIN, TRANSPOLE, UNTRANSPOLE, NTUPLE and RANMAR (unit "sampling"): the same arithmetic in
// the same order.
//
// XBIN says which random number leads to a value, by a search in the grid of a variable. Here
// the search starts from a guess, which is right nearly always: the bin found last for the
// limits, which often stay the same, and the bin drawn for the value.
#ifndef MEB_GLUE_SAMPLING_HPP
#define MEB_GLUE_SAMPLING_HPP

#include <vector>

#include "options.hpp"
#include "places.hpp"
#include "pole_map.hpp"

namespace meb::glue {

class Sampling {
public:
  Sampling(const Places& places, const Options& options);
  // The random generator is chosen while the job starts.
  bool is_on() const { return on_ && *generator_ == 1; }

  // SAMPLE_GET_X; dimension and configuration count from 1.
  void get(double* weight, double* x, fortran_int* dimension, fortran_int* configuration, const double* lowest,
           const double* highest);

private:
  // XBIN for one limit of one variable, as computed last.
  struct Limit {
    double y, pole, width, below, above;  // of the grid: the edges of the bin
    double value, jacobian;
    fortran_int bin;
    bool is_set = false;
  };

  const PoleMap& map_of(fortran_int variable);
  double bin_of(double y, fortran_int variable, fortran_int guess, fortran_int* found);
  bool is_sure(fortran_int variable, double number, double width);
  double limit(Limit& kept, double y, fortran_int variable);
  double random();
  void draw(double* number, double* from, double* to, fortran_int* dimension, fortran_int* configuration);
  fortran_int search(const double* edges, double x) const;
  const double* edges(fortran_int variable) const {
    return grid_ + (static_cast<std::size_t>(variable) * n_bin_) * 2 + 1;
  }

  using Draw = void (*)(double*, double*, double*, fortran_int*, fortran_int*);
  using Transform = void (*)(const double*, const double*, double*, double*, double*);
  using Back = void (*)(const double*, const double*, double*, const double*, double*);
  using Warn = void (*)(fortran_int* count, fortran_int* variable, double* number, double* bin, double* width);

  const Options& options_;
  bool on_ = false;
  std::size_t n_bin_ = 0, n_dimension_ = 0;
  const double* grid_ = nullptr;                     // [variable 0:][bin][2]: the second number is the upper edge
  const fortran_int* variables_ = nullptr;           // [configuration][dimension]
  const double *pole_ = nullptr, *width_ = nullptr;  // [variable], from 1
  double* jacobian_ = nullptr;
  double* point_ = nullptr;  // [variable][3]
  const fortran_int *zoom_ = nullptr, *iteration_ = nullptr;
  const fortran_int* generator_ = nullptr;
  fortran_int* last_bin_ = nullptr;
  const double* least_width_ = nullptr;
  std::vector<PoleMap> maps_;  // by variable
  Draw draw_ = nullptr;
  bool has_drawn_ = false;
  // COMMON /RASET1/ and /RASET2/ of RANMAR.
  double *random_numbers_ = nullptr, *random_shift_ = nullptr;
  fortran_int* random_places_ = nullptr;
  Transform transform_ = nullptr;
  Back back_ = nullptr;
  Warn warn_ = nullptr;
  std::vector<Limit> lowest_, highest_;  // by variable
  fortran_int n_warning_ = 0, warned_iteration_ = 0;
};

}  // namespace meb::glue
#endif
