#include "backends/cuda/launcher.hpp"

#include <algorithm>
#include <cstdlib>
#include <span>

#include "backends/cuda/block_source.hpp"
#include "backends/cuda/dots_source.hpp"
#include "backends/cuda/straight.hpp"
#include "engine/error.hpp"

namespace meb::cuda {
namespace {

// For tests and measurements: a number from the environment in place of the engine's choice.
long choice(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtol(text, nullptr, 10) : otherwise;
}

// Shapes of blocks in the order they are tried: what does not fit is passed over. Measured on an
// NVIDIA H200: many small blocks where an event is small, one large block where it is not.
struct Candidate {
  BatchLimits limits;
  std::uint32_t log_events;
  int n_thread, least_resident;
  bool pairs = false;        // lanes have two events each
  bool single_only = false;  // for single precision
};

constexpr BatchLimits in_registers{0, 256, true}, only_amp2{0, 64, true};
constexpr BatchLimits sectors(std::uint32_t helicities, std::uint32_t amplitudes) {
  return {amplitudes, 0, false, helicities};
}

constexpr Candidate candidates[] = {
    {in_registers, 4, 256, 2, true}, {in_registers, 3, 256, 2, false},
    {in_registers, 3, 256, 1, true}, {in_registers, 2, 384, 1, true, true},
    {in_registers, 2, 256, 1, true}, {in_registers, 1, 256, 1, true},
    {sectors(32, 180), 0, 256, 3},   {sectors(64, 380), 0, 512, 1, false, true},
    {sectors(32, 180), 0, 256, 2},   {sectors(32, 380), 0, 512, 1},
    {sectors(16, 640), 0, 512, 1},   {sectors(8, 1280), 0, 512, 1},
    {sectors(4, 2560), 0, 512, 1},
};

// AMP2 alone.
constexpr Candidate amp2_candidates[] = {
    {{0, 32, true}, 3, 256, 2, true, true}, {only_amp2, 3, 384, 1, true}, {only_amp2, 2, 256, 1, true},
    {only_amp2, 1, 256, 1, true},           {only_amp2, 0, 128, 1},
};

// Blocks of 64 threads a multiprocessor that leave a thread the registers it needs (measured, NVIDIA H200):
// 128 for very few JAMPs, 168 for single precision, else all 255.
int thread_blocks(const Plan& plan, bool single) {
  constexpr std::size_t few_jamps = 4;
  if (plan.n_active() * plan.program->n_row() <= few_jamps) return 8;
  return single ? 6 : 1;
}

constexpr std::size_t reserved = 1024;  // bytes of shared memory of each block, by the driver

// More local memory than this a thread, and shared memory is the better place.
constexpr std::size_t most_local_bytes = 1536;

}  // namespace

bool computes_amp2_apart(const Device& device, const Plan& plan, unsigned wanted) {
  if (!device.runs_generated_code() || !(wanted & need::amp2_densities) || choice("MEBRIDGE_CUDA_APART", 1) == 0)
    return false;
  if (choice("MEBRIDGE_CUDA_DESIGN", 0) == 2 || may_be_straight(plan, wanted)) return false;
  if (!may_be_in_registers(plan, need::jamp) || !may_be_in_registers(plan, wanted)) return false;
  return std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& s) { return s.op == Op::trace; });
}

Launcher::Launcher(std::shared_ptr<Device> device, std::shared_ptr<const Plan> plan, unsigned wanted,
                   Precision precision)
    : device_(std::move(device)), plan_(std::move(plan)), single_(precision == Precision::single), tables_(device_) {
  thread_design_ = device_->runs_generated_code() && (wanted & need::jamp) && try_thread_design(wanted);
  if (thread_design_) {
    data_.emplace(*plan_, wanted, BatchLimits{});
    table_bytes_ = data_->bytes(0, single_ ? 4 : 8);
  } else {
    choose_shape(wanted);
  }
  void* base = tables_.reserve(table_bytes_.size());
  device_->upload(base, table_bytes_.data(), table_bytes_.size(), nullptr);
  device_->synchronize(nullptr);
  device_tables_ = data_->tables(static_cast<const std::byte*>(base));
}

bool Launcher::try_thread_design(unsigned wanted) {
  const long forced = choice("MEBRIDGE_CUDA_DESIGN", 0);  // 1: thread, 2: block, 3: block with dots in registers
  if (forced >= 2 || (forced == 0 && !may_be_straight(*plan_, wanted))) return false;
  KernelRequest request;
  request.single = single_;
  request.n_thread = static_cast<int>(choice("MEBRIDGE_CUDA_THREADS", 64));
  request.n_resident = static_cast<int>(choice("MEBRIDGE_CUDA_RESIDENT", thread_blocks(*plan_, single_)));
  request.thread_design = true;
  request.source = straight_source(*plan_, wanted);
  kernel_ = device_->kernel(request);
  if (forced == 0 && kernel_->local_bytes() > most_local_bytes) return false;
  n_block_max_ = 0;
  const Program& p = *plan_->program;
  thread_doubles_ = plan_->n_active() + p.n_flow + std::max<std::size_t>(1, p.amp2_diagrams.size());
  return true;
}

