#include "internal_io.hpp"

#include <cstdlib>
#include <cstring>

#include "text/fortran_format.hpp"

namespace meb::glue {
namespace {

constexpr const char* unit_name = "text";
constexpr std::size_t format_length = 6;

bool is_format(const char* text) {
  return std::memcmp(text, "(20I5)", format_length) == 0 || std::memcmp(text, "(20i5)", format_length) == 0;
}

// gfortran's array descriptor (8 and later).
struct Descriptor {
  char* base;
  std::size_t offset;
  std::ptrdiff_t element;
  std::int32_t version;
  std::int8_t rank, type;
  std::int16_t attribute;
  std::ptrdiff_t span;
  struct Dimension {
    std::ptrdiff_t stride, lower, upper;
  } dimension[15];
};

// All elements, the first index fastest.
template <class Function>
void for_each(const Descriptor& array, int rank, char* at, const Function& function) {
  if (rank == 0) return function(at);
  const Descriptor::Dimension& dimension = array.dimension[rank - 1];
  for (std::ptrdiff_t i = 0; i <= dimension.upper - dimension.lower; ++i)
    for_each(array, rank - 1, at + i * dimension.stride * array.element, function);
}

}  // namespace

InternalIo::InternalIo(const Places& places, const Options& options) : options_(options) {
  start_[0] = places.procedure<Simple>("ST_WRITE");
  start_[1] = places.procedure<Simple>("ST_READ");
  end_[0] = places.procedure<Simple>("ST_WRITE_DONE");
  end_[1] = places.procedure<Simple>("ST_READ_DONE");
  transfer_[0] = places.procedure<Transfer>("TRANSFER_INTEGER_WRITE");
  transfer_[1] = places.procedure<Transfer>("TRANSFER_INTEGER");
  transfer_array_[0] = places.procedure<TransferArray>("TRANSFER_ARRAY_WRITE");
  transfer_array_[1] = places.procedure<TransferArray>("TRANSFER_ARRAY");
}

void InternalIo::learn(const char* text, std::size_t length, bool is_read) {
  known_text_ = text;
  known_length_ = length;
  on_ = false;
  (is_read ? read_ : write_) = Form{};
}

void InternalIo::finish(bool passed) {
  known_text_ = nullptr;
  on_ = passed && options_.wants(unit_name);
  if (!passed && options_.wants(unit_name)) options_.step_aside(unit_name, "another Fortran library than expected");
}

// Looks for the text and the format, each an address followed or preceded by its length.
void InternalIo::note(void* block, Form& form) {
  const auto* words = static_cast<const std::uint64_t*>(block);
  std::memcpy(&form.flags, block, sizeof form.flags);
  for (int i = 1; i + 1 < n_word; ++i) {
    const auto address = reinterpret_cast<std::uint64_t>(known_text_);
    if (form.text < 0 && words[i] == address) {
      form.text = i;
      form.text_length = words[i + 1] == known_length_ ? i + 1 : i - 1;
      if (words[form.text_length] != known_length_) form.text = -1;
    }
    // Lengths and addresses lie side by side; an address is far above any length.
    if (form.format < 0 && i != form.text)
      for (const int k : {i - 1, i + 1})
        if (words[k] == format_length && words[i] > (1u << 20) && (words[i] >> 47) == 0 && form.format < 0 &&
            is_format(reinterpret_cast<const char*>(words[i]))) {
          form.format = i;
          form.format_length = k;
        }
    if (form.is_known()) return;
  }
}

bool InternalIo::matches(const std::uint64_t* block, const Form& form) const {
  std::uint32_t flags;
  std::memcpy(&flags, block, sizeof flags);
  return form.is_known() && flags == form.flags && block[form.format_length] == format_length &&
         is_format(reinterpret_cast<const char*>(block[form.format]));
}

// Blanks, then a whole number, in each field; or nothing but blanks.
bool InternalIo::is_readable(const char* text, std::size_t length) const {
  if (length < n_field * field_width) return false;
  for (int field = 0; field < n_field; ++field, text += field_width) {
    int i = 0;
    while (i < field_width && text[i] == ' ') ++i;
    if (i < field_width && text[i] == '-') ++i;
    const int first = i;
    while (i < field_width && text[i] >= '0' && text[i] <= '9') ++i;
    if (i != field_width || (first == i && text[field_width - 1] != ' ')) return false;
  }
  return true;
}

void InternalIo::start(void* block, bool is_read) {
  Form& form = is_read ? read_ : write_;
  const auto* words = static_cast<const std::uint64_t*>(block);
  if (known_text_ != nullptr && !form.is_known()) {
    note(block, form);
    start_[is_read](block);
    return;
  }
  if ((!on_ && known_text_ == nullptr) || !matches(words, form)) {
    start_[is_read](block);
    return;
  }
  text_ = reinterpret_cast<char*>(words[form.text]);
  length_ = words[form.text_length];
  if (length_ < n_field * field_width || (is_read && !is_readable(text_, length_))) {
    start_[is_read](block);
    return;
  }
  block_ = block;
  position_ = 0;
}

void InternalIo::put(fortran_int value) {
  if (position_ + field_width > n_field * field_width) return;
  char* field = text_ + position_;
  if (value > -10 && value < 10) {
    std::memcpy(field, value < 0 ? "   -" : "    ", field_width - 1);
    field[field_width - 1] = static_cast<char>('0' + std::abs(value));
  } else {
    text::write_i(field, value, field_width);
  }
  position_ += field_width;
}

fortran_int InternalIo::get() {
  fortran_int value = 0;
  bool negative = false;
  for (int i = 0; i < field_width && position_ < n_field * field_width; ++i, ++position_) {
    const char c = text_[position_];
    if (c == '-') negative = true;
    if (c >= '0' && c <= '9') value = 10 * value + (c - '0');
  }
  return negative ? -value : value;
}

void InternalIo::transfer(void* block, void* integer, fortran_int kind, bool is_read) {
  if (block != block_) return transfer_[is_read](block, integer, kind);
  fortran_int value = 0;
  if (is_read)
    value = get();
  else
    std::memcpy(&value, integer, sizeof value);
  if (is_read)
    std::memcpy(integer, &value, sizeof value);
  else
    put(value);
}

void InternalIo::transfer_array(void* block, void* descriptor, fortran_int kind, std::size_t length, bool is_read) {
  if (block != block_) return transfer_array_[is_read](block, descriptor, kind, length);
  const auto& array = *static_cast<const Descriptor*>(descriptor);
  const Descriptor::Dimension& only = array.dimension[0];
  if (array.rank == 1 && !is_read) {
    for (std::ptrdiff_t i = 0; i <= only.upper - only.lower; ++i) {
      fortran_int value;
      std::memcpy(&value, array.base + i * only.stride * array.element, sizeof value);
      put(value);
    }
    return;
  }
  for_each(array, array.rank, array.base, [&](char* element) { transfer(block, element, kind, is_read); });
}

void InternalIo::end(void* block, bool is_read) {
  if (block != block_) return end_[is_read](block);
  block_ = nullptr;
  if (!is_read) std::memset(text_ + position_, ' ', length_ - position_);
}

}  // namespace meb::glue
