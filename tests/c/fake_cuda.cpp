// A CUDA driver and NVRTC without a GPU: memory is the host's, kernels are the block design and phase space as the
// host computes them, and a call that is chosen fails. For tests; the calls are those of backends/cuda/driver.hpp.
//
// FAKE_CUDA_FAIL or fake_cuda_fail: "cuLaunchKernel 3 719": the third call from now returns 719, and so do all calls
// after it (the error is sticky), but for 2, out of memory, which is that of one call.
#define MEB_TARGET cuda_host
#define MEB_WIDTH 0
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "backends/cuda/device/block.cuh"
#include "kernels/rambo.hpp"

namespace {

constexpr int out_of_memory = 2;

struct Fault {
  std::string name;
  int countdown = 0, code = 0, broken = 0;

  void set(const char* text) {
    char buffer[64] = "";
    *this = {};
    if (text && std::sscanf(text, "%63s %d %d", buffer, &countdown, &code) == 3) name = buffer;
  }
  int of(const char* call) {
    if (broken) return broken;
    if (name != call || --countdown != 0) return 0;
    if (code != out_of_memory) broken = code;
    return code;
  }
};

Fault& fault() {
  static Fault one = [] {
    Fault f;
    f.set(std::getenv("FAKE_CUDA_FAIL"));
    return f;
  }();
  return one;
}

long n_allocated = 0;
bool is_reset = false;

// A kernel is its file's name and its options, as text.
struct Module {
  std::string text;
  bool has(const char* part) const { return text.find(part) != std::string::npos; }
};

template <class F>
void run_block(const meb::cuda::Arguments& arguments, unsigned shared) {
  auto* memory = static_cast<unsigned char*>(std::aligned_alloc(64, (shared + 63) / 64 * 64));
  std::memset(memory, 0xff, shared);
  meb::cuda_host::shared_bytes = memory;
  meb::cuda_host::Block<F>(arguments).run();
  std::free(memory);
}

void run(const Module& module, unsigned shared, const void* argument) {
  if (module.has("phase_space.cu")) {
    const auto& batch = *static_cast<const meb::PhaseSpaceBatch*>(argument);
    using B = meb::cuda_host::Bundle<double>;
    for (std::uint64_t i = 0; i < batch.n_event; ++i)
      meb::cuda_host::generate<B, meb::max_outgoing>(batch, i, 1, static_cast<int>(batch.n_outgoing));
    return;
  }
  const auto& arguments = *static_cast<const meb::cuda::Arguments*>(argument);
  module.has("MEB_REAL=float") ? run_block<float>(arguments, shared) : run_block<double>(arguments, shared);
}

}  // namespace

