#include "options.hpp"

#include <cstdlib>
#include <thread>

namespace meb::seam {
namespace {

const char *text(const char *name) {
  const char *value = std::getenv(name);
  return value == nullptr || *value == 0 ? nullptr : value;
}

// The number in `value`, or `otherwise`, with a warning, if it is not in [low, high].
double number(Options &options, const char *name, double low, double high,
              double otherwise) {
  const char *value = text(name);
  if (value == nullptr) return otherwise;
  char *end = nullptr;
  const double result = std::strtod(value, &end);
  if (*end == 0 && result >= low && result <= high) return result;
  options.warning = std::string(name) + "=" + value + " is not a number in range: ignored";
  return otherwise;
}

// More threads than processors only wait for each other.
std::size_t usable_threads(std::size_t wanted) {
  const std::size_t n_processor = std::thread::hardware_concurrency();
  return n_processor != 0 && wanted > n_processor ? n_processor : wanted;
}

}  // namespace

std::string Options::text() const {
  const char *names[] = {"double", "single", "mixed"};
  return std::string(names[precision]) + " precision, batches of " + std::to_string(batch) + ", " +
         std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

Options read_options() {
  Options options;
  if (const char *value = text("MEBRIDGE")) options.enabled = std::string(value) != "0";
  if (const char *value = text("MEBRIDGE_BACKEND")) options.backend = value;
  if (const char *value = text("MEBRIDGE_LOG")) options.log = value;
  if (const char *value = text("MEBRIDGE_PRECISION")) {
    const std::string precision = value;
    if (precision == "single")
      options.precision = MEB_PRECISION_SINGLE;
    else if (precision == "mixed")
      options.precision = MEB_PRECISION_MIXED;
    else if (precision != "double")
      options.warning = "MEBRIDGE_PRECISION=" + precision + " is unknown: double is used";
  }
  options.batch =
      static_cast<std::size_t>(number(options, "MEBRIDGE_BATCH", 1, 65536, 0));
  options.threads =
      usable_threads(static_cast<std::size_t>(number(options, "MEBRIDGE_THREADS", 1, 1024, 1)));
  options.check = number(options, "MEBRIDGE_CHECK", 0, 1, 0);
  return options;
}

}  // namespace meb::seam
