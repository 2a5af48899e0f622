#include "merged_event.hpp"

#include <charconv>
#include <cmath>

namespace meb::text {
namespace {

constexpr int n_column = 13;  // of a particle
constexpr int n_event_word = 6;
constexpr int n_weight_digit = 7;   // after the point
constexpr int safe_exponent = 290;  // far from denormal numbers and from overflow

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view stripped(std::string_view line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
  return line;
}

// Takes the next line off the text, without its end.
std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return stripped(line);
}

// Splits a line into at most `n` words; the number of words there are, n + 1 if more.
int split(std::string_view line, std::string_view* words, int n) {
  int found = 0;
  while (!(line = stripped(line)).empty()) {
    if (found == n) return n + 1;
    std::size_t end = 0;
    while (end < line.size() && !is_blank(line[end])) ++end;
    words[found++] = line.substr(0, end);
    line.remove_prefix(end);
  }
  return found;
}

bool read_integer(std::string_view word, std::int64_t& value) {
  const bool has_sign = !word.empty() && (word[0] == '+' || word[0] == '-');
  const std::string_view digits = word.substr(has_sign ? 1 : 0);
  if (digits.empty() || digits.size() > 9) return false;
  value = 0;
  for (char c : digits) {
    if (!is_digit(c)) return false;
    value = 10 * value + (c - '0');
  }
  if (word[0] == '-') value = -value;
  return true;
}

// A decimal number: sign, digits without leading and trailing zeros, 0.ddd x 10^exponent.
struct Number {
  bool is_negative = false;
  bool is_zero = true;
  std::string_view word;
  char digits[20];
  int n_digit = 0;  // beyond 20 they are only counted
  int exponent = 0;
};

bool read_number(std::string_view word, Number& number) {
  number.word = word;
  std::size_t i = 0;
  if (i < word.size() && (word[i] == '+' || word[i] == '-')) number.is_negative = word[i++] == '-';
  bool has_digit = false, after_point = false;
  int n_trailing = 0;
  for (; i < word.size() && (is_digit(word[i]) || (word[i] == '.' && !after_point)); ++i) {
    if (word[i] == '.') {
      after_point = true;
      continue;
    }
    has_digit = true;
    if (word[i] == '0' && number.n_digit == 0) {
      number.exponent -= after_point;
      continue;
    }
    if (number.n_digit < 20) number.digits[number.n_digit] = word[i];
    ++number.n_digit;
    number.exponent += !after_point;
    n_trailing = word[i] == '0' ? n_trailing + 1 : 0;
  }
  if (!has_digit || number.n_digit > 1000) return false;
  number.is_zero = number.n_digit == 0;
  number.n_digit -= n_trailing;
  if (i == word.size()) return true;
  if (word[i] != 'e' && word[i] != 'E') return false;
  std::int64_t exponent = 0;
  if (!read_integer(word.substr(i + 1), exponent) || exponent < -9999 || exponent > 9999) return false;
  number.exponent += static_cast<int>(exponent);
  return true;
}

void append_exponent(std::string& to, int exponent) {
  to.push_back('e');
  to.push_back(exponent < 0 ? '-' : '+');
  const int size = std::abs(exponent);
  if (size >= 100) to.push_back(static_cast<char>('0' + size / 100));
  to.push_back(static_cast<char>('0' + size / 10 % 10));
  to.push_back(static_cast<char>('0' + size % 10));
}

void append_rounded(std::string& to, double value, int n_digit, bool plus) {
  char text[64];
  if (plus && !std::signbit(value)) to.push_back('+');
  char* end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, n_digit).ptr;
  to.append(text, static_cast<std::size_t>(end - text));
}

// Of the whole number at the end of `to` that has been appended since `begin`: at least `width` characters.
void append_padded(std::string& to, std::int64_t value, int width) {
  char text[24];
  char* end = std::to_chars(text, text + sizeof text, value).ptr;
  const int size = static_cast<int>(end - text);
  if (size < width) to.append(static_cast<std::size_t>(width - size), ' ');
  to.append(text, static_cast<std::size_t>(end - text));
}

bool append_number(std::string& to, const Number& number, int n_digit, bool plus) {
  if (!number.is_zero && (number.n_digit > n_digit + 1 || std::abs(number.exponent) > safe_exponent)) {
    double value = 0;
    const std::string_view word = number.word.substr(number.word[0] == '+' ? 1 : 0);
    if (std::from_chars(word.data(), word.data() + word.size(), value).ec != std::errc()) return false;
    append_rounded(to, value, n_digit, plus);
    return true;
  }
  if (number.is_negative || plus) to.push_back(number.is_negative ? '-' : '+');
  const std::size_t begin = to.size();
  to.append(number.digits, static_cast<std::size_t>(number.n_digit));
  to.append(static_cast<std::size_t>(n_digit + 1 - number.n_digit), '0');
  to.insert(begin + 1, 1, '.');
  append_exponent(to, number.is_zero ? 0 : number.exponent - 1);
  return true;
}

