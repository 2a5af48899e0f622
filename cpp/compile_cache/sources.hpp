// All that a compilation reads: the source, what it includes, and the modules it uses.
//
// Which files gfortran opens, and where it looks for them, follows its scanner (GCC 12):
// - INCLUDE is a line of its own, never continued (without -fdec-include). It is looked for in the
//   folder of the source, then in those of -I; the working folder and that of the including file do
//   not count.
// - USE m reads m.mod: in the working folder, then in that of the source, then in those of -I. A
//   module contains what it takes from others, so that no further ones are read.
// Too much may be taken for a dependency (text in a string, code that is switched off), nothing
// may be missed: a statement that cannot be read with certainty raises Plain.
#ifndef MEB_COMPILE_CACHE_SOURCES_HPP
#define MEB_COMPILE_CACHE_SOURCES_HPP

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compile_cache/arguments.hpp"
#include "compile_cache/hash.hpp"

namespace meb::compile_cache {

// Part of a line, up to a semicolon: in lower case, without blanks, label and comment.
struct Statement {
  std::string text;
  std::size_t n_sure = 0;  // characters that are in no version of the line cut off
};

class Sources {
public:
  explicit Sources(const Arguments& arguments);

  // Adds everything to `hash`: contents, and where each file was found or that it was not.
  void add_to(Hash& hash);
  // Modules that the source defines, by their names in lower case, and what may be more of them.
  // After add_to.
  const std::set<std::string>& modules() const { return defined_; }
  const std::set<std::string>& perhaps_modules() const { return perhaps_defined_; }

private:
  struct Place {
    bool begins = true;    // a statement begins with the line
    bool goes_on = false;  // the next line continues it
  };
  void scan(std::string_view text, Hash& hash);
  void scan_statements(std::string_view line, Place place, Hash& hash);
  void scan_statement(const Statement& statement, bool goes_on, bool is_sure, Hash& hash);
  void follow_include(const std::string& name, Hash& hash);
  void follow_module(const std::string& name, Hash& hash);
  // Adds the content of the first of these files that is there.
  std::string add_first(const std::string& name, const std::vector<std::string>& folders, Hash& hash);

  const Arguments& arguments_;
  std::vector<std::string> include_folders_;
  std::vector<std::string> module_folders_;
  std::set<std::string> included_, used_, defined_, perhaps_defined_;
};

}  // namespace meb::compile_cache
#endif
