// The engine on a GPU: keeps Plan, kernels and buffers; moves batches through the device.
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>

#include "backends/cuda/engine.hpp"
#include "backends/cuda/launcher.hpp"
#include "engine/plugin.hpp"

namespace meb::cuda {
namespace {

// Events of one piece of a batch in host memory: while one is computed, the next is copied.
constexpr std::size_t piece_size = std::size_t{1} << 16;

// An array of a batch: where it is and how large an event's part.
struct Array {
  std::size_t member;  // offset in Events
  void* host;
  std::size_t bytes;
  bool common = false;
};

template <class T>
std::size_t offset(T Events::* member) {
  static const Events e{};
  return static_cast<std::size_t>(reinterpret_cast<const char*>(&(e.*member)) - reinterpret_cast<const char*>(&e));
}

void set(Events& events, std::size_t member, void* pointer) {
  std::memcpy(reinterpret_cast<char*>(&events) + member, &pointer, sizeof pointer);
}

std::vector<Array> inputs(const Batch& b, const Program& p) {
  const auto host = [](const void* x) { return const_cast<void*>(x); };
  const std::vector<Array> all = {
      {offset(&Events::momenta), host(b.momenta), p.n_leg * 4 * sizeof(double)},
      {offset(&Events::running_coupling), host(b.running_coupling), p.running_couplings.size() * 2 * sizeof(double),
       b.running_coupling_common},
      {offset(&Events::channel), host(b.channel), sizeof(std::int32_t)},
      {offset(&Events::channel_cut), host(b.channel_cut), p.n_config * sizeof(double)},
      {offset(&Events::random_helicity), host(b.random_helicity), sizeof(double)},
      {offset(&Events::random_color), host(b.random_color), sizeof(double)},
      {offset(&Events::color_config), host(b.color_config), sizeof(std::int32_t)},
      {offset(&Events::helicity_in), host(b.helicity_in), sizeof(std::int32_t)},
  };
  std::vector<Array> given;
  for (const Array& a : all)
    if (a.host && a.bytes > 0) given.push_back(a);
  return given;
}

std::vector<Array> outputs(const Batch& b, const Program& p) {
  const std::vector<Array> all = {
      {offset(&Events::matrix_element), b.matrix_element, sizeof(double)},
      {offset(&Events::helicity), b.helicity, sizeof(std::int32_t)},
      {offset(&Events::color_flow), b.color_flow, sizeof(std::int32_t)},
      {offset(&Events::jamp2), b.jamp2, p.n_flow * sizeof(double)},
      {offset(&Events::amp2), b.amp2, p.n_diagram * sizeof(double)},
      {offset(&Events::by_helicity), b.by_helicity, p.n_helicity * sizeof(double)},
      {offset(&Events::flag), b.flag, sizeof(std::int32_t)},
  };
  std::vector<Array> given;
  for (const Array& a : all)
    if (a.host && a.bytes > 0) given.push_back(a);
  return given;
}

// The same batch without its first events.
Events from(Events e, std::size_t first, const Program& p) {
  const auto skip = [&](auto*& pointer, std::size_t n) {
    if (pointer) pointer += first * n;
  };
  skip(e.momenta, p.n_leg * 4);
  if (!e.running_coupling_common) skip(e.running_coupling, p.running_couplings.size() * 2);
  skip(e.channel, 1), skip(e.channel_cut, p.n_config), skip(e.random_helicity, 1), skip(e.random_color, 1);
  skip(e.color_config, 1), skip(e.helicity_in, 1);
  skip(e.matrix_element, 1), skip(e.helicity, 1), skip(e.color_flow, 1), skip(e.flag, 1);
  skip(e.jamp2, p.n_flow), skip(e.amp2, p.n_diagram), skip(e.by_helicity, p.n_helicity);
  return e;
}

std::size_t padded(std::size_t bytes) { return (bytes + 255) / 256 * 256; }

std::size_t total(const std::vector<Array>& arrays, std::size_t n) {
  std::size_t sum = 0;
  for (const Array& a : arrays) sum += padded(a.common ? a.bytes : n * a.bytes);
  return sum;
}

// One piece under way on a stream of its own.
class Piece {
public:
  explicit Piece(std::shared_ptr<Device> device)
      : device_(std::move(device)),
        in_(device_),
        out_(device_),
        host_in_(device_, true),
        host_out_(device_, true),
        counter_(device_),
        stream_(device_->make_stream()) {}
  ~Piece() { device_->free_stream(stream_); }
  Piece(const Piece&) = delete;
  Piece& operator=(const Piece&) = delete;

