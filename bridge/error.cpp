// Error handles, and the translation of exceptions to status and message.
#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>

#include "guard.hpp"
#include "handle.hpp"

struct meb_error_t {
  std::string message;
};

namespace meb::abi {
namespace {

static_assert(static_cast<int>(Status::argument) == MEB_ERROR_ARGUMENT);
static_assert(static_cast<int>(Status::file) == MEB_ERROR_FILE);
static_assert(static_cast<int>(Status::program) == MEB_ERROR_PROGRAM);
static_assert(static_cast<int>(Status::unsupported) == MEB_ERROR_UNSUPPORTED);
static_assert(static_cast<int>(Status::memory) == MEB_ERROR_MEMORY);
static_assert(static_cast<int>(Status::state) == MEB_ERROR_STATE);
static_assert(static_cast<int>(Status::internal) == MEB_ERROR_INTERNAL);
static_assert(static_cast<int>(Status::device) == MEB_ERROR_DEVICE);

// An error handle that is not live is treated as absent: the status still tells.
void store(meb_error error, const char* message) noexcept {
  try {
    if (meb_error_t* object = registry<meb_error_t>().find(error)) object->message = message;
  } catch (...) {  // no memory for the message: the status still tells
  }
}

}  // namespace

meb_status report(meb_error error) noexcept {
  try {
    throw;
  } catch (const Error& exception) {
    store(error, exception.what());
    return static_cast<meb_status>(exception.status());
  } catch (const std::bad_alloc&) {
    store(error, "out of memory");
    return MEB_ERROR_MEMORY;
  } catch (const std::length_error&) {  // a container asked for more than can exist
    store(error, "out of memory");
    return MEB_ERROR_MEMORY;
  } catch (const std::exception& exception) {
    store(error, exception.what());
    return MEB_ERROR_INTERNAL;
  } catch (...) {
    store(error, "unknown exception");
    return MEB_ERROR_INTERNAL;
  }
}

void require(const void* pointer, const char* name) {
  if (pointer == nullptr) throw Error(Status::argument, std::string(name) + ": the pointer is NULL");
}

std::size_t copy_text(std::string_view text, char* buffer, std::size_t capacity) noexcept {
  if (buffer != nullptr && capacity > 0) {
    const std::size_t n_copied = std::min(text.size(), capacity - 1);
    text.copy(buffer, n_copied);
    buffer[n_copied] = '\0';
  }
  return text.size() + 1;
}

}  // namespace meb::abi

using namespace meb::abi;

extern "C" meb_error meb_error_new(void) {
  return guard_value<meb_error>(nullptr, [] { return registry<meb_error_t>().add(std::make_unique<meb_error_t>()); });
}

extern "C" void meb_error_delete(meb_error* error) {
  guard(nullptr, [&] {
    if (error == nullptr) return;
    registry<meb_error_t>().remove(*error);
    *error = nullptr;
  });
}

extern "C" size_t meb_error_get(meb_error error, char* buffer, size_t capacity) {
  return guard_value<size_t>(1, [&] {
    const meb_error_t* object = registry<meb_error_t>().find(error);
    return copy_text(object == nullptr ? std::string_view() : object->message, buffer, capacity);
  });
}
