// Run-time switches, read once from the environment.
#ifndef MEB_SEAM_OPTIONS_HPP
#define MEB_SEAM_OPTIONS_HPP

#include <cstddef>
#include <string>

#include "mebridge/types.h"

namespace meb::seam {

constexpr const char *default_log = "mebridge.log";

struct Options {
  std::string backend = "auto";  // MEBRIDGE_BACKEND
  meb_precision precision = MEB_PRECISION_DOUBLE;
  std::size_t batch = 0;      // MEBRIDGE_BATCH; 0: not given
  std::size_t threads = 1;    // MEBRIDGE_THREADS
  double check = 0;           // MEBRIDGE_CHECK: fraction of events computed twice
  // MEBRIDGE_LOG: stderr, none or a file that is appended to. At first a file in the job's
  // folder: generate_events shows its users what jobs write to standard error.
  std::string log = default_log;
  bool enabled = true;        // MEBRIDGE=0 switches everything off
  std::string warning;        // a value that was not understood

  bool fortran() const { return backend == "fortran"; }
  // What the log says of them: "single precision, batches of 64, 1 thread".
  std::string text() const;
};

Options read_options();

}  // namespace meb::seam
#endif
