// MadEvent's RANMAR: where it stands, and moving it.
#ifndef MEB_SEAM_RANDOM_HPP
#define MEB_SEAM_RANDOM_HPP

#include <cstddef>
#include <vector>

#include "memory.hpp"

namespace meb::seam {

class Random {
 public:
  using State = std::vector<std::byte>;
  using Draw = void (*)(double *);

  Memory memory;                    // all of the generator's state
  const double *counter = nullptr;  // RANC: changes with every number, period 2^24
  Draw draw_number = nullptr;

  // Tells two places in the sequence apart, if they are less than a period from each other.
  double position() const { return *counter; }

  double draw() const {
    double number = 0;
    draw_number(&number);
    return number;
  }

  void save(State &state) const {
    state.resize(memory.size());
    memory.save(state.data());
  }

  void restore(const State &state) const { memory.restore(state.data()); }

  // Goes on to a place ahead; false (and the generator back) if it is not found.
  bool advance(double position_ahead) const {
    State start;
    save(start);
    for (long i = 0; i < limit; ++i) {
      if (position() == position_ahead) return true;
      draw();
    }
    restore(start);
    return false;
  }

  // Numbers drawn since the generator stood at `earlier`; leaves it as it is.
  int drawn_since(const State &earlier) const {
    const double now = position();
    State here;
    save(here);
    restore(earlier);
    int n = 0;
    while (position() != now && n < 64) {
      draw();
      ++n;
    }
    restore(here);
    return n;
  }

 private:
  static constexpr long limit = 1L << 23;
};

}  // namespace meb::seam
#endif
