// The text of an event as MadEvent's combine_events writes it, from the text that a job wrote.
//
// Up to MG5_aMC 3.5 it reads numbers with Python's float() and writes them with %+13.10e and the like.
// Fewer than 16 decimal digits survive that, so that digits are copied; others are rounded
// exactly (std::from_chars, std::to_chars).
#ifndef MEB_TEXT_MERGED_EVENT_HPP
#define MEB_TEXT_MERGED_EVENT_HPP

#include <cstdint>
#include <string>
#include <string_view>

namespace meb::text {

// First line of an event that begins with the line "<event>": IDPRUP and XWGTUP. False if it has another form.
bool read_event_line(std::string_view block, std::int64_t& number, double& weight);

// How combine_events writes what it has not to change: up to MG5_aMC 3.5 all numbers anew; later lines as
// they are, but for blanks around them.
enum class EventStyle { formatted = 0, copied = 1 };

// Appends the new text of `block`, "<event>" to "</event>" with their lines, with another weight.
// False, and nothing appended, for events in which the parser would change or drop something,
// or that have numbers (NaN, infinities) or characters it has to judge.
bool append_merged_event(std::string& to, std::string_view block, double weight, EventStyle style);

// Appends what printf("%.<n_digit>e") gives for the decimal number `word`, with a sign even of
// positive ones if `plus`; false, and nothing appended, if it is no plain finite number.
bool append_scientific(std::string& to, std::string_view word, int n_digit, bool plus);

}  // namespace meb::text
#endif
