// One call of SMATRIX<i>, in either of its two forms.
#ifndef MEB_SEAM_CALL_HPP
#define MEB_SEAM_CALL_HPP

#include "directory.hpp"

namespace meb::seam {

struct Call {
  fortran_int matrix = 0;  // i of SMATRIX<i>; 1 where there is only SMATRIX
  void *real = nullptr;    // the directory's own SMATRIX<i>
  double *momenta = nullptr;
  double *answer = nullptr;
  // Only in the form of 3.6 and later, whose caller draws the random numbers.
  bool late = false;
  double *random_helicity = nullptr, *random_color = nullptr;
  fortran_int *channel = nullptr, *vector_index = nullptr;
  fortran_int *helicity = nullptr, *color = nullptr;

  void run() const {
    if (late) {
      using Smatrix = void (*)(double *, double *, double *, fortran_int *, fortran_int *,
                               double *, fortran_int *, fortran_int *);
      reinterpret_cast<Smatrix>(real)(momenta, random_helicity, random_color, channel,
                                      vector_index, answer, helicity, color);
    } else {
      using Smatrix = void (*)(double *, double *);
      reinterpret_cast<Smatrix>(real)(momenta, answer);
    }
  }
};

}  // namespace meb::seam
#endif