using Handle = void*;
using Address = unsigned long long;
#define CALL(name, ...)                   \
  int name(__VA_ARGS__) {                 \
    const int failed = fault().of(#name); \
    if (failed) return failed;

extern "C" {

void fake_cuda_fail(const char* text) { fault().set(text); }
long fake_cuda_allocated() { return n_allocated; }

// clang-format off
CALL(cuInit, unsigned) return 0; }
CALL(cuDriverGetVersion, int* v) *v = 13000; return 0; }
CALL(cuDeviceGetCount, int* n) *n = 1; return 0; }
CALL(cuDeviceGet, int* device, int number) *device = number; return 0; }
CALL(cuDeviceGetName, char* name, int size, int) std::snprintf(name, static_cast<std::size_t>(size), "Fake"); return 0; }
// sm_90, with one multiprocessor
CALL(cuDeviceGetAttribute, int* value, int what, int)
  *value = what == 75 ? 9 : what == 76 ? 0 : what == 81 ? 228 << 10 : what == 97 ? 227 << 10 : 1;
  return 0;
}
CALL(cuDevicePrimaryCtxRetain, Handle* context, int) *context = &n_allocated; is_reset = false; return 0; }
CALL(cuDevicePrimaryCtxRelease_v2, int) return 0; }
CALL(cuDevicePrimaryCtxReset_v2, int) is_reset = true; return 0; }
CALL(cuDevicePrimaryCtxGetState, int, unsigned*, int* active) *active = !is_reset; return 0; }
CALL(cuCtxPushCurrent_v2, Handle) return 0; }
CALL(cuCtxPopCurrent_v2, Handle*) return 0; }
CALL(cuModuleLoadData, Handle* module, const void* image) *module = new Module{static_cast<const char*>(image)}; return 0; }
CALL(cuModuleUnload, Handle module) delete static_cast<Module*>(module); return 0; }
CALL(cuModuleGetFunction, Handle* function, Handle module, const char*) *function = module; return 0; }
CALL(cuFuncGetAttribute, int* value, int, Handle) *value = 0; return 0; }
CALL(cuFuncSetAttribute, Handle, int, int) return 0; }
CALL(cuOccupancyMaxActiveBlocksPerMultiprocessor, int* n, Handle, int, std::size_t) *n = 1; return 0; }
CALL(cuLaunchKernel, Handle function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned shared, Handle,
     void** parameters, void**)
  run(*static_cast<const Module*>(function), shared, parameters[0]);
  return 0;
}
CALL(cuMemGetInfo_v2, std::size_t* free, std::size_t* total) *free = *total = 1 << 30; return 0; }
CALL(cuMemAlloc_v2, Address* memory, std::size_t bytes)
  *memory = reinterpret_cast<Address>(std::malloc(bytes));
  ++n_allocated;
  return 0;
}
CALL(cuMemFree_v2, Address memory) std::free(reinterpret_cast<void*>(memory)); --n_allocated; return 0; }
CALL(cuMemAllocHost_v2, void** memory, std::size_t bytes) *memory = std::malloc(bytes); ++n_allocated; return 0; }
CALL(cuMemFreeHost, void* memory) std::free(memory); --n_allocated; return 0; }
CALL(cuMemcpyHtoDAsync_v2, Address to, const void* from, std::size_t bytes, Handle)
  std::memcpy(reinterpret_cast<void*>(to), from, bytes);
  return 0;
}
CALL(cuMemcpyDtoHAsync_v2, void* to, Address from, std::size_t bytes, Handle)
  std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
  return 0;
}
CALL(cuMemsetD8Async, Address to, unsigned char value, std::size_t bytes, Handle)
  std::memset(reinterpret_cast<void*>(to), value, bytes);
  return 0;
}
CALL(cuStreamCreate, Handle* stream, unsigned) *stream = &n_allocated; return 0; }
CALL(cuStreamDestroy_v2, Handle) if (is_reset) std::abort(); return 0; }
CALL(cuStreamSynchronize, Handle) return 0; }
int cuGetErrorString(int code, const char** text) {
  static std::string name;
  name = "fake error " + std::to_string(code);
  *text = name.c_str();
  return 0;
}

CALL(nvrtcVersion, int* major, int* minor) *major = 13; *minor = 0; return 0; }
CALL(nvrtcCreateProgram, Handle* program, const char*, const char* name, int, const char* const*, const char* const*)
  *program = new Module{name};
  return 0;
}
CALL(nvrtcDestroyProgram, Handle* program) delete static_cast<Module*>(*program); return 0; }
CALL(nvrtcCompileProgram, Handle program, int n, const char* const* options)
  for (int i = 0; i < n; ++i) static_cast<Module*>(program)->text += std::string(" ") + options[i];
  return 0;
}
CALL(nvrtcGetCUBINSize, Handle program, std::size_t* size) *size = static_cast<Module*>(program)->text.size() + 1; return 0; }
CALL(nvrtcGetCUBIN, Handle program, char* text) std::strcpy(text, static_cast<Module*>(program)->text.c_str()); return 0; }
CALL(nvrtcGetProgramLogSize, Handle, std::size_t* size) *size = 16; return 0; }
CALL(nvrtcGetProgramLog, Handle, char* text) std::strcpy(text, "the fake's log"); return 0; }
const char* nvrtcGetErrorString(int) { return "fake error of NVRTC"; }
// clang-format on
}
