// Event files of MadEvent's jobs, as combine_events merges them: found once, mapped, not copied.
#ifndef MEB_GLUE_EVENT_FILES_HPP
#define MEB_GLUE_EVENT_FILES_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meb::glue {

// One file, open as `descriptor`, which may be closed afterwards. Throws Error if it cannot be read, or
// holds anything that is read differently here.
class EventFile {
public:
  explicit EventFile(int descriptor);
  EventFile(EventFile&& other) noexcept;
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;
  ~EventFile();

  std::size_t size() const { return events_.size(); }
  std::string_view block(std::size_t event) const { return text_.substr(events_[event].begin, events_[event].length); }
  double weight(std::size_t event) const { return events_[event].weight; }
  std::int64_t number(std::size_t event) const { return events_[event].number; }

private:
  struct Place {
    std::size_t begin, length;
    double weight;
    std::int64_t number;  // IDPRUP
  };

  void find_events();

  std::string_view text_;
  std::vector<Place> events_;
};

// Python's random numbers (MT19937; M. Matsumoto, T. Nishimura, ACM TOMACS 8 (1998) 3), from and to
// the 625 numbers of random.getstate().
class PythonRandom {
public:
  explicit PythonRandom(std::uint32_t* state) : state_(state) {}
  std::uint32_t bits();
  double random();                       // random.random()
  std::int64_t randint(std::int64_t n);  // random.randint(1, n), n below 2^32

private:
  void refill();
  std::uint32_t* state_;
};

// Which file the next event is taken from, for all events: each of those that are left is equally likely.
// After each the number that decides whether it is kept.
void draw_files(const std::vector<std::int64_t>& n_event, PythonRandom& random, std::int32_t* files, double* numbers);

}  // namespace meb::glue
#endif