  void start(Events events, const std::vector<Array>& in, const std::vector<Array>& out, std::size_t first,
             std::size_t n, const std::function<void(const Events&, Stream)>& run) {
    first_ = first;
    n_ = n;
    arrays_ = &out;
    events.n_event = n;
    send(events, in);
    const std::size_t bytes = total(out, n) + 256;
    auto* at = static_cast<char*>(out_.reserve(bytes));
    events.n_non_finite = reinterpret_cast<unsigned long long*>(at);
    device_->clear(at, events.by_helicity ? bytes : 256, stream_);
    at += 256;
    for (const Array& a : out) {
      set(events, a.member, at);
      at += padded(n * a.bytes);
    }
    run(events, stream_);
    device_->download(host_out_.reserve(bytes), out_.data(), bytes, stream_);
  }

  // Waits; returns how many results are not finite.
  std::uint64_t finish() {
    if (n_ == 0) return 0;
    device_->synchronize(stream_);
    const auto* at = static_cast<const char*>(host_out_.data());
    unsigned long long n_non_finite = 0;
    std::memcpy(&n_non_finite, at, sizeof n_non_finite);
    at += 256;
    for (const Array& a : *arrays_) {
      std::memcpy(static_cast<char*>(a.host) + first_ * a.bytes, at, n_ * a.bytes);
      at += padded(n_ * a.bytes);
    }
    n_ = 0;
    return n_non_finite;
  }

private:
  void send(Events& events, const std::vector<Array>& in) {
    const std::size_t bytes = total(in, n_);
    auto* host = static_cast<char*>(host_in_.reserve(bytes));
    auto* device = static_cast<char*>(in_.reserve(bytes));
    std::size_t at = 0;
    for (const Array& a : in) {
      const std::size_t size = a.common ? a.bytes : n_ * a.bytes;
      std::memcpy(host + at, static_cast<const char*>(a.host) + (a.common ? 0 : first_ * a.bytes), size);
      set(events, a.member, device + at);
      at += padded(size);
    }
    device_->upload(device, host, bytes, stream_);
  }

  std::shared_ptr<Device> device_;
  Buffer in_, out_, host_in_, host_out_, counter_;
  Stream stream_;
  std::size_t first_ = 0, n_ = 0;
  const std::vector<Array>* arrays_ = nullptr;
};

// Makes the device current while it lives.
class Entered {
public:
  explicit Entered(Device& device) : device_(device) { device_.enter(); }
  ~Entered() { device_.leave(); }
  Entered(const Entered&) = delete;
  Entered& operator=(const Entered&) = delete;

private:
  Device& device_;
};

class CudaEngine final : public Engine {
public:
  CudaEngine(std::shared_ptr<const Program> program, std::string name, std::shared_ptr<Device> device,
             Precision precision)
      : program_(std::move(program)),
        name_(std::move(name)),
        device_(std::move(device)),
        precision_(precision),
        weight_(program_->n_helicity, 1.0),
        parameter_(program_->parameters.size(), 0.0),
        coupling_(2 * program_->couplings.size(), 0.0),
        have_values_(program_->parameters.empty() && program_->couplings.empty()) {}

  ~CudaEngine() override {
    try {
      const Entered entered(*device_);
      pieces_.clear();
      forget();
      counter_.reset();
    } catch (...) {  // the device is lost: so is its memory
    }
  }

  const Program& program() const override { return *program_; }
  std::string backend() const override { return name_; }
  std::uint64_t n_event() const override { return n_event_; }
  std::uint64_t n_non_finite() const override {
    if (!counter_) return n_non_finite_;
    const Entered entered(*device_);
    unsigned long long on_device = 0;
    device_->synchronize(last_stream_);
    device_->download(&on_device, counter_->data(), sizeof on_device, nullptr);
    device_->synchronize(nullptr);
    return n_non_finite_ + on_device;
  }

  void set_threads(std::size_t n_thread) override {
    if (n_thread < 1 || n_thread > 4096) throw Error(Status::argument, "n_thread must be 1 ... 4096");
  }

  void set_parameters(std::span<const double> parameter, std::span<const double> coupling) override {
    parameter_.assign(parameter.begin(), parameter.end());
    coupling_.assign(coupling.begin(), coupling.end());
    have_values_ = true;
    drop_values();
  }

