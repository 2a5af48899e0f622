// The loops over helicity states of a Plan's steps, without what vanishes by chirality.
//
// A massless fermion's spinor fills one half of its four components, and vertices and propagators
// carry halves to halves. Only these halves are computed, stored and read.
#pragma once

#include "engine/plan.hpp"

namespace meb {

// Finds Plan::halves, Plan::loops and Plan::loop_indices. The steps are known.
void make_loops(Plan& plan);

}  // namespace meb
