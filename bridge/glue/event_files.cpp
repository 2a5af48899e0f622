#include "event_files.hpp"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/error.hpp"
#include "text/merged_event.hpp"

namespace meb::glue {
namespace {

constexpr std::string_view event_begin = "<event", event_end = "</event>";
constexpr int state_size = 624, middle = 397;

std::string_view map(int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) != 0) throw Error(Status::file, std::strerror(errno));
  const std::size_t size = static_cast<std::size_t>(status.st_size);
  if (size == 0) throw Error(Status::file, "no events");
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (data == MAP_FAILED) throw Error(Status::file, std::strerror(errno));
  return {static_cast<const char*>(data), size};
}

std::size_t find(std::string_view text, std::string_view word, std::size_t from) {
  const void* at = memmem(text.data() + from, text.size() - from, word.data(), word.size());
  return at == nullptr ? std::string_view::npos : static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

}  // namespace

EventFile::EventFile(int descriptor) : text_(map(descriptor)) {
  try {
    find_events();
  } catch (...) {
    munmap(const_cast<char*>(text_.data()), text_.size());
    throw;
  }
}

EventFile::EventFile(EventFile&& other) noexcept
    : text_(std::exchange(other.text_, {})), events_(std::move(other.events_)) {}

EventFile::~EventFile() {
  if (!text_.empty()) munmap(const_cast<char*>(text_.data()), text_.size());
}

// An event is what lies between the last "<event" before an "</event>" and that, with their lines.
void EventFile::find_events() {
  std::size_t from = 0;
  for (std::size_t end; (end = find(text_, event_end, from)) != std::string_view::npos;) {
    const std::string_view before = text_.substr(from, end - from);
    const std::size_t tag = before.rfind(event_begin);
    if (tag == std::string_view::npos) throw Error(Status::file, "the end of an event without its beginning");
    const std::size_t line = before.rfind('\n', tag);
    Place place{};
    place.begin = line == std::string_view::npos ? from : from + line + 1;
    const std::size_t line_end = find(text_, "\n", end);
    from = line_end == std::string_view::npos ? text_.size() : line_end + 1;
    place.length = from - place.begin;
    if (!text::read_event_line(text_.substr(place.begin, place.length), place.number, place.weight))
      throw Error(Status::file, "an event of another form");
    events_.push_back(place);
  }
}

void PythonRandom::refill() {
  for (int i = 0; i < state_size; ++i) {
    const std::uint32_t both = (state_[i] & 0x80000000u) | (state_[(i + 1) % state_size] & 0x7fffffffu);
    state_[i] = state_[(i + middle) % state_size] ^ (both >> 1) ^ ((both & 1) != 0 ? 0x9908b0dfu : 0u);
  }
  state_[state_size] = 0;
}

std::uint32_t PythonRandom::bits() {
  if (state_[state_size] >= state_size) refill();
  std::uint32_t y = state_[state_[state_size]++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

double PythonRandom::random() {
  const std::uint32_t high = bits() >> 5, low = bits() >> 6;
  return (high * 67108864.0 + low) * (1.0 / 9007199254740992.0);
}

std::int64_t PythonRandom::randint(std::int64_t n) {
  int n_bit = 0;
  while ((n >> n_bit) != 0) ++n_bit;
  std::int64_t value = bits() >> (32 - n_bit);
  while (value >= n) value = bits() >> (32 - n_bit);
  return 1 + value;
}

void draw_files(const std::vector<std::int64_t>& n_event, PythonRandom& random, std::int32_t* files, double* numbers) {
  // A Fenwick tree (P.M. Fenwick, Softw. Pract. Exp. 24 (1994) 327) of what is left in each file.
  const std::size_t n = n_event.size();
  std::size_t top = 1;
  while (2 * top <= n) top *= 2;
  std::vector<std::int64_t> left(n + 1, 0);
  std::int64_t total = 0;
  for (std::size_t i = 1; i <= n; ++i) {
    left[i] += n_event[i - 1];
    total += n_event[i - 1];
    if (const std::size_t up = i + (i & (~i + 1)); up <= n) left[up] += left[i];
  }
  for (std::int64_t event = 0; total > 0; ++event, --total) {
    std::int64_t rank = random.randint(total);
    std::size_t file = 0;
    for (std::size_t step = top; step > 0; step /= 2)
      if (file + step <= n && left[file + step] < rank) {
        file += step;
        rank -= left[file];
      }
    for (std::size_t i = file + 1; i <= n; i += i & (~i + 1)) --left[i];
    files[event] = static_cast<std::int32_t>(file);
    numbers[event] = random.random();
  }
}

}  // namespace meb::glue
