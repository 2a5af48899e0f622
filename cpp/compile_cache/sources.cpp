#include "compile_cache/sources.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "compile_cache/files.hpp"

namespace meb::compile_cache {
namespace {

using std::string_view;

// Lines can be cut at 72 columns, and a tab stand for six.
constexpr std::size_t N_SURE = 66;

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool starts_with(string_view text, string_view start) { return text.substr(0, start.size()) == start; }

// The name in `include 'name'`: gfortran takes no notice of blanks within the word.
std::optional<std::string> included_name(string_view line) {
  std::size_t i = 0;
  const auto skip = [&] {
    while (i < line.size() && is_blank(line[i])) ++i;
  };
  for (const char c : string_view("include")) {
    skip();
    if (i == line.size() || lower(line[i]) != c) return std::nullopt;
    ++i;
  }
  skip();
  if (i == line.size() || (line[i] != '\'' && line[i] != '"')) return std::nullopt;
  const std::size_t begin = i + 1, end = line.find(line[i], begin);
  if (end == string_view::npos) throw Plain{"an INCLUDE that is not understood"};
  i = end + 1;
  skip();
  if (i < line.size() && line[i] != '!') throw Plain{"an INCLUDE that is not understood"};
  return std::string(line.substr(begin, end - begin));
}

Statement squeeze(string_view line, std::size_t first, std::size_t last) {
  Statement statement;
  for (std::size_t i = first; i < last && line[i] != '!'; ++i) {
    const bool is_label = statement.text.empty() && is_digit(line[i]);
    if (!is_blank(line[i]) && !is_label) statement.text += lower(line[i]);
    if (i < N_SURE) statement.n_sure = statement.text.size();
  }
  if (line.size() <= N_SURE) statement.n_sure = statement.text.size() + 1;
  return statement;
}

// The name that begins at `i`; empty if none does. Raises Plain if it may go on elsewhere.
std::string name_at(const Statement& statement, std::size_t i, bool is_continued) {
  const std::string& text = statement.text;
  std::size_t end = i;
  while (end < text.size() && is_name(text[end])) ++end;
  const bool is_open = end == text.size() || text[end] == '&';
  if ((is_open && is_continued) || (end < text.size() && text[end] == '&') || end >= statement.n_sure)
    throw Plain{"a USE or MODULE that is not understood"};
  if (i == end || !is_letter(text[i])) return {};
  return text.substr(i, end - i);
}

// The module in a USE statement; empty if it is none.
std::string used_module(const Statement& statement, bool is_continued) {
  const string_view text = statement.text;
  std::size_t i = 3;
  for (const string_view nature : {",intrinsic", ",non_intrinsic"}) {
    if (starts_with(text.substr(i), nature)) {
      i += nature.size();
      break;
    }
  }
  if (starts_with(text.substr(i), "::")) i += 2;
  if (is_continued && (i == text.size() || text[i] == ',' || text[i] == ':' || text[i] == '&'))
    throw Plain{"a USE that is not understood"};
  const std::string name = name_at(statement, i, is_continued);
  const std::size_t end = i + name.size();
  return end == text.size() || text[end] == ',' ? name : std::string();  // not `used(1) = ...`
}

// Whether it may be the first part of a word that the next line completes.
bool is_cut_word(string_view text) {
  if (!text.empty() && text.back() == '&') text.remove_suffix(1);
  for (const string_view word : {"use", "module", "submodule"}) {
    if (!text.empty() && text.size() <= word.size() && starts_with(word, text)) return true;
  }
  return false;
}

// A comment that is code with OpenMP: without what makes it a comment.
std::string without_sentinel(string_view line) {
  const std::size_t i = std::min(line.find_first_not_of(" \t"), line.size());
  std::string result(line);
  if (i + 1 < line.size() && line[i + 1] == '$' && string_view("!cC*").find(line[i]) != string_view::npos)
    result[i] = result[i + 1] = ' ';
  return result;
}

// Whether a line of free form may be continued by the next one.
bool may_go_on(string_view line) {
  for (std::size_t i = line.find('&'); i != string_view::npos; i = line.find('&', i + 1)) {
    const std::size_t next = line.find_first_not_of(" \t", i + 1);
    if (next == string_view::npos || line[next] == '!') return true;
  }
  return false;
}

bool is_comment(string_view line, bool is_fixed_form) {
  const std::size_t i = line.find_first_not_of(" \t");
  if (i == string_view::npos || line[i] == '!' || line[0] == '#') return true;
  return is_fixed_form && string_view("cC*").find(line[0]) != string_view::npos;
}

bool continues_fixed_form(string_view line) {
  const std::size_t tab = line.find('\t');
  if (tab != string_view::npos && tab < 6) return tab + 1 < line.size() && is_digit(line[tab + 1]);
  return line.size() > 5 && line.find_first_not_of(' ') >= 5 && line[5] != ' ' && line[5] != '0';
}

std::vector<std::string> lines_of(string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    line.erase(std::remove_if(line.begin(), line.end(), [](char c) { return c == '\r' || c == '\0'; }), line.end());
    lines.push_back(without_sentinel(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

Sources::Sources(const Arguments& arguments) : arguments_(arguments) {
  const std::size_t slash = arguments.source.find_last_of('/');
  include_folders_.push_back(slash == std::string::npos ? "."
                                                        : arguments.source.substr(0, std::max<std::size_t>(slash, 1)));
  for (const std::string& folder : arguments.folders) {
    const std::size_t first = folder.find_first_not_of(" \t");
    if (first != 0) throw Plain{"an include folder with blanks"};
    include_folders_.push_back(folder);
  }
  module_folders_ = include_folders_;
  module_folders_.insert(module_folders_.begin(), ".");
}

void Sources::add_to(Hash& hash) {
  const std::string source = read_file(arguments_.source);
  hash.add("source " + hash_of(source));
  // Missing ones are warned of.
  for (const std::string& folder : arguments_.folders) hash.add(is_folder(folder) ? "folder" : "no folder");
  std::string preprocessed;
  if (arguments_.is_preprocessed) {
    std::vector<std::string> command = {arguments_.compiler, "-E"};
    command.insert(command.end(), arguments_.options.begin(), arguments_.options.end());
    Output output = run(command);
    if (output.status != 0) throw Plain{"it cannot be preprocessed"};
    preprocessed = std::move(output.out);
    hash.add("preprocessed " + hash_of(preprocessed) + hash_of(output.err));
    if (preprocessed.find(".incbin") != std::string::npos) throw Plain{"a file is included by the assembler"};
  }
  if (arguments_.is_fortran) scan(arguments_.is_preprocessed ? preprocessed : source, hash);
}

void Sources::scan(string_view text, Hash& hash) {
  for (const string_view mark : {"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"}) {
    if (starts_with(text, mark)) throw Plain{"a byte order mark"};
  }
  const std::vector<std::string> lines = lines_of(text);
  const bool is_fixed = arguments_.is_fixed_form;
  std::size_t next = 0;  // the next line that is no comment
  bool goes_on = false;  // the last one may go on in this one
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (const std::optional<std::string> name = included_name(lines[i])) {
      follow_include(*name, hash);
      continue;
    }
    if (is_comment(lines[i], is_fixed)) continue;
    for (next = std::max(next, i + 1); next < lines.size() && is_comment(lines[next], is_fixed);) ++next;
    Place place;
    place.begins = is_fixed ? !continues_fixed_form(lines[i]) : !goes_on;
    place.goes_on = is_fixed && next < lines.size() && continues_fixed_form(lines[next]);
    scan_statements(lines[i], place, hash);
    goes_on = may_go_on(lines[i]);
  }
}

void Sources::scan_statements(string_view line, Place place, Hash& hash) {
  for (std::size_t first = 0; first <= line.size();) {
    const std::size_t last = std::min(line.find(';', first), line.size());
    const std::size_t start = line.find_first_not_of(" \t0123456789", first);
    if (start < last && string_view("uUmMsS").find(line[start]) != string_view::npos) {
      const Statement statement = squeeze(line, first, last);
      const bool goes_on = (place.goes_on && last == line.size()) || statement.text.find('&') != std::string::npos;
      scan_statement(statement, goes_on, place.begins && first == 0, hash);
    }
    first = last + 1;
  }
}

void Sources::scan_statement(const Statement& statement, bool goes_on, bool is_sure, Hash& hash) {
  const string_view text = statement.text;
  if (goes_on && is_cut_word(text)) throw Plain{"a USE or MODULE that is not understood"};
  if (starts_with(text, "submodule(")) throw Plain{"a submodule"};
  if (starts_with(text, "use")) {
    if (const std::string name = used_module(statement, goes_on); !name.empty()) follow_module(name, hash);
  } else if (starts_with(text, "module")) {
    const std::string name = name_at(statement, 6, goes_on);
    if (name.empty() || 6 + name.size() != text.size()) return;
    is_sure = is_sure && !starts_with(name, "procedure") && !starts_with(name, "subroutine");
    (is_sure ? defined_ : perhaps_defined_).insert(name);
  }
}

void Sources::follow_include(const std::string& name, Hash& hash) {
  if (!included_.insert(name).second) return;
  const bool is_absolute = starts_with(name, "/");
  hash.add("include ");
  const std::string text = add_first(name, is_absolute ? std::vector<std::string>{""} : include_folders_, hash);
  scan(text, hash);
}

void Sources::follow_module(const std::string& name, Hash& hash) {
  // One that the source itself has defined is taken from what has just been written.
  if (defined_.count(name) != 0 || !used_.insert(name).second) return;
  hash.add("module ");
  add_first(name + ".mod", module_folders_, hash);
}

std::string Sources::add_first(const std::string& name, const std::vector<std::string>& folders, Hash& hash) {
  hash.add(hash_of(name));
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const std::string path = folders[i].empty() ? name : folders[i] + '/' + name;
    if (const std::optional<std::string> text = read_if_there(path)) {
      hash.add(std::to_string(i) + ' ' + hash_of(*text));
      return *text;
    }
  }
  hash.add("none ");
  return {};
}

}  // namespace meb::compile_cache
