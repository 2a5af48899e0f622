// What a compiler is asked to do, where that is one of the forms that are understood.
#ifndef MEB_COMPILE_CACHE_ARGUMENTS_HPP
#define MEB_COMPILE_CACHE_ARGUMENTS_HPP

#include <string>
#include <vector>

namespace meb::compile_cache {

struct Arguments {
  std::string compiler;
  // All of them but -c and the output.
  std::vector<std::string> options;
  std::string source;
  std::string output;
  // -I, in their order. Fortran only.
  std::vector<std::string> folders;
  bool is_fortran = false;
  bool is_fixed_form = false;
  // By the C preprocessor: all of C and C++.
  bool is_preprocessed = false;
};

// `command`: compiler and arguments. Raises Plain unless one source is compiled into an object, by
// GNU compilers and with options that read and write no other files.
Arguments understand(const std::vector<std::string>& command);

}  // namespace meb::compile_cache
#endif
