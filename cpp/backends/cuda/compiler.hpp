// Compiles the device's source when it is needed, and keeps the result in a folder.
#pragma once

#include <string>
#include <vector>

namespace meb::cuda {

struct KernelRequest;  // device.hpp
std::string kernel_file(const KernelRequest& request);
const char* kernel_name(const KernelRequest& request);
std::vector<std::string> kernel_options(const KernelRequest& request);

// file: one of the embedded *.cu; generated: content of "generated.cuh", which it may include;
// architecture: "sm_90". Looks for a kept result first.
// folder: where results are kept, kernel_folder() if empty. Throws Error(Status::unsupported)
// where there is neither a kept result nor NVRTC, Error(Status::internal) if it does not compile.
std::vector<char> compile(const std::string& file, const std::string& generated,
                          const std::vector<std::string>& options, const std::string& architecture,
                          std::string folder = "");

// MEBRIDGE_CUDA_CACHE, else cuda/ in $XDG_CACHE_HOME/mebridge or ~/.cache/mebridge; empty if there is none.
std::string kernel_folder();

}  // namespace meb::cuda
