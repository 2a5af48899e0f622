#include "compile_cache/compiler.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "compile_cache/files.hpp"

extern char** environ;

namespace meb::compile_cache {
namespace {

using std::string_view;

bool starts_with(string_view text, string_view start) { return text.substr(0, start.size()) == start; }

// Words of a command as -### prints it, without quotes.
std::vector<std::string> words_of(string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (line.empty()) break;
    const char end_mark = line[0] == '"' ? '"' : ' ';
    if (end_mark == '"') line.remove_prefix(1);
    const std::size_t end = std::min(line.find(end_mark), line.size());
    words.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

void add_command(string_view line, Hash& hash) {
  constexpr string_view READ = "-fpre-include=";
  const std::vector<std::string> words = words_of(line);
  if (words.empty()) return;
  const std::string stamp = stamp_of_program(words[0]);
  if (stamp.empty()) throw Plain{"the compiler runs " + words[0] + ", which is not found"};
  hash.add(stamp);
  for (const std::string& word : words) {
    if (starts_with(word, READ)) hash.add(hash_of(read_file(word.substr(READ.size()))));
  }
}

// Takes out the name of the file for preprocessed Fortran, which -pipe does not avoid: it differs
// from call to call.
void forget_temporary(std::string& text) {
  const std::string start = "-cpp=";
  for (std::size_t i = text.find(start); i != std::string::npos; i = text.find(start, i + start.size())) {
    const char end_mark = i > 0 && text[i - 1] == '"' ? '"' : ' ';
    const std::size_t first = i + start.size(), last = text.find_first_of(std::string("\n") + end_mark, first);
    text.erase(first, last == std::string::npos ? last : last - first);
  }
}

}  // namespace

void add_compiler(const Arguments& arguments, Hash& hash) {
  // -pipe: no temporary files, whose names would differ.
  std::vector<std::string> command = {arguments.compiler, "-###", "-pipe", "-c"};
  command.insert(command.end(), arguments.options.begin(), arguments.options.end());
  Output output = run(command);
  if (output.status != 0 || output.err.find("\ngcc version ") == std::string::npos)
    throw Plain{"not a compiler that is known"};
  forget_temporary(output.err);
  hash.add("compiler " + hash_of(output.err));
  string_view rest = output.err;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (rest[0] == ' ') add_command(rest.substr(0, end), hash);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

void add_environment(Hash& hash) {
  std::vector<std::string> found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const string_view text = *entry;
    const string_view name = text.substr(0, text.find('='));
    if (name == "DEPENDENCIES_OUTPUT" || name == "SUNPRO_DEPENDENCIES") throw Plain{"dependencies are asked for"};
    const bool matters = starts_with(name, "GCC_") || starts_with(name, "LC_") || name == "LANG" ||
                         name == "LANGUAGE" || name == "COLUMNS" || name == "CPATH" || name == "COMPILER_PATH" ||
                         name == "SOURCE_DATE_EPOCH" || name.find("INCLUDE_PATH") != string_view::npos;
    if (matters) found.emplace_back(text);
  }
  std::sort(found.begin(), found.end());
  for (const std::string& text : found) hash.add("variable " + hash_of(text));
}

}  // namespace meb::compile_cache
