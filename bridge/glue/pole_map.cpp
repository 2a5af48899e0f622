#include "pole_map.hpp"

#include <cmath>

namespace meb::glue {
namespace {

constexpr double edge = 1e-22;          // of x: nearer to 0 or 1 a resonance is mapped otherwise
constexpr double logarithm_pole = -15;  // names the density 1/y
// A y near a resonance is rounded by 1e-16 of the pole; its width in x is that over the width and
// the angle that the arc tangent spans.
constexpr double most_pole_widths = 1e3, least_angle = 0.1;
constexpr double flattest_power = -1.1, least_width_of_power = 1e-10, most_width = 0.5;

}  // namespace

void PoleMap::prepare(double pole, double width, double least_width) {
  pole_ = pole;
  width_ = width;
  least_width_ = least_width;
  shape_ = Shape::other;
  is_reversible_ = false;
  if (pole > 0) {
    shape_ = Shape::resonance;
    used_width_ = width < pole * least_width ? pole * least_width : width;
    lowest_ = std::atan(-pole / used_width_) / used_width_;
    range_ = std::atan((1 - pole) / used_width_) / used_width_ - lowest_;
    is_reversible_ =
        pole < 1 && used_width_ < 1 && pole < most_pole_widths * used_width_ && range_ * used_width_ > least_angle;
  } else if (pole == logarithm_pole && width > 0) {
    shape_ = Shape::logarithm;
    log_width_ = std::log(width);
    cut_ = 1 / (1 - log_width_);
    is_reversible_ = width <= most_width;
  } else if (pole >= -2 && pole < -1 && width > 0) {
    shape_ = Shape::power;
    scale_ = (1 - width) / (std::pow(width, pole + 1) - 1);
    shift_ = width - scale_;
    is_reversible_ = pole <= flattest_power && width >= least_width_of_power && width <= most_width;
  }
}

bool PoleMap::forward(double x, double& y, double& jacobian) const {
  switch (shape_) {
    case Shape::resonance: {
      if (!(x > edge && x < 1 - edge)) return false;
      if (used_width_ != width_) jacobian = jacobian * used_width_ / width_;
      const double z = lowest_ + range_ * x;
      y = pole_ + used_width_ * std::tan(used_width_ * z);
      const double slope = used_width_ / std::cos(used_width_ * z);
      jacobian = jacobian * (slope * slope) * range_;
      return true;
    }
    case Shape::logarithm:
      if (x <= cut_) {
        y = x * width_ / cut_;
        jacobian = jacobian * width_ / cut_;
      } else {
        const double z = (x - cut_) / (1 - cut_);
        y = std::pow(width_, 1 - z);
        jacobian = jacobian * y * -log_width_ / (1 - cut_);
      }
      return true;
    case Shape::power:
      if (x < width_) {
        y = x;
      } else {
        const double z = 1 - x + width_;
        y = shift_ + scale_ * std::pow(z, pole_ + 1);
        jacobian = jacobian * std::fabs((pole_ + 1) * scale_ * std::pow(z, pole_));
      }
      return true;
    case Shape::other: break;
  }
  return false;
}

bool PoleMap::back(double y, double& x) const {
  switch (shape_) {
    case Shape::resonance:
      x = (std::atan((y - pole_) / used_width_) / used_width_ - lowest_) / range_;
      return x > edge && x < 1 - edge;
    case Shape::logarithm:
      x = y <= width_ ? y * cut_ / width_ : (1 - std::log(y) / log_width_) * (1 - cut_) + cut_;
      return true;
    case Shape::power: x = y < width_ ? y : 1 - std::pow((y - shift_) / scale_, 1 / (pole_ + 1)) + width_; return true;
    case Shape::other: break;
  }
  return false;
}

}  // namespace meb::glue
