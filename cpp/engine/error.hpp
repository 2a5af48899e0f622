// Exceptions of the engine; the C ABI turns them into status and message.
#pragma once

#include <stdexcept>
#include <string>

namespace meb {

// Values are those of meb_status.
enum class Status {
  argument = 1,
  file = 2,
  program = 3,
  unsupported = 4,
  memory = 5,
  state = 6,
  internal = 7,
  device = 8
};

class Error : public std::runtime_error {
public:
  Error(Status status, const std::string& message) : std::runtime_error(message), status_(status) {}
  Status status() const noexcept { return status_; }

private:
  Status status_;
};

}  // namespace meb
