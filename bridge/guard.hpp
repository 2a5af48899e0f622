// The one way out of the library: each extern "C" body runs inside guard().
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include "engine/error.hpp"
#include "mebridge/types.h"

namespace meb::abi {

// To be called while an exception is handled: stores its message, returns its status.
meb_status report(meb_error error) noexcept;

template <class Body>
meb_status guard(meb_error error, Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
    return MEB_SUCCESS;
  } catch (...) {
    return report(error);
  }
}

// For functions that return a plain value: `failure` if the body throws.
template <class Value, class Body>
Value guard_value(Value failure, Body&& body) noexcept {
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    return failure;
  }
}

// Throws Error(Status::argument) if the pointer is NULL.
void require(const void* pointer, const char* name);

// The number of a C enum, which a caller may have set to anything: it is read as bytes because
// a C++ enum object outside its range is undefined.
template <class Enum>
int number_of(const Enum& key) noexcept {
  static_assert(sizeof(Enum) == sizeof(int));
  int number;
  std::memcpy(&number, &key, sizeof number);
  return number;
}

// Copies text, cut to fit, with its final NUL; returns the size of the whole, NUL included.
std::size_t copy_text(std::string_view text, char* buffer, std::size_t capacity) noexcept;

}  // namespace meb::abi
