#include "options.hpp"

#include <cstdlib>
#include <sstream>

#include "../seam/options.hpp"

namespace meb::glue {
namespace {

const std::set<std::string> known = {"io",   "text",   "sampling",   "discrete", "pdf",
                                     "cuts", "scales", "clustering", "merge", "progress"};
const std::set<std::string> arithmetic = {"sampling", "discrete", "pdf", "clustering"};

}  // namespace

Options::Options() : log_(seam::read_options().log) {
  if (!seam::read_options().enabled) {
    all_ = false;
    return;
  }
  const char* value = std::getenv("MEBRIDGE_GLUE");
  if (value == nullptr || *value == 0) return;
  all_ = false;
  std::istringstream words(value);
  for (std::string word; std::getline(words, word, ',');) {
    if (word == "all")
      all_ = true;
    else if (known.count(word) != 0)
      units_.insert(word);
    else if (word != "none" && word != "0" && !word.empty())
      say("MEBRIDGE_GLUE: " + word + " is unknown: ignored");
  }
}

bool Options::wants(const std::string& unit) const {
  return forgone_.count(unit) == 0 && (all_ || units_.count(unit) != 0);
}

void Options::forgo_arithmetic() {
  for (const std::string& unit : arithmetic) {
    if (!wants(unit)) continue;
    step_aside(unit, "compiler flags or a processor for which its arithmetic is not known");
    forgone_.insert(unit);
  }
}

}  // namespace meb::glue
