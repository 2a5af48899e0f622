// The thread design: a Plan as straight-line code for one event a thread.
#pragma once

#include <string>

#include "engine/plan.hpp"

namespace meb::cuda {

// Small enough that registers may hold it.
bool may_be_straight(const Plan& plan, unsigned wanted);

// CUDA C++ of a function `straight` that device/thread.cu calls.
std::string straight_source(const Plan& plan, unsigned wanted);

}  // namespace meb::cuda
