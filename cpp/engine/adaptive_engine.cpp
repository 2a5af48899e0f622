#include "engine/adaptive_engine.hpp"

#include <algorithm>
#include <limits>

namespace meb {
namespace {

// Seconds that batches take, at best.
class Speed {
public:
  void add(std::size_t n_event, double seconds) {
    batch_ = std::min(batch_, seconds);
    event_ = std::min(event_, seconds / static_cast<double>(n_event));
    ++n_batch_;
  }
  // Of n events: no batch is faster than the fastest so far, however small.
  double batch(std::size_t n) const { return std::max(batch_, event_ * static_cast<double>(n)); }
  double event() const { return event_; }
  int n_batch() const { return n_batch_; }

private:
  double batch_ = std::numeric_limits<double>::infinity(), event_ = batch_;
  int n_batch_ = 0;
};

class AdaptiveEngine final : public Engine {
public:
  AdaptiveEngine(std::unique_ptr<Engine> cpu, AdaptiveChoice choice)
      : cpu_(std::move(cpu)), choice_(std::move(choice)) {}

  const Program& program() const override { return cpu_->program(); }
  std::string backend() const override { return gpu_ ? gpu_->backend() : cpu_->backend(); }
  std::string description() const override {
    return (gpu_ ? gpu_->description() : cpu_->description()) + (reason_.empty() ? "" : ": " + reason_);
  }
  double operations(bool with_amp2) override { return cpu_->operations(with_amp2); }
  std::uint64_t n_event() const override { return n_event_; }
  std::uint64_t n_non_finite() const override {
    return cpu_->n_non_finite() + gone_non_finite_ + (gpu_ ? gpu_->n_non_finite() : 0);
  }

  void set_threads(std::size_t n_thread) override { cpu_->set_threads(n_thread); }

  void set_parameters(std::span<const double> parameter, std::span<const double> coupling) override {
    cpu_->set_parameters(parameter, coupling);
    parameter_.assign(parameter.begin(), parameter.end());
    coupling_.assign(coupling.begin(), coupling.end());
    if (gpu_) on_gpu([&] { gpu_->set_parameters(parameter, coupling); });
  }

  void set_helicity_weights(std::span<const double> weight) override {
    cpu_->set_helicity_weights(weight);
    weight_.assign(weight.begin(), weight.end());
    if (gpu_) on_gpu([&] { gpu_->set_helicity_weights(weight); });
    warm_ = 0;  // kernels are made for the helicities
  }

  void evaluate(const Batch& batch) override {
    if (batch.on_device) throw Error(Status::argument, "engine: arrays on a GPU need the backend cuda");
    if (batch.n_event == 0) return;
    if (!tried_ && cpu_seconds_ > choice_.patience) start_gpu();
    if (!gpu_pays(batch.n_event) || !on_gpu([&] { evaluate_on_gpu(batch); })) evaluate_on_cpu(batch);
    n_event_ += batch.n_event;
  }

private:
  static constexpr int n_trial = 3;          // batches that a GPU computes before it is judged
  static constexpr int judged_batches = 64;  // after which its mean speed is looked at: others may use it, too

  void start_gpu() {
    tried_ = true;
    on_gpu([&] {
      gpu_ = choice_.make_gpu();
      gpu_->set_parameters(parameter_, coupling_);
      if (!weight_.empty()) gpu_->set_helicity_weights(weight_);
    });
  }

  bool gpu_pays(std::size_t n) const {
    if (!gpu_) return false;
    return gpu_speed_.n_batch() < n_trial || gpu_speed_.batch(n) < cpu_speed_.event() * static_cast<double>(n);
  }

  void evaluate_on_cpu(const Batch& batch) {
    const double start = choice_.seconds();
    cpu_->evaluate(batch);
    const double seconds = choice_.seconds() - start;
    cpu_seconds_ += seconds;
    cpu_speed_.add(batch.n_event, seconds);
  }

  void evaluate_on_gpu(const Batch& batch) {
    const double start = choice_.seconds();
    gpu_->evaluate(batch);
    const double seconds = choice_.seconds() - start;
    const unsigned kind = kernels_of(batch);
    if ((warm_ & kind) == 0) {  // they were compiled
      warm_ |= kind;
      return;
    }
    gpu_speed_.add(batch.n_event, seconds);
    judge(batch.n_event, seconds);
  }

  // A bit for each choice of kernels that a batch may need.
  static unsigned kernels_of(const Batch& batch) {
    const bool with_amp2 = batch.amp2 || (batch.channel && !batch.channel_cut_only);
    return 1u << (2 * with_amp2 + (batch.helicity_in != nullptr));
  }

  // Gives the GPU back if the CPU would have taken less time.
  void judge(std::size_t n, double seconds) {
    judged_seconds_ += seconds;
    judged_events_ += n;
    if (++n_judged_ != n_trial && n_judged_ % judged_batches != 0) return;
    if (judged_seconds_ > cpu_speed_.event() * static_cast<double>(judged_events_))
      leave_gpu("it is faster than the GPU");
    judged_seconds_ = 0;
    judged_events_ = 0;
  }

  // False if the GPU failed, which is gone then.
  template <class Action>
  bool on_gpu(Action action) {
    try {
      action();
      return true;
    } catch (const std::exception& error) {
      leave_gpu(error.what());
    }
    return false;
  }

  void leave_gpu(const std::string& reason) {
    reason_ = reason;
    if (!gpu_) return;
    try {
      gone_non_finite_ += gpu_->n_non_finite();
    } catch (const std::exception&) {  // lost with the device
    }
    gpu_.reset();
  }

  std::unique_ptr<Engine> cpu_, gpu_;
  AdaptiveChoice choice_;
  std::vector<double> parameter_, coupling_, weight_;
  bool tried_ = false;
  unsigned warm_ = 0;
  Speed cpu_speed_, gpu_speed_;
  double cpu_seconds_ = 0, judged_seconds_ = 0;
  std::size_t judged_events_ = 0;
  int n_judged_ = 0;
  std::string reason_;
  std::uint64_t n_event_ = 0, gone_non_finite_ = 0;
};

}  // namespace

std::unique_ptr<Engine> make_adaptive_engine(std::unique_ptr<Engine> cpu, AdaptiveChoice choice) {
  return std::make_unique<AdaptiveEngine>(std::move(cpu), std::move(choice));
}

}  // namespace meb