void Launcher::choose_shape(unsigned wanted) {
  const std::size_t real_size = single_ ? 4 : 8;
  const bool jamps_fit = device_->runs_generated_code() && may_be_in_registers(*plan_, wanted);
  const long forced = choice("MEBRIDGE_CUDA_DESIGN", 0);
  const bool with_jamps = wanted & need::jamp;
  for (Candidate c :
       with_jamps ? std::span<const Candidate>(candidates) : std::span<const Candidate>(amp2_candidates)) {
    if (c.single_only && !single_) continue;
    if (c.limits.in_registers ? !jamps_fit || forced == 2 : forced == 3) continue;
    const auto set = [&](const char* name, auto& value) { value = static_cast<std::uint32_t>(choice(name, value)); };
    set(with_jamps ? "MEBRIDGE_CUDA_STATES" : "MEBRIDGE_CUDA_AMP2_STATES", c.limits.states);
    set("MEBRIDGE_CUDA_HELICITIES", c.limits.helicities);
    if (c.limits.in_registers)
      set(with_jamps ? "MEBRIDGE_CUDA_LOG_EVENTS" : "MEBRIDGE_CUDA_AMP2_LOG_EVENTS", c.log_events);
    const char* threads = with_jamps ? "MEBRIDGE_CUDA_THREADS" : "MEBRIDGE_CUDA_AMP2_THREADS";
    c.n_thread = static_cast<int>(choice(threads, c.n_thread));
    data_.emplace(*plan_, wanted, c.limits);
    const bool pairs = c.log_events > 0 && choice("MEBRIDGE_CUDA_PAIRS", c.pairs) != 0;
    const bool overlaid = device_->runs_generated_code() && data_->rows_fit_in_registers(c.n_thread);
    memory_ = data_->memory(c.log_events, c.log_events - pairs, real_size, overlaid);
    const auto fit = static_cast<int>(device_->shared_per_multiprocessor() / (memory_.size + reserved));
    if (memory_.size > device_->shared_per_block() || fit < c.least_resident) continue;
    log_events_ = c.log_events;
    KernelRequest request;
    request.single = single_;
    request.op_mask = data_->schedule().op_mask;
    request.n_thread = c.n_thread;
    // registers: 64 Ki a multiprocessor, at least 128 a thread
    request.n_resident =
        static_cast<int>(choice(with_jamps ? "MEBRIDGE_CUDA_RESIDENT" : "MEBRIDGE_CUDA_AMP2_RESIDENT",
                                c.limits.in_registers ? c.least_resident : std::clamp(512 / request.n_thread, 1, fit)));
    place_tables(static_cast<std::size_t>(request.n_resident), real_size);
    request.source = block_source(*data_, memory_);
    kernel_ = device_->kernel(request);
    return reserve_blocks();
  }
  throw Error(Status::unsupported, "backend cuda: an event does not fit in the GPU's shared memory");
}

// Copies of the tables of vertices in shared memory, if as many blocks as before have room for them.
void Launcher::place_tables(std::size_t n_resident, std::size_t real_size) {
  constexpr std::size_t align = 16;
  table_bytes_ = data_->bytes(memory_.log_lanes, real_size);
  const Tables tables = data_->tables(nullptr);
  const auto at = [](const void* p) { return reinterpret_cast<std::uintptr_t>(p); };
  const std::size_t first = (memory_.size + align - 1) / align * align, size = first + at(tables.ops);
  if (choice("MEBRIDGE_CUDA_TABLES", 1) == 0 || size > device_->shared_per_block() ||
      (size + reserved) * n_resident > device_->shared_per_multiprocessor())
    return;
  const auto place = [&](const void* p) { return static_cast<std::uint32_t>(first + at(p)); };
  memory_.phases = place(tables.phases), memory_.chunks = place(tables.chunks);
  memory_.items = place(tables.items), memory_.terms = place(tables.terms);
  memory_.size = static_cast<std::uint32_t>(size);
}

void Launcher::reserve_blocks() {
  const int resident = std::max(1, kernel_->resident(memory_.size));
  n_block_max_ = static_cast<std::size_t>(resident) * static_cast<std::size_t>(device_->n_multiprocessor());
}

void Launcher::run(const Values& values, const Events& events, Stream stream) {
  Arguments a{};
  a.tables = device_tables_;
  a.values = values;
  a.events = events;
  a.memory = memory_;
  if (thread_design_) {
    const auto n = static_cast<std::size_t>(kernel_->n_thread());
    kernel_->launch((events.n_event + n - 1) / n, n * thread_doubles_ * sizeof(double), stream, a);
    return;
  }
  const auto [scratch, is_new] = scratch_.try_emplace(stream, device_);
  a.scratch = scratch->second.reserve(n_block_max_ * data_->scratch_size(single_ ? 4 : 8));
  const std::size_t n_block = (events.n_event + (std::size_t{1} << log_events_) - 1) >> log_events_;
  kernel_->launch(std::min(n_block, n_block_max_), memory_.size, stream, a);
}

std::string Launcher::description() const {
  std::string text = thread_design_          ? "thread design"
                     : data_->in_registers() ? "block design with dots in registers"
                                             : "block design";
  text += ", " + std::to_string(kernel_->n_thread()) + " threads, " + std::to_string(kernel_->n_register()) +
          " registers, " + std::to_string(kernel_->local_bytes()) + " bytes local";
  if (!thread_design_)
    text += ", " + std::to_string(1u << log_events_) + " events a block, " + std::to_string(memory_.size) +
            " bytes shared, " + std::to_string(n_block_max_) + " blocks, " + std::to_string(data_->sizes().n_sector) +
            " sectors, " + std::to_string(data_->schedule().phases.size()) + " phases";
  return text;
}

}  // namespace meb::cuda
