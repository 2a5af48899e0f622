// One event of the Les Houches event file between its making and its writing.
//
// MadEvent writes each event as text to a scratch unit, reads all of them back, decides which
// it keeps, and writes those again. Here the numbers stay numbers; the weight alone is rounded
// to the seven digits it had in the scratch file, because it decides what is kept.
#ifndef MEB_GLUE_EVENT_RECORD_HPP
#define MEB_GLUE_EVENT_RECORD_HPP

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "places.hpp"

namespace meb::glue {

// Arguments of WRITE_EVENT and READ_EVENT. Texts are blank-padded and of fixed length.
struct EventArguments {
  fortran_int* unit = nullptr;
  double* momenta = nullptr;  // [particle][E, px, py, pz, mass]
  double* weight = nullptr;
  fortran_int* n_particle = nullptr;
  fortran_int* codes = nullptr;  // [particle][PDG, mothers 2, colours 2, status, helicity]
  fortran_int* number = nullptr;
  double *scale = nullptr, *alpha_qcd = nullptr, *alpha_qed = nullptr;
  char* scales = nullptr;  // length 1000: "<scales ...", or blank
  fortran_int* has_systematics = nullptr;
  char* systematics = nullptr;  // 7 lines
  fortran_int* n_cluster = nullptr;
  char* clusters = nullptr;  // n_cluster lines
};

struct TextLengths {
  std::size_t scales = 1000, systematics = 0, clusters = 0;
};

constexpr int n_systematics_line = 7;

// What <mgrwt> is made of.
struct Systematics {
  static constexpr int most = 9;  // its formats hold one digit
  fortran_int n_qcd = 0, n_alpha = 0;
  double scale = 0, weight_factor = 0;
  double alpha_scale[most];
  struct Beam {
    fortran_int number = 1, n_density = 0;
    fortran_int parton[most];
    double x[most], q[most];
  } beam[2];

  // The seven lines.
  void write(std::string lines[n_systematics_line]) const;
};

class EventRecord {
public:
  // Empty if the numbers would not come back unchanged from the scratch file: too wide for
  // their columns, not finite, next to the limits of double precision.
  static std::string objection(const EventArguments& event, const TextLengths& lengths);

  double weight, scale, alpha_qcd, alpha_qed;
  fortran_int number;
  std::uint16_t n_particle, n_cluster;
  bool has_systematics;

  const double* momenta() const { return reinterpret_cast<const double*>(this + 1); }
  const fortran_int* codes() const { return reinterpret_cast<const fortran_int*>(momenta() + 5 * n_particle); }
  // All lines between the last particle and </event>, each with its end of line.
  std::string_view lines() const;

  // Puts it back into the arguments of WRITE_EVENT.
  void restore(const EventArguments& event, const TextLengths& lengths) const;

private:
  friend class EventStore;
  std::uint32_t line_size_;
};

// Appends the event's text without a last end of line.
void write_event_text(std::string& to, const EventRecord& event, double weight, fortran_int number);

class EventStore {
public:
  // systematics: instead of the event's seven lines; may be nullptr.
  void add(const EventArguments& event, const TextLengths& lengths, const Systematics* systematics);
  void clear();
  std::size_t size() const { return events_.size(); }
  const EventRecord& operator[](std::size_t i) const { return *events_[i]; }

private:
  std::byte* room(std::size_t size);

  std::vector<const EventRecord*> events_;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::size_t block_ = 0, used_ = 0;
};

// A blank-padded text without its padding.
std::string_view trimmed(const char* text, std::size_t length);

}  // namespace meb::glue
#endif
