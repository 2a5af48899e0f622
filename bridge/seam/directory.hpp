// What the accessor, compiled in the process directory, tells about it.
#ifndef MEB_SEAM_DIRECTORY_HPP
#define MEB_SEAM_DIRECTORY_HPP

#include <complex>
#include <cstdint>
#include <map>
#include <string>

#include "memory.hpp"
#include "random.hpp"

namespace meb::seam {

using fortran_int = std::int32_t;

// Addresses of Fortran procedures and variables by the accessor's names for them.
class Directory {
 public:
  struct Range {
    void *address = nullptr;
    std::size_t size = 0;
  };

  // Which part of the loop a range belongs to (the accessor's word for it).
  enum Role {
    Field = 0,   // read or written by name
    Point = 1,   // kept for every phase-space point
    Event = 2,   // kept for every point that reaches the matrix element
    Output = 3,  // written by the matrix element
    Generator = 4,
    Parameter = 5,  // masses, widths, couplings
  };

  void add(const std::string &name, Range range, Role role);
  // After all ranges: false, and what is missing in `missing`, if one was not told.
  bool finish(std::string &missing);

  template <class T>
  T *find(const std::string &name) const {
    const auto entry = fields_.find(name);
    return entry == fields_.end() ? nullptr : static_cast<T *>(entry->second.address);
  }
  Range range(const std::string &name) const;
  Range parameter(const std::string &name) const;

  fortran_int integer(const std::string &name, fortran_int otherwise = 0) const {
    const auto *value = find<fortran_int>(name);
    return value == nullptr ? otherwise : *value;
  }

  // point: what each phase-space point leaves for the sampling routines that follow it;
  // event: what the second half of DSIG reads; output: what SMATRIX leaves.
  Memory point, event, output;
  Random random;

  // What the loop looks at for every point; nullptr where a version lacks it.
  using Dsig = double (*)(double *momenta, double *weight, fortran_int *mode);
  using PointFunction = void (*)(fortran_int *, fortran_int *, fortran_int *, fortran_int *,
                                 fortran_int *, double *, double *, double *);
  using PassCuts = fortran_int (*)(double *momenta, fortran_int *vector_size);
  using PassPoint = fortran_int (*)(double *momenta);
  PointFunction point_function = nullptr;
  Dsig dsig = nullptr;
  PassCuts pass_cuts = nullptr;
  PassPoint pass_point = nullptr;
  // Only in an ungrouped directory, whose one SMATRIX draws the helicity from XRAN1, which
  // the unweighting draws from as well, after the sum.
  using Xran1 = float (*)(fortran_int *seed);
  Xran1 xran1 = nullptr;
  bool xran1_stands = false;  // the seam gives a constant instead of the next number
  bool is_grouped() const { return xran1 == nullptr; }
  // matrix<i> as in the names of its files.
  std::string matrix_name(fortran_int matrix) const {
    return is_grouped() ? "matrix" + std::to_string(matrix) : "matrix";
  }
  const fortran_int *events = nullptr, *points = nullptr, *non_zero = nullptr,
                    *iteration = nullptr;
  const fortran_int *config = nullptr, *mirror = nullptr;
  const fortran_int *channels = nullptr;         // diagram, for each matrix element
  const fortran_int *config_diagrams = nullptr;  // diagram of each config (from 1)
  // ICKKW, and from 3.6 on where the diagram is that the clustering chose.
  const fortran_int *matching = nullptr, *graph = nullptr, *kept_graph = nullptr;
  fortran_int *cuts_done = nullptr, *cuts_passed = nullptr;
  std::size_t n_leg = 0, n_coordinate = 0, n_momentum = 0;
  bool late = false;

 private:
  template <class T>
  void bind(T &pointer, const char *name, std::string &missing);

  std::map<std::string, Range> fields_, parameters_;
};

}  // namespace meb::seam
#endif