  void set_helicity_weights(std::span<const double> weight) override {
    for (double w : weight)
      if (!(w >= 0) || !std::isfinite(w)) throw Error(Status::argument, "a helicity weight is negative or not finite");
    weight_.assign(weight.begin(), weight.end());
    const Entered entered(*device_);
    forget();
  }

  void evaluate(const Batch& batch) override {
    if (!have_values_) throw Error(Status::state, "call meb_engine_set_parameters before the first evaluation");
    if (batch.n_event == 0) return;
    const Entered entered(*device_);
    prepare();
    Ready& ready = find(batch);
    Events events{};
    events.running_coupling_common = batch.running_coupling_common;
    events.channel_cut_only = batch.channel_cut_only;
    events.with_amp2 = with_amp2(batch);
    if (batch.on_device)
      evaluate_on_device(batch, ready, events);
    else
      evaluate_from_host(batch, ready, events);
    n_event_ += batch.n_event;
  }

  std::string description() const override {
    std::string text = device_->name();
    for (const auto& [wanted, ready] : ready_)
      for (const auto& stage : ready->stages) text += "; " + stage->launcher.description();
    return text;
  }

private:
  // One kernel and its values.
  struct Stage {
    Stage(std::shared_ptr<Device> device, std::shared_ptr<const Plan> plan, unsigned wanted, Precision precision)
        : launcher(device, std::move(plan), wanted, precision), memory(device) {}
    Launcher launcher;
    Buffer memory;  // of values
    Values values{};
  };

  // What computes a batch: one kernel, or one for AMP2 and one for the rest.
  class Ready {
  public:
    Ready(std::shared_ptr<Device> device, std::shared_ptr<const Plan> plan, unsigned wanted, Precision precision)
        : device_(device), program_(*plan->program) {
      if (computes_amp2_apart(*device, *plan, wanted)) {
        stages.push_back(std::make_unique<Stage>(device, plan, wanted & ~need::jamp, precision));
        wanted = need::jamp;
      }
      stages.push_back(std::make_unique<Stage>(device, plan, wanted, precision));
    }

    void run(const Events& events, Stream stream) {
      if (stages.size() == 1) return stages[0]->launcher.run(stages[0]->values, events, stream);
      const std::size_t n_amp2 = program_.amp2_diagrams.size();
      const auto [at, is_new] = between_.try_emplace(stream, device_);
      void* between = at->second.reserve(std::min<std::size_t>(events.n_event, piece_size) * n_amp2 * sizeof(double));
      for (std::size_t first = 0; first < events.n_event; first += piece_size) {
        Events part = from(events, first, program_);
        part.n_event = std::min(piece_size, events.n_event - first);
        part.amp2_between = static_cast<double*>(between);
        Events only_amp2 = part;
        only_amp2.jamp2 = nullptr, only_amp2.color_flow = nullptr;
        stages[0]->launcher.run(stages[0]->values, only_amp2, stream);
        stages[1]->launcher.run(stages[1]->values, part, stream);
      }
    }

    std::vector<std::unique_ptr<Stage>> stages;
    bool has_values = false;

  private:
    std::shared_ptr<Device> device_;
    const Program& program_;
    std::map<Stream, Buffer> between_;  // batches on different streams overlap
  };

  static bool with_amp2(const Batch& b) { return b.amp2 || (b.channel && !b.channel_cut_only); }

  void forget() {
    ready_.clear();
    plan_ = nullptr;
  }
  void drop_values() {
    for (auto& [wanted, ready] : ready_) ready->has_values = false;
  }

  void prepare() {
    if (plan_) return;
    std::vector<std::uint32_t> active;
    for (std::uint32_t h = 0; h < weight_.size(); ++h)
      if (weight_[h] != 0 && !program_->zero_helicities[h]) active.push_back(h);
    plan_ = make_plan(program_, std::move(active));
  }

  // As the CPU's runner: density matrices where they are exact and all helicities are summed.
  Ready& find(const Batch& batch) {
    const unsigned amp2 = plan_->densities_exact && !batch.helicity_in ? need::amp2_densities : need::amp2_amplitudes;
    const unsigned wanted = need::jamp | (with_amp2(batch) ? amp2 : 0);
    auto found = ready_.find(wanted);
    if (found == ready_.end())
      found = ready_.emplace(wanted, std::make_unique<Ready>(device_, plan_, wanted, precision_)).first;
    const auto& ready = found->second;
    if (!ready->has_values)
      for (auto& stage : ready->stages) send_values(*stage);
    ready->has_values = true;
    return *ready;
  }

