#include "engine/plugin.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <cstring>

#include "engine/program.hpp"

namespace meb {
namespace {

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

// Folder of the library this code is in, empty if it is not known.
std::string own_folder() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&own_folder), &info) == 0 || !info.dli_fname) return {};
  return folder_of(info.dli_fname);
}

// The names in a message: "VVS3_3 VVS>S 1 wave 5a..." is VVS3_3 for the reader.
std::string routine_of(const std::string& function) { return function.substr(0, function.find(' ')); }

}  // namespace

Plugin::Plugin(const std::string& path) : path_(path) {
  // Without a slash the loader would search elsewhere.
  const std::string named = path.find('/') == std::string::npos ? "./" + path : path;
  library_ = dlopen(named.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library_) throw Error(Status::file, std::string("cannot load the plug-in: ") + dlerror());
  table_ = static_cast<const meb_plugin_table*>(dlsym(library_, MEB_PLUGIN_SYMBOL));
  const bool known = table_ && std::memcmp(table_->magic, MEB_PLUGIN_MAGIC, sizeof table_->magic) == 0;
  if (known && table_->version == MEB_PLUGIN_VERSION && table_->size_of_call == sizeof(meb_plugin_call)) return;
  dlclose(library_);
  const char* problem = known ? "of another version of mebridge: run 'mebridge inject' again" : "not one of mebridge";
  throw Error(Status::unsupported, path + ": the plug-in is " + problem);
}

Plugin::~Plugin() { dlclose(library_); }

std::uint32_t Plugin::number(std::string_view function) const {
  std::uint32_t n = 0;
  while (n < table_->n_function && table_->name[n] != function) ++n;
  return n;
}

bool Plugin::has_function(std::string_view name) const { return number(name) < table_->n_function; }

const meb_plugin_mode* Plugin::mode(std::string_view name) const {
  for (std::uint32_t n = 0; n < table_->n_mode; ++n)
    if (table_->mode[n]->name == name) return table_->mode[n];
  return nullptr;
}

std::vector<meb_plugin_function> Plugin::functions(const meb_plugin_mode& mode, const Program& program,
                                                   Precision precision) const {
  const auto* all = precision == Precision::single ? mode.function_single : mode.function_double;
  std::vector<meb_plugin_function> result;
  for (const auto& f : program.custom_functions) result.push_back(all[number(f.name)]);
  return result;
}

std::shared_ptr<const Program> with_plugin(std::shared_ptr<const Program> program, const std::string& path) {
  auto plugin = std::make_shared<const Plugin>(path);
  for (const auto& f : program->custom_functions)
    if (!plugin->has_function(f.name))
      throw Error(Status::argument, path + ": made for another Program: there is no " + routine_of(f.name) +
                                        " as this one needs it; run 'mebridge inject' again");
  auto made = std::make_shared<Program>(*program);
  made->plugin = std::move(plugin);
  made->plugin_problem.clear();
  return made;
}

std::shared_ptr<const Program> find_plugin(std::shared_ptr<const Program> program, const std::string& program_path) {
  if (program->custom_functions.empty()) return program;
  const std::string folder = folder_of(program_path), own = own_folder();
  std::string problem = std::string("there is no ") + plugin_file + " beside it";
  for (const auto& place : {folder, folder + "/../../lib", own}) {
    const std::string path = place + "/" + plugin_file;
    if (place.empty() || access(path.c_str(), F_OK) != 0) continue;
    try {
      return with_plugin(program, path);
    } catch (const Error& error) {
      problem = error.what();
    }
  }
  auto made = std::make_shared<Program>(*program);
  made->plugin_problem = problem;
  return made;
}

void require_plugin(const Program& program) {
  if (program.custom_functions.empty() || program.plugin) return;
  std::string names;
  for (const auto& f : program.custom_functions) names += (names.empty() ? "" : ", ") + routine_of(f.name);
  const bool sought = !program.plugin_problem.empty();
  throw Error(Status::state, "the Program needs a plug-in with " + names + "; " +
                                 (sought ? program.plugin_problem : "call meb_program_set_plugin"));
}

}  // namespace meb
