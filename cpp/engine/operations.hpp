// How much arithmetic a Plan asks for.
#pragma once

#include "engine/color.hpp"
#include "engine/plan.hpp"

namespace meb {

// Floating-point operations of one event (real additions and multiplications; functions of a plug-in,
// selection and the square roots of external waves are not counted). wanted: bits of `need`.
double count_operations(const Plan& plan, unsigned wanted, const ColorForm& color);

}  // namespace meb
