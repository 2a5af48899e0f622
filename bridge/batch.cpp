// Checks of the arrays of one batch.
#include "batch.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>

#include "guard.hpp"

namespace meb::abi {
namespace {

[[noreturn]] void fail(const std::string& message) { throw Error(Status::argument, message); }

// What an array must look like: extent elements for each event, or in all if it is common.
struct Layout {
  const char* name;
  std::size_t extent;
  bool integer = false;
  bool common = false;
};

constexpr int n_input_key = 10;
constexpr int n_output_key = 7;

Layout input_layout(int key, const Program& program) {
  const std::size_t n_running = program.running_couplings.size();
  switch (key) {
    case MEB_INPUT_MOMENTA: return {"momenta", std::size_t{program.n_leg} * 4};
    case MEB_INPUT_RUNNING_COUPLING: return {"running_coupling", 2 * n_running};
    case MEB_INPUT_RUNNING_COUPLING_COMMON: return {"running_coupling_common", 2 * n_running, false, true};
    case MEB_INPUT_CHANNEL: return {"channel", 1, true};
    case MEB_INPUT_CHANNEL_CUT: return {"channel_cut", program.n_config};
    case MEB_INPUT_RANDOM_HELICITY: return {"random_helicity", 1};
    case MEB_INPUT_RANDOM_COLOR: return {"random_color", 1};
    case MEB_INPUT_COLOR_CONFIG: return {"color_config", 1, true};
    case MEB_INPUT_HELICITY: return {"helicity", 1, true};
    case MEB_INPUT_CHANNEL_STRENGTH: return {"channel_strength", program.n_config};
    default: fail("input_key: " + std::to_string(key) + " is not a meb_input");
  }
}

Layout output_layout(int key, const Program& program) {
  switch (key) {
    case MEB_OUTPUT_MATRIX_ELEMENT: return {"matrix_element", 1};
    case MEB_OUTPUT_HELICITY: return {"helicity", 1, true};
    case MEB_OUTPUT_COLOR_FLOW: return {"color_flow", 1, true};
    case MEB_OUTPUT_JAMP2: return {"jamp2", program.n_flow};
    case MEB_OUTPUT_AMP2: return {"amp2", program.n_diagram};
    case MEB_OUTPUT_MATRIX_ELEMENT_BY_HELICITY: return {"matrix_element_by_helicity", program.n_helicity};
    case MEB_OUTPUT_FLAG: return {"flag", 1, true};
    default: fail("output_key: " + std::to_string(key) + " is not a meb_output");
  }
}

std::size_t expected_size(const Layout& layout, std::size_t n_event) {
  if (layout.common || layout.extent == 0) return layout.extent;
  if (n_event > std::numeric_limits<std::size_t>::max() / sizeof(double) / layout.extent)
    fail("n_event: " + std::to_string(n_event) + " is too large");
  return n_event * layout.extent;
}

void check_array(const Layout& layout, std::size_t n_event, const void* pointer, std::size_t size) {
  const std::size_t expected = expected_size(layout, n_event);
  if (size != expected)
    fail(std::string(layout.name) + ": expected " + std::to_string(expected) + " elements, got " +
         std::to_string(size));
  if (pointer == nullptr && expected > 0) fail(std::string(layout.name) + ": the pointer is NULL");
  const std::size_t alignment = layout.integer ? alignof(std::int32_t) : alignof(double);
  if (reinterpret_cast<std::uintptr_t>(pointer) % alignment != 0)
    fail(std::string(layout.name) + ": the pointer is not a multiple of " + std::to_string(alignment));
}

// The arrays of one direction, checked and sorted by key; null where absent.
template <int n_key, class Key, class Pointer, class LayoutOf>
std::array<Pointer, n_key> sort_arrays(const Arrays<Key, Pointer>& arrays, const char* direction, std::size_t n_event,
                                       LayoutOf layout_of) {
  std::array<Pointer, n_key> sorted{};
  if (arrays.n == 0) return sorted;
  const std::string prefix(direction);
  require(arrays.key, (prefix + "_key").c_str());
  require(arrays.pointer, direction);
  require(arrays.size, (prefix + "_size").c_str());
  std::array<bool, n_key> given{};
  for (std::size_t i = 0; i < arrays.n; ++i) {
    const int key = number_of(arrays.key[i]);
    const Layout layout = layout_of(key);
    const auto slot = static_cast<std::size_t>(key);
    if (given[slot]) fail(std::string(layout.name) + ": given twice as " + direction);
    given[slot] = true;
    check_array(layout, n_event, arrays.pointer[i], arrays.size[i]);
    sorted[slot] = arrays.pointer[i];
  }
  return sorted;
}

// These two come to a conclusion without an early end, so that compilers make vectors of them.
bool all_up_to(const std::int32_t* values, std::size_t n_event, std::size_t largest) {
  const auto limit =
      static_cast<std::int32_t>(std::min<std::size_t>(largest, std::numeric_limits<std::int32_t>::max()));
  std::int32_t bad = 0;
  for (std::size_t i = 0; i < n_event; ++i) bad |= (values[i] < 0) | (values[i] > limit);
  return bad == 0;
}

// Also false for a NaN.
bool all_below_one(const double* values, std::size_t n_event) {
  double bad = 0;
  for (std::size_t i = 0; i < n_event; ++i) bad = values[i] >= 0 && values[i] < 1 ? bad : 1;
  return bad == 0;
}

void check_numbers(const char* name, const std::int32_t* values, std::size_t n_event, std::size_t largest) {
  if (values == nullptr || all_up_to(values, n_event, largest)) return;
  std::size_t i = 0;
  while (all_up_to(values + i, 1, largest)) ++i;
  fail(std::string(name) + ": expected 0 to " + std::to_string(largest) + ", got " + std::to_string(values[i]) +
       " for event " + std::to_string(i));
}

void check_random(const char* name, const double* values, std::size_t n_event) {
  if (values == nullptr || all_below_one(values, n_event)) return;
  std::size_t i = 0;
  while (all_below_one(values + i, 1)) ++i;
  fail(std::string(name) + ": expected 0 <= r < 1, got " + std::to_string(values[i]) + " for event " +
       std::to_string(i));
}

void check_values(const Program& program, const Batch& batch) {
  check_numbers("channel", batch.channel, batch.n_event, program.n_diagram);
  check_numbers("color_config", batch.color_config, batch.n_event, program.n_config);
  check_numbers("helicity", batch.helicity_in, batch.n_event, program.n_helicity);
  check_random("random_helicity", batch.random_helicity, batch.n_event);
  check_random("random_color", batch.random_color, batch.n_event);
}

// Which arrays need which; nothing can be missing from a batch without events.
void check_complete(const Program& program, const Batch& batch) {
  if (batch.n_event == 0) return;
  if (batch.momenta == nullptr) fail("momenta: required");
  if (!program.running_couplings.empty() && batch.running_coupling == nullptr)
    fail("running_coupling: required, this Program has " + std::to_string(program.running_couplings.size()));
  if (batch.helicity != nullptr && batch.random_helicity == nullptr)
    fail("random_helicity: required for the output helicity");
  if (batch.color_flow != nullptr && batch.random_color == nullptr)
    fail("random_color: required for the output color_flow");
}

}  // namespace

Batch make_batch(const Program& program, std::size_t n_event, const Inputs& inputs, const Outputs& outputs,
                 bool on_device) {
  const auto in =
      sort_arrays<n_input_key>(inputs, "input", n_event, [&](int key) { return input_layout(key, program); });
  const auto out =
      sort_arrays<n_output_key>(outputs, "output", n_event, [&](int key) { return output_layout(key, program); });
  const auto real = [&](meb_input key) { return static_cast<const double*>(in[key]); };
  const auto integer = [&](meb_input key) { return static_cast<const std::int32_t*>(in[key]); };
  const auto real_out = [&](meb_output key) { return static_cast<double*>(out[key]); };
  const auto integer_out = [&](meb_output key) { return static_cast<std::int32_t*>(out[key]); };

  const double* each = real(MEB_INPUT_RUNNING_COUPLING);
  const double* common = real(MEB_INPUT_RUNNING_COUPLING_COMMON);
  if (each != nullptr && common != nullptr) fail("running_coupling_common: running_coupling is given too");

  Batch batch;
  batch.n_event = n_event;
  batch.momenta = real(MEB_INPUT_MOMENTA);
  batch.running_coupling = each != nullptr ? each : common;
  batch.running_coupling_common = common != nullptr;
  batch.channel = integer(MEB_INPUT_CHANNEL);
  const double* strength = real(MEB_INPUT_CHANNEL_STRENGTH);
  batch.channel_cut = real(MEB_INPUT_CHANNEL_CUT);
  if (strength != nullptr) {
    if (batch.channel_cut != nullptr) fail("channel_strength: channel_cut is given too");
    batch.channel_cut = strength;
    batch.channel_cut_only = true;
  }
  batch.random_helicity = real(MEB_INPUT_RANDOM_HELICITY);
  batch.random_color = real(MEB_INPUT_RANDOM_COLOR);
  batch.color_config = integer(MEB_INPUT_COLOR_CONFIG);
  batch.helicity_in = integer(MEB_INPUT_HELICITY);
  batch.matrix_element = real_out(MEB_OUTPUT_MATRIX_ELEMENT);
  batch.helicity = integer_out(MEB_OUTPUT_HELICITY);
  batch.color_flow = integer_out(MEB_OUTPUT_COLOR_FLOW);
  batch.jamp2 = real_out(MEB_OUTPUT_JAMP2);
  batch.amp2 = real_out(MEB_OUTPUT_AMP2);
  batch.by_helicity = real_out(MEB_OUTPUT_MATRIX_ELEMENT_BY_HELICITY);
  batch.flag = integer_out(MEB_OUTPUT_FLAG);
  check_complete(program, batch);
  batch.on_device = on_device;
  if (!on_device) check_values(program, batch);
  return batch;
}

}  // namespace meb::abi
