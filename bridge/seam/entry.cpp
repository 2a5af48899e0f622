// The names that the accessor in a process directory calls, by Fortran's conventions:
// everything by reference, a trailing underscore, text lengths (unused) at the end.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "loop.hpp"
#include "mebridge/types.h"

namespace {

using meb::seam::Call;
using meb::seam::Directory;
using meb::seam::fortran_int;
using meb::seam::Loop;

Directory &directory() {
  static Directory instance;
  return instance;
}

// Leaked on purpose: it must outlive every Fortran unit's own clean-up.
Loop *&instance() {
  static Loop *loop = nullptr;
  return loop;
}

void say_farewell() { instance()->finish(); }

}  // namespace

extern "C" {

// Tells of memory [begin, end) and its role; loc() of Fortran gives the addresses.
MEB_API void meb_seam_range_(const char *name, const std::int64_t *begin,
                             const std::int64_t *end, const fortran_int *role) {
  directory().add(name,
                  {reinterpret_cast<void *>(*begin),
                   static_cast<std::size_t>(*end - *begin)},
                  static_cast<Directory::Role>(*role));
}

// After all ranges.
MEB_API void meb_seam_ready_() {
  std::string missing;
  meb::seam::Options options = meb::seam::read_options();
  if (!directory().finish(missing)) {
    options.enabled = false;
    options.warning = "the accessor does not tell of " + missing + ": Fortran";
  }
  instance() = new Loop(directory(), options);
  std::atexit(say_farewell);
}

MEB_API void meb_seam_point_(fortran_int *n_dimension, fortran_int *channel,
                             fortran_int *first_channel, fortran_int *last_channel,
                             fortran_int *n_invariant, double *weight,
                             double *coordinates, double *momenta) {
  instance()->point({n_dimension, channel, first_channel, last_channel, n_invariant, weight,
                     coordinates, momenta});
}

MEB_API fortran_int meb_seam_passcuts_(double *momenta, fortran_int *vector_size) {
  return instance()->pass_cuts(momenta, vector_size);
}

MEB_API double meb_seam_dsig_(double *momenta, double *weight, fortran_int *mode) {
  return instance()->dsig(momenta, weight, mode);
}

MEB_API double meb_seam_dsig_of_(const std::int64_t *real, double *momenta, double *weight,
                                 fortran_int *mode) {
  return instance()->dsig_of(reinterpret_cast<void *>(*real), momenta, weight, mode);
}

MEB_API double meb_seam_density_(const std::int64_t *real, fortran_int *hadron,
                                 fortran_int *parton, fortran_int *beam, double *x,
                                 double *scale) {
  return instance()->density(reinterpret_cast<void *>(*real), hadron, parton, beam, x,
                             scale);
}

MEB_API float meb_seam_xran1_(fortran_int *seed) { return instance()->xran1(seed); }

// SMATRIX<i> up to 3.5.
MEB_API void meb_seam_matrix_(const fortran_int *matrix, const std::int64_t *real,
                              double *momenta, double *answer) {
  Call call;
  call.matrix = *matrix;
  call.real = reinterpret_cast<void *>(*real);
  call.momenta = momenta;
  call.answer = answer;
  instance()->matrix(call);
}

// SMATRIX<i> from 3.6 on.
MEB_API void meb_seam_late_matrix_(const fortran_int *matrix, const std::int64_t *real,
                                   double *momenta, double *random_helicity,
                                   double *random_color, fortran_int *channel,
                                   fortran_int *vector_index, double *answer,
                                   fortran_int *helicity, fortran_int *color) {
  Call call;
  call.matrix = *matrix;
  call.real = reinterpret_cast<void *>(*real);
  call.momenta = momenta;
  call.answer = answer;
  call.late = true;
  call.random_helicity = random_helicity;
  call.random_color = random_color;
  call.channel = channel;
  call.vector_index = vector_index;
  call.helicity = helicity;
  call.color = color;
  instance()->matrix(call);
}

}  // extern "C"
