// The C interface of Programs.
#include "program.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "backends/cuda/engine.hpp"
#include "engine/engine.hpp"
#include "engine/plugin.hpp"
#include "guard.hpp"
#include "handle.hpp"

namespace {

using meb::Error;
using meb::Status;

// A Program takes a few hundred kB; a file beyond this is something else.
constexpr std::size_t max_file_size = std::size_t{1} << 28;

std::vector<std::byte> read_file(const char* path) {
  const auto fail = [&](const std::string& reason) {
    throw Error(Status::file, "cannot read '" + std::string(path) + "': " + reason);
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "rb"), std::fclose);
  if (file == nullptr) fail(std::strerror(errno));
  std::vector<std::byte> bytes;
  std::vector<std::byte> chunk(1 << 16);
  while (const std::size_t n_read = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
    bytes.insert(bytes.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(n_read));
    if (bytes.size() > max_file_size) fail("too large for a Program");
  }
  if (std::ferror(file.get()) != 0) fail(std::strerror(errno));
  return bytes;
}

meb_program make_handle(std::shared_ptr<const meb::Program> program) {
  auto object = std::make_unique<meb_program_t>();
  object->program = std::move(program);
  return meb::abi::registry<meb_program_t>().add(std::move(object));
}

std::size_t size_of(const meb::Program& program, int key) {
  switch (key) {
    case MEB_SIZE_LEG: return program.n_leg;
    case MEB_SIZE_HELICITY: return program.n_helicity;
    case MEB_SIZE_COLOR_FLOW: return program.n_flow;
    case MEB_SIZE_DIAGRAM: return program.n_diagram;
    case MEB_SIZE_CONFIG: return program.n_config;
    case MEB_SIZE_PARAMETER: return program.parameters.size();
    case MEB_SIZE_COUPLING: return program.couplings.size();
    case MEB_SIZE_RUNNING_COUPLING: return program.running_couplings.size();
    case MEB_SIZE_CUSTOM_FUNCTION: return program.custom_functions.size();
    default: throw Error(Status::argument, "key: " + std::to_string(key) + " is not a meb_size");
  }
}

std::span<const std::string> names_of(const meb::Program& program, int list) {
  switch (list) {
    case MEB_NAME_PROCESS: return {&program.process, 1};
    case MEB_NAME_PARAMETER: return program.parameters;
    case MEB_NAME_COUPLING: return program.couplings;
    case MEB_NAME_RUNNING_COUPLING: return program.running_couplings;
    case MEB_NAME_DIGEST: return {&program.digest, 1};
    default: throw Error(Status::argument, "list: " + std::to_string(list) + " is not a meb_name");
  }
}

}  // namespace

using namespace meb::abi;

extern "C" meb_status meb_program_new_from_file(meb_error error, const char* path, meb_program* program) {
  return guard(error, [&] {
    require(program, "program");
    *program = nullptr;
    require(path, "path");
    try {
      *program = make_handle(meb::find_plugin(meb::load_program(read_file(path)), path));
    } catch (const Error& exception) {
      if (exception.status() != Status::program) throw;
      throw Error(Status::program, std::string(path) + ": " + exception.what());
    }
  });
}

extern "C" meb_status meb_program_new_from_memory(meb_error error, const void* data, size_t size,
                                                  meb_program* program) {
  return guard(error, [&] {
    require(program, "program");
    *program = nullptr;
    require(data, "data");
    *program = make_handle(meb::load_program({static_cast<const std::byte*>(data), size}));
  });
}

extern "C" meb_status meb_program_set_plugin(meb_error error, meb_program program, const char* path) {
  return guard(error, [&] {
    auto& object = live(program, "program");
    require(path, "path");
    object.program = meb::with_plugin(object.program, path);
  });
}

extern "C" void meb_program_delete(meb_program* program) {
  guard(nullptr, [&] {
    if (program == nullptr) return;
    registry<meb_program_t>().remove(*program);
    *program = nullptr;
  });
}

extern "C" meb_status meb_program_get_size(meb_error error, meb_program program, meb_size key, size_t* value) {
  return guard(error, [&] {
    require(value, "value");
    *value = size_of(*live(program, "program").program, number_of(key));
  });
}

extern "C" meb_status meb_program_get_name(meb_error error, meb_program program, meb_name list, size_t index,
                                           char* buffer, size_t capacity, size_t* size) {
  return guard(error, [&] {
    const meb::Program& object = *live(program, "program").program;
    const int key = number_of(list);
    const bool custom = key == MEB_NAME_CUSTOM_FUNCTION;
    const auto names = custom ? std::span<const std::string>() : names_of(object, key);
    const std::size_t n_name = custom ? object.custom_functions.size() : names.size();
    if (index >= n_name)
      throw Error(Status::argument, "index: expected less than " + std::to_string(n_name) + ", got " +
                                        std::to_string(index));
    const std::size_t needed =
        copy_text(custom ? object.custom_functions[index].name : names[index], buffer, capacity);
    if (size != nullptr) *size = needed;
  });
}

extern "C" meb_status meb_program_get_helicities(meb_error error, meb_program program, int32_t* helicity,
                                                 size_t capacity) {
  return guard(error, [&] {
    const auto& values = live(program, "program").program->helicities;
    require(helicity, "helicity");
    if (capacity < values.size())
      throw Error(Status::argument, "helicity: expected room for " + std::to_string(values.size()) +
                                        " elements, got " + std::to_string(capacity));
    std::copy(values.begin(), values.end(), helicity);
  });
}

extern "C" meb_status meb_program_compile_cuda(meb_error error, meb_program program, meb_precision precision,
                                               const char* architecture, const char* folder) {
  return guard(error, [&] {
    const auto& object = *live(program, "program").program;
    require(architecture, "architecture");
    require(folder, "folder");
    const int number = number_of(precision);
    if (number < MEB_PRECISION_DOUBLE || number > MEB_PRECISION_MIXED)
      throw Error(Status::argument, "precision: " + std::to_string(number) + " is not a meb_precision");
    meb::cuda::compile_program(std::make_shared<const meb::Program>(object), static_cast<meb::Precision>(number),
                               architecture, folder);
  });
}
