// Files and programs, as far as the cache needs them. Unless it says otherwise an error is a
// `Plain`: the compilation is then left to the compiler alone.
#ifndef MEB_COMPILE_CACHE_FILES_HPP
#define MEB_COMPILE_CACHE_FILES_HPP

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meb::compile_cache {

// Why a compilation does not go through the cache.
struct Plain {
  std::string reason;
};

// What there is at a path: an empty optional if there is nothing. Raises Plain if it cannot be
// read or is not a regular file.
std::optional<std::string> read_if_there(const std::string& path);
std::string read_file(const std::string& path);

// Writes all of it or nothing. False if that fails.
bool write_file(const std::string& path, std::string_view data, mode_t mode);
bool is_folder(const std::string& path);
// Like mkdir -p, for the user alone. False if that fails.
bool make_folders(const std::string& path);
// Size and time of last change of what a program is, as a text; empty if it is not there. A name
// without a slash is looked for in PATH.
std::string stamp_of_program(const std::string& name);

struct Output {
  int status = 0;  // exit status, or -1 if it did not end by itself
  std::string out, err;
};

// Runs a program, its arguments after its name, and keeps what it says.
Output run(const std::vector<std::string>& command);
// Becomes that program. Returns only if it cannot be started.
void become(const std::vector<std::string>& command);

}  // namespace meb::compile_cache
#endif
