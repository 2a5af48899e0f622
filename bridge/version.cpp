// What this build and this machine can do.
#include <algorithm>
#include <string>

#include "engine/engine.hpp"
#include "guard.hpp"

using namespace meb::abi;

extern "C" int32_t meb_abi_version(void) { return MEB_ABI_VERSION; }

extern "C" int32_t meb_has_feature(const char* name) {
  return guard_value<int32_t>(0, [&] {
    if (name == nullptr) return 0;
    if (std::string(name) == "cuda") return meb::has_cuda() ? 1 : 0;
    const auto names = meb::modes();
    return std::find(names.begin(), names.end(), name) != names.end() ? 1 : 0;
  });
}

extern "C" size_t meb_get_modes(char* buffer, size_t capacity) {
  return guard_value<size_t>(0, [&] {
    std::string joined;
    for (const auto& name : meb::modes()) joined += (joined.empty() ? "" : " ") + name;
    return copy_text(joined, buffer, capacity);
  });
}
