#include "event_record.hpp"

#include <cmath>
#include <cstring>
#include <new>

#include "text/fortran_format.hpp"

namespace meb::glue {
namespace {

using text::write_e;
using text::write_f0;
using text::write_i;

constexpr std::size_t block_size = std::size_t{1} << 18;
constexpr int weight_digits = 7;

bool returns(double value) {
  const double size = std::fabs(value);
  return value == 0 || (size > 1e-280 && size < 1e280);
}

bool fits(fortran_int value, fortran_int lowest, fortran_int highest) { return value >= lowest && value <= highest; }

void append_e(std::string& to, double value, int width, int n_digit, int n_exponent = 0) {
  char text[32];
  to.append(text, write_e(text, value, width, n_digit, n_exponent));
}

void append_i(std::string& to, fortran_int value, int width) {
  char text[16];
  to.append(text, write_i(text, value, width));
}

void append_line(std::string& to, std::string_view line) { to.append(line).push_back('\n'); }

void fill(char* to, std::string_view text, std::size_t length) {
  const std::size_t size = text.size() < length ? text.size() : length;
  std::memcpy(to, text.data(), size);
  std::memset(to + size, ' ', length - size);
}

void write_density(std::string& line, const Systematics::Beam& beam, const char* none) {
  if (beam.n_density <= 0) {
    line = none != nullptr ? none : "<pdfrwt beam=\"" + std::to_string(beam.number) + "\">0</pdfrwt>";
    return;
  }
  line = "<pdfrwt beam=\"" + std::to_string(beam.number) + "\">";
  append_i(line, beam.n_density, 3);
  for (int i = 0; i < beam.n_density; ++i) append_i(line, beam.parton[i], 9);
  for (int i = 0; i < beam.n_density; ++i) append_e(line, beam.x[i], 15, 8);
  for (int i = 0; i < beam.n_density; ++i) append_e(line, beam.q[i], 15, 8);
  line += "</pdfrwt>";
}

// The lines of a record, one after the other.
class Lines {
public:
  explicit Lines(std::string_view text) : text_(text) {}
  std::string_view next() {
    const std::size_t end = text_.find('\n');
    const std::string_view line = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return line;
  }
  bool starts_with(std::string_view start) const { return text_.substr(0, start.size()) == start; }

private:
  std::string_view text_;
};

}  // namespace

std::string_view trimmed(const char* text, std::size_t length) {
  while (length > 0 && text[length - 1] == ' ') --length;
  return {text, length};
}

void Systematics::write(std::string lines[n_systematics_line]) const {
  lines[0] = "<mgrwt>";
  lines[1] = "<rscale>";
  append_i(lines[1], n_qcd - n_alpha, 3);
  append_e(lines[1], scale, 15, 8);
  lines[1] += "</rscale>";
  lines[2] = "<asrwt>0</asrwt>";
  if (n_alpha > 0) {
    lines[2] = "<asrwt>";
    append_i(lines[2], n_alpha, 3);
    for (int i = 0; i < n_alpha; ++i) append_e(lines[2], alpha_scale[i], 15, 8);
    lines[2] += "</asrwt>";
  }
  write_density(lines[3], beam[0], nullptr);
  // MadEvent names beam 2 here even if the beams were exchanged.
  write_density(lines[4], beam[1], "<pdfrwt beam=\"2\">0</pdfrwt>");
  lines[5] = "<totfact>";
  append_e(lines[5], weight_factor, 15, 8);
  lines[5] += "</totfact>";
  lines[6] = "</mgrwt>";
}

std::string EventRecord::objection(const EventArguments& event, const TextLengths& lengths) {
  if (!fits(*event.n_particle, 1, 99) || !fits(*event.number, -9999, 99999)) return "an event number that is too wide";
  if (!returns(*event.weight) || !returns(*event.scale) || !returns(*event.alpha_qcd) || !returns(*event.alpha_qed))
    return "a weight, scale or coupling that is not finite";
  for (int i = 0; i < *event.n_particle; ++i) {
    const fortran_int* codes = event.codes + 7 * i;
    for (int k = 1; k < 6; ++k)
      if (!fits(codes[k], -9999, 99999)) return "a mother or colour number that is too wide";
    if (!fits(codes[6], -99, 999)) return "a helicity that is too wide";
    for (int k = 0; k < 5; ++k)
      if (!returns(event.momenta[5 * i + k])) return "a momentum that is not finite";
  }
  if (event.scales[0] == '#') return "a comment line in an event";
  if (*event.has_systematics != 0 &&
      (trimmed(event.systematics, lengths.systematics) != "<mgrwt>" ||
       trimmed(event.systematics + 6 * lengths.systematics, lengths.systematics) != "</mgrwt>"))
    return "systematics of an unknown form";
  const int n = *event.n_cluster;
  if (n < 0 || n > 99) return "clusterings of an unknown form";
  if (n > 0 && (trimmed(event.clusters, lengths.clusters) != "<clustering>" ||
                trimmed(event.clusters + (n - 1) * lengths.clusters, lengths.clusters) != "</clustering>"))
    return "clusterings of an unknown form";
  return "";
}

std::string_view EventRecord::lines() const {
  return {reinterpret_cast<const char*>(codes() + 7 * n_particle), line_size_};
}

void EventRecord::restore(const EventArguments& event, const TextLengths& lengths) const {
  *event.weight = weight;
  *event.scale = scale;
  *event.alpha_qcd = alpha_qcd;
  *event.alpha_qed = alpha_qed;
  *event.n_particle = n_particle;
  *event.number = number;
  std::memcpy(event.momenta, momenta(), 5 * sizeof(double) * n_particle);
  std::memcpy(event.codes, codes(), 7 * sizeof(fortran_int) * n_particle);
  Lines lines(this->lines());
  fill(event.scales, lines.starts_with("<scales") ? lines.next() : "", lengths.scales);
  *event.has_systematics = has_systematics ? 1 : 0;
  if (!has_systematics) fill(event.systematics, "", lengths.systematics);
  for (int i = 0; has_systematics && i < n_systematics_line; ++i)
    fill(event.systematics + i * lengths.systematics, lines.next(), lengths.systematics);
  *event.n_cluster = n_cluster;
  if (n_cluster == 0) fill(event.clusters, "", lengths.clusters);
  for (int i = 0; i < n_cluster; ++i) fill(event.clusters + i * lengths.clusters, lines.next(), lengths.clusters);
}

void write_event_text(std::string& to, const EventRecord& event, double weight, fortran_int number) {
  constexpr std::size_t line = 11 + 5 * 5 + 5 * 19 + 3 + 4 + 1;
  const std::size_t begin = to.size();
  to.resize(begin + 8 + 71 + line * event.n_particle);
  char* c = to.data() + begin;
  std::memcpy(c, "<event>\n", 8);
  c = write_i(c + 8, event.n_particle, 2);
  c = write_i(c, number, 5);
  c = write_e(c, weight, 16, 7, 3);
  c = write_e(c, event.scale, 15, 7);
  c = write_e(c, event.alpha_qed, 15, 7);
  c = write_e(c, event.alpha_qcd, 15, 7);
  *c++ = '\n';
  const double* p = event.momenta();
  const fortran_int* codes = event.codes();
  for (int i = 0; i < event.n_particle; ++i, p += 5, codes += 7) {
    c = write_i(c, codes[0], 11);
    c = write_i(c, codes[5], 5);
    for (int k = 1; k < 5; ++k) c = write_i(c, codes[k], 5);
    for (int k : {1, 2, 3, 0, 4}) c = write_e(c, p[k], 19, 11);
    std::memcpy(c, " 0.", 3);
    c = write_f0(c + 3, codes[6], 4);
    *c++ = '\n';
  }
  to.resize(static_cast<std::size_t>(c - to.data()));
  to.append(event.lines()).append("</event>");
}

void EventStore::clear() {
  events_.clear();
  block_ = used_ = 0;
}

std::byte* EventStore::room(std::size_t size) {
  size = (size + 7) & ~std::size_t{7};
  if (size > block_size) throw std::bad_alloc();
  if (!blocks_.empty() && used_ + size > block_size) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) blocks_.push_back(std::unique_ptr<std::byte[]>(new std::byte[block_size]));
  std::byte* result = blocks_[block_].get() + used_;
  used_ += size;
  return result;
}

