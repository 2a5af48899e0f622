// Shared libraries with the Lorentz functions that a Program needs and this library does not
// hold (plugin/interface.h).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.hpp"
#include "plugin/interface.h"

namespace meb {

// Where a plug-in lies, relative to the Program file or to this library.
inline constexpr const char* plugin_file = "mebridge_plugin.so";

class Plugin {
public:
  // Throws Error(Status::file) if it cannot be loaded, Error(Status::unsupported) if it is of
  // another version.
  explicit Plugin(const std::string& path);
  ~Plugin();
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  const std::string& path() const { return path_; }
  bool has_function(std::string_view name) const;
  // Null if it was compiled without this mode.
  const meb_plugin_mode* mode(std::string_view name) const;
  // Of one mode, in the Program's order.
  std::vector<meb_plugin_function> functions(const meb_plugin_mode& mode, const Program& program,
                                             Precision precision) const;

private:
  std::uint32_t number(std::string_view function) const;

  std::string path_;
  void* library_;
  const meb_plugin_table* table_;
};

// The Program with a plug-in; throws Error if it cannot be loaded or lacks a function.
std::shared_ptr<const Program> with_plugin(std::shared_ptr<const Program> program, const std::string& path);

// The Program with the plug-in found in the folder of its file, in lib of a MadEvent directory,
// or beside this library. Where there is none Program::plugin_problem says why; it needs none
// without custom functions.
std::shared_ptr<const Program> find_plugin(std::shared_ptr<const Program> program, const std::string& program_path);

// Throws Error(Status::state) if the Program needs a plug-in and has none.
void require_plugin(const Program& program);

}  // namespace meb
