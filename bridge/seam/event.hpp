// A phase-space point that waits for its matrix element.
#ifndef MEB_SEAM_EVENT_HPP
#define MEB_SEAM_EVENT_HPP

#include <array>
#include <complex>
#include <cstddef>
#include <vector>

#include "call.hpp"
#include "coroutine.hpp"
#include "random.hpp"

namespace meb::seam {

// Parton densities that DSIG's first half asked for, as its second half asks for some of
// them again and points computed in between have pushed them out of PDG2PDF's own memory.
// A density depends on nothing but these arguments, so entries never have to be cleared.
class Densities {
 public:
  struct Key {
    double x, scale;
    fortran_int hadron, parton, beam;
    bool operator==(const Key &other) const {
      return x == other.x && scale == other.scale && hadron == other.hadron &&
             parton == other.parton && beam == other.beam;
    }
  };

  void keep(const Key &key, double value) { entries_[index(key)] = {key, value}; }

  const double *find(const Key &key) const {
    const Entry &entry = entries_[index(key)];
    return entry.key == key ? &entry.value : nullptr;
  }

 private:
  struct Entry {
    Key key{-1, -1, 0, 0, 0};
    double value = 0;
  };
  static constexpr std::size_t size = 32;
  static std::size_t index(const Key &key) {
    return static_cast<std::size_t>(static_cast<unsigned>(key.parton + 16 * (key.beam & 1))) % size;
  }
  std::array<Entry, size> entries_;
};

struct Event {
  Densities densities;

  // What the first half of DSIG left.
  Coroutine::Frame frame;
  std::vector<std::byte> state;  // Directory::event
  Random::State random;          // before the matrix element
  std::vector<double> coordinates, momenta_argument;  // x and p of X_TO_F_ARG

  // What the matrix element needs.
  Call call;                    // its pointers are valid only while the call runs
  std::vector<double> momenta;  // (E, px, py, pz) of each leg
  double random_helicity = 0, random_color = 0;
  fortran_int channel = 0;  // diagram
  fortran_int config = 0;       // whose colour flows are allowed
  fortran_int mirror = 1;  // 2: the beams were exchanged
  std::vector<std::complex<double>> couplings;  // those that change from event to event

  // Its result.
  bool ready = false;  // false: the Fortran computes it when the event goes on
  double answer = 0;
  fortran_int helicity = 0, color = 0;
  std::vector<std::byte> output;  // Directory::output, from the Fortran
  std::vector<double> jamp2;      // from the engine
  std::vector<double> by_helicity;  // from the engine, where the helicity is still to be drawn
};

}  // namespace meb::seam
#endif
