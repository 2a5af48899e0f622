// The CPU at first; a GPU as soon as it may pay, for the batches for which it is measured to be faster.
#pragma once

#include <functional>

#include "engine/engine.hpp"

namespace meb {

struct AdaptiveChoice {
  std::function<std::unique_ptr<Engine>()> make_gpu;  // throws Error where there is none
  std::function<double()> seconds;                    // a clock
  // Starting a GPU takes 0.5 s, compiling its kernels for the first time 2 to 6 s: it is started when matrix elements
  // have taken about as long as that, so that a job takes little more than twice its time at worst, and a short job no
  // longer than without.
  double patience = 4;
};

// backend() is that of the engine in use. Should the GPU fail, the CPU computes that batch and all later ones;
// description() says why.
std::unique_ptr<Engine> make_adaptive_engine(std::unique_ptr<Engine> cpu, AdaptiveChoice choice);

}  // namespace meb
