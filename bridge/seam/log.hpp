// Counts and the few lines the seam writes; never to standard output, which MadEvent's
// own scripts parse.
#ifndef MEB_SEAM_LOG_HPP
#define MEB_SEAM_LOG_HPP

#include <cstdint>
#include <string>

namespace meb::seam {

struct Counts {
  std::uint64_t points = 0;     // phase-space points handed on
  std::uint64_t events = 0;     // of these, with a matrix element
  std::uint64_t direct = 0;     // matrix elements computed before or outside of batches
  std::uint64_t single = 0;     // events of a batch that were left to the Fortran
  std::uint64_t batches = 0;
  std::uint64_t engine = 0;     // matrix elements from the engine
  std::uint64_t fortran = 0;    // matrix elements from the Fortran, in a batch
  std::uint64_t not_finite = 0;  // left to the Fortran because not finite
  std::uint64_t repeated = 0;   // points generated again (see Loop::forget)
  std::uint64_t checked = 0;
  std::uint64_t other_choice = 0;  // of these, with another helicity or colour flow
  double largest_deviation = 0;
  double seconds = 0;           // user and system time in batches of matrix elements
};

class Log {
 public:
  explicit Log(std::string where) : where_(std::move(where)) {}
  void line(const std::string &text) const;

 private:
  std::string where_;
};

std::string summary(const Counts &counts, const std::string &backend);

}  // namespace meb::seam
#endif
