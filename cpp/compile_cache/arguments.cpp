#include "compile_cache/arguments.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string_view>

#include "compile_cache/files.hpp"

namespace meb::compile_cache {
namespace {

using std::string_view;

// Options that make the compiler read and write no further files; "..." stands for any ending.
constexpr string_view KNOWN[] = {
    "-O...", "-W...", "-w", "-m...", "-std=...", "-pipe", "-pthread", "-pedantic...", "-ansi", "-g0",
    // code
    "-fno-...", "-fPIC", "-fpic", "-fPIE", "-fpie", "-falign-...", "-fcf-protection...", "-fcommon", "-fcx-...",
    "-fdata-sections", "-fexceptions", "-fexcess-precision=...", "-ffast-math", "-ffinite-...", "-ffp-contract=...",
    "-ffunction-sections", "-finline...", "-fmath-errno", "-fmerge-...", "-fomit-frame-pointer", "-fopenmp",
    "-fopenmp-simd", "-freciprocal-math", "-frounding-math", "-fassociative-math", "-fsemantic-interposition",
    "-fsignaling-nans", "-fsigned-zeros", "-fstack-protector...", "-fstrict-...", "-ftrapping-math", "-ftree-...",
    "-funroll-...", "-funsafe-...", "-fvect-...", "-fvisibility...", "-fwrapv",
    // Fortran
    "-cpp", "-nocpp", "-fallow-...", "-fautomatic", "-fbackslash", "-fbacktrace", "-fbounds-check", "-fcheck=...",
    "-fconvert=...", "-fcray-pointer", "-fdefault-...", "-fdollar-ok", "-ffixed-form", "-ffree-form",
    "-ffixed-line-length-...", "-ffree-line-length-...", "-ffpe-...", "-ffrontend-...", "-fimplicit-none", "-finit-...",
    "-fmax-...", "-fprotect-parens", "-frealloc-lhs", "-frecursive", "-fsecond-underscore", "-fsign-zero",
    "-fstack-arrays", "-funderscoring"};
// Handed on to other programs.
constexpr string_view NOT_KNOWN[] = {"-Wa,...", "-Wl,...", "-Wp,..."};

bool fits(string_view text, string_view pattern) {
  if (pattern.substr(pattern.size() - std::min<std::size_t>(3, pattern.size())) != "...") return text == pattern;
  pattern.remove_suffix(3);
  return text.substr(0, pattern.size()) == pattern;
}

template <std::size_t N>
bool is_among(string_view text, const string_view (&patterns)[N]) {
  return std::any_of(patterns, patterns + N, [&](string_view pattern) { return fits(text, pattern); });
}

// x86_64-linux-gnu-gfortran-12.2 is gfortran.
bool is_gnu_compiler(string_view path) {
  string_view name = path.substr(path.find_last_of('/') + 1);
  const std::size_t end = name.find_last_not_of("0123456789.");
  if (end != string_view::npos && end + 1 < name.size() && name[end] == '-') name = name.substr(0, end);
  for (const string_view known : {"gfortran", "g++", "gcc", "c++", "cc"}) {
    if (name == known) return true;
    if (name.size() > known.size() && name.substr(name.size() - known.size()) == known &&
        name[name.size() - known.size() - 1] == '-')
      return true;
  }
  return false;
}

void set_language(Arguments& arguments) {
  const string_view name(arguments.source);
  const std::size_t dot = name.find_last_of('.');
  if (dot == string_view::npos || name.find('/', dot) != string_view::npos) throw Plain{"no source"};
  const string_view ending = name.substr(dot + 1);
  for (const string_view known : {"c", "cc", "cpp", "cxx", "c++", "C", "CPP", "cp"}) {
    if (ending == known) {
      arguments.is_preprocessed = true;
      return;
    }
  }
  std::string lower(ending);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const bool is_fixed = lower == "f" || lower == "for" || lower == "ftn" || lower == "fpp";
  if (!is_fixed && lower != "f90" && lower != "f95" && lower != "f03" && lower != "f08")
    throw Plain{"unknown kind of source"};
  arguments.is_fortran = true;
  arguments.is_fixed_form = is_fixed;
  arguments.is_preprocessed = lower == "fpp" || lower != ending;
  for (const std::string& option : arguments.options) {
    if (option == "-cpp") arguments.is_preprocessed = true;
    if (option == "-nocpp") arguments.is_preprocessed = false;
    if (option == "-ffixed-form") arguments.is_fixed_form = true;
    if (option == "-ffree-form") arguments.is_fixed_form = false;
    for (const string_view length : {"-ffixed-line-length-", "-ffree-line-length-"}) {
      if (string_view(option).substr(0, length.size()) != length) continue;
      const int n = std::atoi(option.c_str() + length.size());
      if (n > 0 && n < 72) throw Plain{"option " + option};  // the scanner relies on 72
    }
  }
}

std::string default_output(const std::string& source) {
  const std::string name = source.substr(source.find_last_of('/') + 1);
  return name.substr(0, name.find_last_of('.')) + ".o";
}

}  // namespace

Arguments understand(const std::vector<std::string>& command) {
  Arguments result;
  result.compiler = command[0];
  if (!is_gnu_compiler(result.compiler)) throw Plain{"not a compiler that is known"};
  bool compiles = false;
  for (std::size_t i = 1; i < command.size(); ++i) {
    const std::string& word = command[i];
    const string_view start = string_view(word).substr(0, 2);
    const bool takes_value = start == "-o" || start == "-I" || start == "-D" || start == "-U";
    if (word == "-c") {
      compiles = true;
    } else if (takes_value) {
      const bool is_apart = word.size() == 2;
      if (is_apart && i + 1 == command.size()) throw Plain{"incomplete arguments"};
      const std::string value = is_apart ? command[i + 1] : word.substr(2);
      if (value.empty() || value == "-") throw Plain{"unknown form of " + word};
      if (start == "-I") result.folders.push_back(value);
      if (start == "-o") {
        result.output = value;
      } else {
        result.options.push_back(word);
        if (is_apart) result.options.push_back(value);
      }
      i += is_apart;
    } else if (word.empty() || word[0] == '@') {
      throw Plain{"unknown form of arguments"};
    } else if (word[0] == '-') {
      if (is_among(word, NOT_KNOWN) || !is_among(word, KNOWN)) throw Plain{"option " + word};
      result.options.push_back(word);
    } else {
      if (!result.source.empty()) throw Plain{"several sources"};
      result.source = word;
      result.options.push_back(word);
    }
  }
  if (!compiles || result.source.empty()) throw Plain{"not a compilation"};
  set_language(result);
  if (result.output.empty()) result.output = default_output(result.source);
  return result;
}

}  // namespace meb::compile_cache
