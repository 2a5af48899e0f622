// What the result of a compilation depends on besides its arguments and sources.
#ifndef MEB_COMPILE_CACHE_COMPILER_HPP
#define MEB_COMPILE_CACHE_COMPILER_HPP

#include "compile_cache/arguments.hpp"
#include "compile_cache/hash.hpp"

namespace meb::compile_cache {

// Adds the compiler: what it says that it would run (-###: version, target, and all arguments in
// full, -march=native included), size and time of the programs named there, and the file of vector
// functions that gfortran reads unasked. Raises Plain if it is no GNU compiler.
void add_compiler(const Arguments& arguments, Hash& hash);

// Adds the variables that change where it looks for headers and what it says.
void add_environment(Hash& hash);

}  // namespace meb::compile_cache
#endif
