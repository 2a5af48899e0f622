// Engines on a GPU.
#pragma once

#include "engine/engine.hpp"

namespace meb::cuda {

// backend: "cuda", or "cuda_host", the same code on the CPU. Throws Error(Status::unsupported).
std::unique_ptr<Engine> make_engine(std::shared_ptr<const Program> program, std::string_view backend,
                                    Precision precision);

// Of the GPU: multiplications and additions a second outside of the tensor cores; 0: not known.
double peak_rate(Precision precision);

// Compiles the kernels of a Program, all helicities in the sum, for a GPU that need not be here, into a
// folder. Throws Error(Status::unsupported) without NVRTC.
void compile_program(std::shared_ptr<const Program> program, Precision precision, const std::string& architecture,
                     const std::string& folder);

}  // namespace meb::cuda
