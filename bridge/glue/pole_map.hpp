// MadEvent's TRANSPOLE and UNTRANSPOLE: a variable's uniform number x in [0, 1] mapped to y with a
// density that follows a propagator, and back. The same arithmetic, but what depends on pole and
// width alone is computed once.
//
// Sources: the directory's transpole.f. Pole and width are in units of the collision energy
// squared; a pole below zero names the shape of the density.
#ifndef MEB_GLUE_POLE_MAP_HPP
#define MEB_GLUE_POLE_MAP_HPP

namespace meb::glue {

class PoleMap {
public:
  // least_width: no resonance is narrower than this part of its mass squared.
  void set(double pole, double width, double least_width) {
    if (pole != pole_ || width != width_ || least_width != least_width_) prepare(pole, width, least_width);
  }

  // y of x; jacobian is multiplied by dy/dx. False, and nothing done: the original has to do it.
  bool forward(double x, double& y, double& jacobian) const;
  // x of y. False: as above.
  bool back(double y, double& x) const;
  // True if back(forward(x)) is x within 1e-11, whatever x is.
  bool is_reversible() const { return is_reversible_; }

private:
  enum class Shape { other, resonance, logarithm, power };
  void prepare(double pole, double width, double least_width);

  Shape shape_ = Shape::other;
  bool is_reversible_ = false;
  double pole_ = 0, width_ = 0, least_width_ = 0;
  // Resonance: the width used, the range of its arc tangent.
  double used_width_ = 0, lowest_ = 0, range_ = 0;
  // Logarithm: that of the width, and the x below which y is proportional to x.
  double log_width_ = 0, cut_ = 0;
  // Power: y = shift + scale * z^(pole + 1).
  double scale_ = 0, shift_ = 0;
};

}  // namespace meb::glue
#endif
