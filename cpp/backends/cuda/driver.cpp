#include "backends/cuda/driver.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <vector>

#include "engine/error.hpp"

namespace meb::cuda {
namespace {

void* open_first(const std::vector<std::string>& names) {
  for (const auto& name : names)
    if (void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  return nullptr;
}

template <class Function>
bool bind(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

bool bind_driver(void* library, Driver& d) {
  return bind(library, "cuInit", d.init) && bind(library, "cuDriverGetVersion", d.driver_version) &&
         bind(library, "cuDeviceGetCount", d.device_count) && bind(library, "cuDeviceGet", d.device_get) &&
         bind(library, "cuDeviceGetName", d.device_name) && bind(library, "cuDeviceGetAttribute", d.device_attribute) &&
         bind(library, "cuDevicePrimaryCtxRetain", d.context_retain) &&
         bind(library, "cuDevicePrimaryCtxRelease_v2", d.context_release) &&
         bind(library, "cuDevicePrimaryCtxGetState", d.context_state) &&
         bind(library, "cuCtxPushCurrent_v2", d.context_push) && bind(library, "cuCtxPopCurrent_v2", d.context_pop) &&
         bind(library, "cuModuleLoadData", d.module_load) && bind(library, "cuModuleUnload", d.module_unload) &&
         bind(library, "cuModuleGetFunction", d.module_function) &&
         bind(library, "cuFuncGetAttribute", d.function_attribute) &&
         bind(library, "cuFuncSetAttribute", d.function_set_attribute) &&
         bind(library, "cuOccupancyMaxActiveBlocksPerMultiprocessor", d.occupancy) &&
         bind(library, "cuLaunchKernel", d.launch) && bind(library, "cuMemGetInfo_v2", d.memory_info) &&
         bind(library, "cuMemAlloc_v2", d.allocate) && bind(library, "cuMemFree_v2", d.free) &&
         bind(library, "cuMemAllocHost_v2", d.allocate_host) && bind(library, "cuMemFreeHost", d.free_host) &&
         bind(library, "cuMemcpyHtoDAsync_v2", d.upload) && bind(library, "cuMemcpyDtoHAsync_v2", d.download) &&
         bind(library, "cuMemsetD8Async", d.clear) && bind(library, "cuStreamCreate", d.stream_create) &&
         bind(library, "cuStreamDestroy_v2", d.stream_destroy) &&
         bind(library, "cuStreamSynchronize", d.stream_synchronize) &&
         bind(library, "cuGetErrorString", d.error_string);
}

bool bind_nvrtc(void* library, Nvrtc& n) {
  return bind(library, "nvrtcVersion", n.version) && bind(library, "nvrtcCreateProgram", n.create) &&
         bind(library, "nvrtcDestroyProgram", n.destroy) && bind(library, "nvrtcCompileProgram", n.compile) &&
         bind(library, "nvrtcGetCUBINSize", n.cubin_size) && bind(library, "nvrtcGetCUBIN", n.cubin) &&
         bind(library, "nvrtcGetProgramLogSize", n.log_size) && bind(library, "nvrtcGetProgramLog", n.log) &&
         bind(library, "nvrtcGetErrorString", n.error_string);
}

// Of the library that a function is in.
std::string folder_of(const void* function) {
  Dl_info info{};
  if (!dladdr(function, &info) || !info.dli_fname) return ".";
  const std::string path = info.dli_fname;
  return path.substr(0, path.rfind('/') + 1) + ".";
}

std::vector<std::string> nvrtc_names() {
  std::vector<std::string> names;
  if (const char* path = std::getenv("MEBRIDGE_NVRTC")) names.emplace_back(path);
  const std::vector<std::string> plain = {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"};
  names.insert(names.end(), plain.begin(), plain.end());
  for (const char* variable : {"CUDA_HOME", "CUDA_PATH"})
    if (const char* root = std::getenv(variable))
      for (const auto& name : plain) names.push_back(std::string(root) + "/lib64/" + name);
  for (const auto& name : plain) names.push_back("/usr/local/cuda/lib64/" + name);
  // nvidia-cuda-nvrtc and nvidia-cuda-nvrtc-cu12 in the site-packages where bridge/lib/libmebridge.so is
  const std::string packages = folder_of(reinterpret_cast<const void*>(&nvrtc_names)) + "/../../nvidia/";
  names.push_back(packages + "cu13/lib/libnvrtc.so.13");
  names.push_back(packages + "cuda_nvrtc/lib/libnvrtc.so.12");
  return names;
}

// NVRTC looks for this library on the loader's path alone; it lies beside it.
void open_builtins(const Nvrtc& nvrtc) {
  int major = 0, minor = 0;
  nvrtc.version(&major, &minor);
  const std::string folder = folder_of(reinterpret_cast<const void*>(nvrtc.version));
  dlopen((folder + "/libnvrtc-builtins.so." + std::to_string(major) + "." + std::to_string(minor)).c_str(),
         RTLD_NOW | RTLD_GLOBAL);
}

struct Loaded {
  std::optional<Driver> driver;
  std::string problem;
};

Loaded load_driver() {
  void* library = open_first({"libcuda.so.1", "libcuda.so"});
  if (!library) return {std::nullopt, "there is no NVIDIA driver (libcuda.so.1)"};
  Driver driver{};
  if (!bind_driver(library, driver)) return {std::nullopt, "the NVIDIA driver is too old: CUDA 12 or later is needed"};
  const int result = driver.init(0);
  if (result == 0) return {driver, ""};
  const char* text = nullptr;
  driver.error_string(result, &text);
  return {std::nullopt, std::string("the NVIDIA driver does not start: ") + (text ? text : "unknown error")};
}

}  // namespace

void Driver::check(Result result, const char* what) const {
  if (result == 0) return;
  constexpr Result out_of_memory = 2;
  const char* text = nullptr;
  error_string(result, &text);
  throw Error(result == out_of_memory ? Status::memory : Status::device,
              std::string("GPU: ") + what + ": " + (text ? text : "unknown error"));
}

const Driver& Driver::get() {
  static const Loaded loaded = load_driver();
  if (!loaded.driver) throw Error(Status::unsupported, "backend 'cuda' is not usable here: " + loaded.problem);
  return *loaded.driver;
}

const Nvrtc* Nvrtc::find() {
  static const std::optional<Nvrtc> found = []() -> std::optional<Nvrtc> {
    Nvrtc nvrtc{};
    void* library = open_first(nvrtc_names());
    if (!library || !bind_nvrtc(library, nvrtc)) return std::nullopt;
    open_builtins(nvrtc);
    return nvrtc;
  }();
  return found ? &*found : nullptr;
}

}  // namespace meb::cuda