  void send_values(Stage& ready) {
    std::vector<double> numbers = parameter_;
    numbers.insert(numbers.end(), coupling_.begin(), coupling_.end());
    for (const PropagatorPlace& q : ready.launcher.propagators()) {
      const double m = q.mass == none ? 0 : parameter_[q.mass], width = q.width == none ? 0 : parameter_[q.width];
      numbers.insert(numbers.end(), {m, m != 0 ? 1 / (m * m) : 0, m * m, m * width});
    }
    for (auto h : plan_->active) numbers.push_back(weight_[h]);
    const std::size_t bytes = numbers.size() * sizeof(double);
    auto* base = static_cast<double*>(ready.memory.reserve(bytes));
    device_->upload(base, numbers.data(), bytes, nullptr);
    device_->synchronize(nullptr);
    ready.values.parameter = base;
    ready.values.coupling = base + parameter_.size();
    const double* propagators = ready.values.coupling + coupling_.size();
    ready.values.propagators = reinterpret_cast<const PropagatorValues*>(propagators);
    ready.values.weight = propagators + 4 * ready.launcher.propagators().size();
  }

  void evaluate_on_device(const Batch& batch, Ready& ready, Events& events) {
    for (const Array& a : inputs(batch, *program_)) set(events, a.member, a.host);
    for (const Array& a : outputs(batch, *program_)) set(events, a.member, a.host);
    events.n_event = batch.n_event;
    if (!counter_) {
      counter_ = std::make_unique<Buffer>(device_);
      device_->clear(counter_->reserve(256), 256, nullptr);
      device_->synchronize(nullptr);
    }
    events.n_non_finite = static_cast<unsigned long long*>(counter_->data());
    if (batch.by_helicity)
      device_->clear(batch.by_helicity, batch.n_event * program_->n_helicity * sizeof(double), batch.stream);
    ready.run(events, batch.stream);
    last_stream_ = batch.stream;
  }

  void evaluate_from_host(const Batch& batch, Ready& ready, const Events& events) {
    const std::vector<Array> in = inputs(batch, *program_), out = outputs(batch, *program_);
    while (pieces_.size() < 2) pieces_.push_back(std::make_unique<Piece>(device_));
    std::size_t number = 0;
    try {
      Events one = events;
      one.by_helicity = batch.by_helicity;  // says that outputs must start at zero
      for (std::size_t first = 0; first < batch.n_event; first += piece_size, ++number) {
        Piece& piece = *pieces_[number % 2];
        n_non_finite_ += piece.finish();
        piece.start(one, in, out, first, std::min(piece_size, batch.n_event - first),
                    [&](const Events& e, Stream stream) { ready.run(e, stream); });
      }
      for (auto& piece : pieces_) n_non_finite_ += piece->finish();
    } catch (...) {
      pieces_.clear();  // nothing may be under way that refers to this batch
      throw;
    }
  }

  std::shared_ptr<const Program> program_;
  std::string name_;
  std::shared_ptr<Device> device_;
  Precision precision_;
  std::vector<double> weight_, parameter_, coupling_;
  bool have_values_;
  std::shared_ptr<const Plan> plan_;
  std::map<unsigned, std::unique_ptr<Ready>> ready_;
  std::vector<std::unique_ptr<Piece>> pieces_;
  std::unique_ptr<Buffer> counter_;  // of batches in device memory
  Stream last_stream_ = nullptr;
  std::uint64_t n_event_ = 0, n_non_finite_ = 0;
};

}  // namespace

std::unique_ptr<Engine> make_engine(std::shared_ptr<const Program> program, std::string_view backend,
                                    Precision precision) {
  for (const Instruction& x : program->instructions)
    if (x.op == Op::custom)
      throw Error(Status::unsupported, "backend 'cuda': functions of a plug-in are not supported; choose auto");
  auto device = backend == "cuda" ? open_gpu() : open_host();
  program = without_density_vertices(std::move(program));
  return std::make_unique<CudaEngine>(std::move(program), std::string(backend), std::move(device), precision);
}

}  // namespace meb::cuda

namespace meb {

bool has_cuda() { return cuda::has_gpu(); }

}  // namespace meb
