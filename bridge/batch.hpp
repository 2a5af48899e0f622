// From the keyed arrays of meb_engine_evaluate to the engine's Batch.
#pragma once

#include <cstddef>

#include "engine/engine.hpp"
#include "engine/program.hpp"
#include "mebridge/engine.h"

namespace meb::abi {

// The keyed arrays of one direction, as the caller gave them.
template <class Key, class Pointer>
struct Arrays {
  std::size_t n;
  const Key* key;
  const Pointer* pointer;
  const std::size_t* size;  // in elements
};

using Inputs = Arrays<meb_input, const void*>;
using Outputs = Arrays<meb_output, void*>;

// Checks every array and every integer in them; throws Error(Status::argument) naming the array.
// on_device: the arrays cannot be read here, so that what is in them is not checked.
Batch make_batch(const Program& program, std::size_t n_event, const Inputs& inputs, const Outputs& outputs,
                 bool on_device = false);

}  // namespace meb::abi
