// The object behind a meb_program handle.
#pragma once

#include <memory>

#include "engine/program.hpp"
#include "mebridge/program.h"

struct meb_program_t {
  std::shared_ptr<const meb::Program> program;
};
