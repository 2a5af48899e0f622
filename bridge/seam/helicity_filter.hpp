// The helicity combinations that the directory's own matrix element sums over.
//
// MadEvent drops combinations whose |M|^2 vanishes. Single diagrams need not vanish there, so
// AMP2, and with it the channel weight, depends on the choice: the engine must make the same.
#ifndef MEB_SEAM_HELICITY_FILTER_HPP
#define MEB_SEAM_HELICITY_FILTER_HPP

#include <cstdint>
#include <string>
#include <vector>

#include "directory.hpp"

namespace meb::seam {

class HelicityFilter {
 public:
  // stem: path of matrix<i>.f without its end; helicities[n_helicity][n_leg]: the Program's
  // table. Empty, or why the filter is unknown.
  std::string load(const std::string &stem, fortran_int matrix,
                   const std::vector<std::int32_t> &helicities, std::size_t n_leg);

  // Weight, 0 or 1, of each combination for events of this mirror (1 or 2).
  const std::vector<double> &weights(const Directory &directory, fortran_int mirror);

  // True if the filter is the same for all events.
  bool is_fixed() const { return is_fixed_; }

 private:
  bool read_table(const std::string &text, const std::vector<std::int32_t> &helicities,
                  std::size_t n_leg);

  fortran_int matrix_ = 0;
  bool is_fixed_ = false;  // helicity recycling: chosen when the code was generated
  std::vector<double> weights_;
};

}  // namespace meb::seam
#endif