void EventStore::add(const EventArguments& event, const TextLengths& lengths, const Systematics* systematics) {
  std::string lines;
  const std::string_view scales = trimmed(event.scales, lengths.scales);
  if (scales.substr(0, 7) == "<scales") append_line(lines, scales);
  if (systematics != nullptr) {
    std::string seven[n_systematics_line];
    systematics->write(seven);
    for (const std::string& line : seven) append_line(lines, line);
  } else if (*event.has_systematics != 0) {
    for (int i = 0; i < n_systematics_line; ++i)
      append_line(lines, trimmed(event.systematics + i * lengths.systematics, lengths.systematics));
  }
  for (int i = 0; i < *event.n_cluster; ++i)
    append_line(lines, trimmed(event.clusters + i * lengths.clusters, lengths.clusters));

  const auto n = static_cast<std::size_t>(*event.n_particle);
  std::byte* place = room(sizeof(EventRecord) + n * (5 * sizeof(double) + 7 * sizeof(fortran_int)) + lines.size());
  auto* record = new (place) EventRecord;
  record->weight = text::through_decimal(*event.weight, weight_digits);
  record->scale = *event.scale;
  record->alpha_qcd = *event.alpha_qcd;
  record->alpha_qed = *event.alpha_qed;
  record->number = *event.number;
  record->n_particle = static_cast<std::uint16_t>(n);
  record->n_cluster = static_cast<std::uint16_t>(*event.n_cluster);
  record->has_systematics = systematics != nullptr || *event.has_systematics != 0;
  record->line_size_ = static_cast<std::uint32_t>(lines.size());
  std::byte* c = place + sizeof(EventRecord);
  std::memcpy(c, event.momenta, n * 5 * sizeof(double));
  c += n * 5 * sizeof(double);
  std::memcpy(c, event.codes, n * 7 * sizeof(fortran_int));
  c += n * 7 * sizeof(fortran_int);
  std::memcpy(c, lines.data(), lines.size());
  events_.push_back(record);
}

}  // namespace meb::glue
