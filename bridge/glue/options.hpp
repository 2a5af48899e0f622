// Which replacements are wanted, and what the log says of each.
#ifndef MEB_GLUE_OPTIONS_HPP
#define MEB_GLUE_OPTIONS_HPP

#include <set>
#include <string>

#include "../seam/log.hpp"

namespace meb::glue {

// MEBRIDGE_GLUE: names of units, separated by commas; "all" (also if not set) or "none".
// MEBRIDGE=0 switches all of them off.
class Options {
public:
  Options();
  bool wants(const std::string& unit) const;
  // Leaves out, with a line for each, the units whose arithmetic decides about events.
  void forgo_arithmetic();
  void say(const std::string& text) const { log_.line(text); }
  // One line, once for each unit: it is left to MadEvent's own routines, and why.
  void step_aside(const std::string& unit, const std::string& reason) const {
    say("glue: " + unit + " left to MadEvent: " + reason);
  }

private:
  std::set<std::string> units_, forgone_;
  bool all_ = true;
  seam::Log log_;
};

}  // namespace meb::glue
#endif
