// Engines on a GPU.
#pragma once

#include "engine/engine.hpp"

namespace meb::cuda {

// backend: "cuda", or "cuda_host", the same code on the CPU. Throws Error(Status::unsupported).
std::unique_ptr<Engine> make_engine(std::shared_ptr<const Program> program, std::string_view backend,
                                    Precision precision);

}  // namespace meb::cuda
