#include "backends/cuda/launcher.hpp"

#include <cstdlib>

#include "backends/cuda/block_source.hpp"
#include "backends/cuda/straight.hpp"
#include "engine/error.hpp"

namespace meb::cuda {
namespace {

// For tests and measurements: a number from the environment in place of the engine's choice.
long choice(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtol(text, nullptr, 10) : otherwise;
}

BatchLimits limits() {
  BatchLimits l;
  l.amplitudes = static_cast<std::uint32_t>(choice("MEBRIDGE_CUDA_AMPLITUDES", l.amplitudes));
  l.states = static_cast<std::uint32_t>(choice("MEBRIDGE_CUDA_STATES", l.states));
  return l;
}

// More local memory than this a thread, and shared memory is the better place.
constexpr std::size_t most_local_bytes = 1536;

}  // namespace

Launcher::Launcher(std::shared_ptr<Device> device, std::shared_ptr<const Plan> plan, unsigned wanted,
                   Precision precision)
    : device_(std::move(device)),
      plan_(std::move(plan)),
      single_(precision == Precision::single),
      data_(*plan_, wanted, limits()),
      tables_(device_),
      scratch_(device_) {
  thread_design_ = device_->has_thread_design() && try_thread_design(wanted);
  if (!thread_design_) choose_shape();
  const std::vector<std::byte> bytes = data_.bytes(shape_.log_events);
  void* base = tables_.reserve(bytes.size());
  device_->upload(base, bytes.data(), bytes.size(), nullptr);
  device_->synchronize(nullptr);
  device_tables_ = data_.tables(static_cast<const std::byte*>(base), single_ ? 4 : 8);
}

bool Launcher::try_thread_design(unsigned wanted) {
  const long forced = choice("MEBRIDGE_CUDA_DESIGN", 0);  // 1: thread, 2: block
  if (forced == 2 || (forced == 0 && !may_be_straight(*plan_, wanted))) return false;
  KernelRequest request;
  request.single = single_;
  request.n_thread = static_cast<int>(choice("MEBRIDGE_CUDA_THREADS", 128));
  request.n_resident = 1;
  request.thread_design = true;
  request.source = straight_source(*plan_, wanted);
  kernel_ = device_->kernel(request);
  if (forced == 0 && kernel_->local_bytes() > most_local_bytes) return false;
  n_block_max_ = 0;
  return true;
}

// The most events of which at least two blocks fit, else one block, else with rows in global memory.
void Launcher::choose_shape() {
  const long forced = choice("MEBRIDGE_CUDA_LOG_EVENTS", -1);
  std::optional<Shape> best;
  for (std::uint32_t log_events = 0; log_events <= 4; ++log_events) {
    if (forced >= 0 && log_events != static_cast<std::uint32_t>(forced)) continue;
    const auto shape = shape_for(log_events);
    if (shape && (!best || shape->n_resident >= 2)) best = shape;
  }
  if (!best) throw Error(Status::unsupported, "backend cuda: an event does not fit in the GPU's shared memory");
  shape_ = *best;
  KernelRequest request;
  request.single = single_;
  request.op_mask = data_.schedule().op_mask;
  request.n_thread = shape_.n_thread;
  request.n_resident = shape_.n_resident;
  memory_ = data_.memory(shape_.log_events, single_ ? 4 : 8, shape_.rows_global);
  request.source = block_source(data_, *plan_->program, memory_, single_ ? 4 : 8, shape_.n_thread);
  kernel_ = device_->kernel(request);
  const int resident = std::max(1, kernel_->resident(memory_.size));
  n_block_max_ = static_cast<std::size_t>(resident) * static_cast<std::size_t>(device_->n_multiprocessor());
  if (shape_.rows_global) {
    const auto stride = data_.tables(nullptr, single_ ? 4 : 8).sizes.stride;
    scratch_.reserve(n_block_max_ * (std::size_t{data_.sizes().n_row} * stride << shape_.log_events) *
                     (single_ ? 8 : 16));
  }
}

std::optional<Launcher::Shape> Launcher::shape_for(std::uint32_t log_events) const {
  constexpr std::size_t reserved = 1024;  // of each block, by the driver
  for (const bool rows_global : {false, true}) {
    const std::size_t size = data_.memory(log_events, single_ ? 4 : 8, rows_global).size;
    if (size > device_->shared_per_block()) continue;
    const auto fit = static_cast<int>(device_->shared_per_multiprocessor() / (size + reserved));
    Shape s{log_events, rows_global, 0, std::max(1, fit)};
    // registers: 64 Ki a multiprocessor, about 128 a thread
    s.n_thread = static_cast<int>(choice("MEBRIDGE_CUDA_THREADS", 0));
    if (s.n_thread == 0) s.n_thread = s.n_resident >= 3 ? 128 : s.n_resident == 2 ? 256 : 384;
    s.n_resident = std::min(s.n_resident, 512 / s.n_thread > 0 ? 512 / s.n_thread : 1);
    return s;
  }
  return std::nullopt;
}

void Launcher::run(const Values& values, const Events& events, Stream stream) {
  Arguments a{};
  a.tables = device_tables_;
  a.values = values;
  a.events = events;
  a.memory = memory_;
  a.scratch = scratch_.data();
  if (thread_design_) {
    const auto n = static_cast<std::size_t>(kernel_->n_thread());
    kernel_->launch((events.n_event + n - 1) / n, 0, stream, a);
    return;
  }
  const std::size_t n_block = (events.n_event + (std::size_t{1} << shape_.log_events) - 1) >> shape_.log_events;
  kernel_->launch(std::min(n_block, n_block_max_), memory_.size, stream, a);
}

std::string Launcher::description() const {
  std::string text = thread_design_ ? "thread design" : "block design";
  text += ", " + std::to_string(kernel_->n_thread()) + " threads, " + std::to_string(kernel_->n_register()) +
          " registers, " + std::to_string(kernel_->local_bytes()) + " bytes local";
  if (!thread_design_)
    text += ", " + std::to_string(1u << shape_.log_events) + " events a block, " + std::to_string(memory_.size) +
            " bytes shared, " + std::to_string(n_block_max_) + " blocks" +
            (shape_.rows_global ? ", rows in global memory" : "") + ", " +
            std::to_string(data_.schedule().phases.size()) + " phases";
  return text;
}

}  // namespace meb::cuda
