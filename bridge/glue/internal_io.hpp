// Helicities as text (unit "text"): internal reads and writes of integers with the format
// (20I5), which MadEvent does twice for each matrix element, without libgfortran's machinery.
//
// Calls of libgfortran come here first. Where its parameter block keeps the text and the format
// is found out at start, from a write whose text and format are known; what looks in any way
// different goes to libgfortran.
#ifndef MEB_GLUE_INTERNAL_IO_HPP
#define MEB_GLUE_INTERNAL_IO_HPP

#include <cstddef>
#include <cstdint>

#include "options.hpp"
#include "places.hpp"

namespace meb::glue {

class InternalIo {
public:
  InternalIo(const Places& places, const Options& options);

  // The next write (is_read: read) is of the format and of this text.
  void learn(const char* text, std::size_t length, bool is_read);
  // Whether what was learnt has stood the test.
  void finish(bool passed);

  // libgfortran's entry points.
  void start(void* block, bool is_read);
  void transfer(void* block, void* integer, fortran_int kind, bool is_read);
  void transfer_array(void* block, void* descriptor, fortran_int kind, std::size_t length, bool is_read);
  void end(void* block, bool is_read);

private:
  static constexpr int n_word = 64;  // of a parameter block that are looked at
  static constexpr int n_field = 20, field_width = 5;

  // Offsets in 8-byte words, and the block's first word without the unit number.
  struct Form {
    int text = -1, text_length = -1, format = -1, format_length = -1;
    std::uint32_t flags = 0;
    bool is_known() const { return text >= 0 && format >= 0; }
  };

  void note(void* block, Form& form);
  bool matches(const std::uint64_t* block, const Form& form) const;
  bool is_readable(const char* text, std::size_t length) const;
  void put(fortran_int value);
  fortran_int get();

  const Options& options_;
  bool on_ = false;
  const char* known_text_ = nullptr;  // learning
  std::size_t known_length_ = 0;
  Form write_, read_;
  void* block_ = nullptr;  // of the transfer under way
  char* text_ = nullptr;
  std::size_t length_ = 0, position_ = 0;

  using Simple = void (*)(void*);
  using Transfer = void (*)(void*, void*, fortran_int);
  using TransferArray = void (*)(void*, void*, fortran_int, std::size_t);
  Simple start_[2] = {}, end_[2] = {};  // write, read
  Transfer transfer_[2] = {};
  TransferArray transfer_array_[2] = {};
};

}  // namespace meb::glue
#endif
