#include "log.hpp"

#include "options.hpp"

#include <cinttypes>
#include <cstdio>

namespace meb::seam {

void Log::line(const std::string &text) const {
  if (where_ == "none" || where_ == "0") return;
  if (where_ == "stderr" || where_ == "1") {
    std::fprintf(stderr, "mebridge: %s\n", text.c_str());
    return;
  }
  std::FILE *file = std::fopen(where_.c_str(), "a");
  if (file == nullptr) file = std::fopen(default_log, "a");  // not writable: the job's own folder
  if (file == nullptr) return;
  std::fprintf(file, "mebridge: %s\n", text.c_str());
  std::fclose(file);
}

std::string summary(const Counts &counts, const std::string &backend) {
  char text[512];
  std::snprintf(text, sizeof text,
                "%s; %" PRIu64 " points, %" PRIu64 " matrix elements: %" PRIu64
                " by the engine, %" PRIu64 " by Fortran in %" PRIu64
                " batches (%.3f s), %" PRIu64 " by Fortran one by one; %" PRIu64
                " not finite, %" PRIu64 " points repeated",
                backend.c_str(), counts.points, counts.events + counts.direct,
                counts.engine, counts.fortran, counts.batches, counts.seconds,
                counts.direct + counts.single, counts.not_finite, counts.repeated);
  std::string result = text;
  if (counts.checked != 0) {
    std::snprintf(text, sizeof text, "; %" PRIu64 " checked, largest deviation %.1e",
                  counts.checked, counts.largest_deviation);
    result += text;
  }
  if (counts.other_choice != 0)
    result += ", " + std::to_string(counts.other_choice) + " with another helicity or colour flow";
  return result;
}

}  // namespace meb::seam