bool append_event_line(std::string& to, const std::string_view* words, double weight) {
  std::int64_t n_particle = 0, number = 0;
  if (!read_integer(words[0], n_particle) || !read_integer(words[1], number)) return false;
  append_padded(to, n_particle, 2);
  to.push_back(' ');
  append_padded(to, number, 6);
  to.push_back(' ');
  append_rounded(to, weight, n_weight_digit, true);
  for (int i = 3; i < n_event_word; ++i) {
    to.push_back(' ');
    if (!append_scientific(to, words[i], 8, false)) return false;
  }
  return true;
}

void append_copied_event_line(std::string& to, const std::string_view* words, double weight) {
  for (int i = 0; i < n_event_word; ++i) {
    if (i > 0) to.push_back(' ');
    if (i == 2)
      append_rounded(to, weight, n_weight_digit, true);
    else
      to.append(words[i]);
  }
}

// The i-th particle of an event. `has_beam` becomes true for incoming ones.
bool append_particle(std::string& to, std::string_view line, int i, bool& has_beam) {
  constexpr int widths[6] = {8, 2, 4, 4, 4, 4};
  constexpr int n_digits[7] = {10, 10, 10, 10, 10, 4, 4};
  std::string_view words[n_column];
  if (split(line, words, n_column) < n_column) return false;
  std::int64_t codes[6];
  for (int k = 0; k < 6; ++k) {
    if (!read_integer(words[k], codes[k])) return false;
    to.push_back(' ');
    append_padded(to, codes[k], widths[k]);
  }
  const std::int64_t status = codes[1];
  has_beam = has_beam || status == -1;
  for (int k : {2, 3})
    if (codes[k] < 0 || codes[k] > i) return false;
  for (int k = 0; k < 7; ++k) {
    Number number;
    if (!read_number(words[6 + k], number)) return false;
    if (k == 3 && number.is_zero && status != -1) return false;
    to.push_back(' ');
    if (!append_number(to, number, n_digits[k], k < 3)) return false;
  }
  to.push_back('\n');
  return true;
}

bool is_plain(std::string_view block) {
  for (char c : block)
    if (c == '#' || c >= 0x7f || (c < ' ' && c != '\n' && c != '\t')) return false;
  return true;
}

// The lines of particles, up to the first one with a tag, which is left in `line`.
bool append_particles(std::string& to, std::string_view& block, std::string_view& line) {
  bool has_beam = false;
  line = next_line(block);
  for (int i = 0; line.find('<') == std::string_view::npos; line = next_line(block)) {
    if (block.empty()) return false;
    if (!line.empty() && !append_particle(to, line, i++, has_beam)) return false;
  }
  return has_beam;
}

bool append_event(std::string& to, std::string_view block, double weight, EventStyle style) {
  std::string_view words[n_event_word];
  if (next_line(block) != "<event>" || split(next_line(block), words, n_event_word) != n_event_word) return false;
  to += "<event>\n";
  if (style == EventStyle::copied)
    append_copied_event_line(to, words, weight);
  else if (!append_event_line(to, words, weight))
    return false;
  to.push_back('\n');
  std::string_view line;
  if (style == EventStyle::copied)
    line = next_line(block);
  else if (!append_particles(to, block, line))
    return false;
  for (; !block.empty(); line = next_line(block)) {
    if (line.find("<event") == 0 || line.find("</event>") != std::string_view::npos) return false;
    if (!line.empty()) to.append(line).push_back('\n');
  }
  to += "</event>\n";
  return line == "</event>";
}

}  // namespace

bool append_scientific(std::string& to, std::string_view word, int n_digit, bool plus) {
  Number number;
  return read_number(word, number) && append_number(to, number, n_digit, plus);
}

bool read_event_line(std::string_view block, std::int64_t& number, double& weight) {
  std::string_view words[n_event_word];
  Number decimal;
  std::int64_t n_particle = 0;
  if (next_line(block) != "<event>" || split(next_line(block), words, n_event_word) != n_event_word) return false;
  if (!read_integer(words[0], n_particle) || !read_integer(words[1], number) || !read_number(words[2], decimal))
    return false;
  for (int i = 3; i < n_event_word; ++i) {
    Number other;
    if (!read_number(words[i], other)) return false;
  }
  const std::string_view word = words[2].substr(words[2][0] == '+' ? 1 : 0);
  return std::from_chars(word.data(), word.data() + word.size(), weight).ec == std::errc();
}

bool append_merged_event(std::string& to, std::string_view block, double weight, EventStyle style) {
  const std::size_t begin = to.size();
  if (std::isfinite(weight) && is_plain(block) && append_event(to, block, weight, style)) return true;
  to.resize(begin);
  return false;
}

}  // namespace meb::text
