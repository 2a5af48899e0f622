#include "backends/cuda/phase_space.hpp"

#include "backends/cuda/memory.hpp"

namespace meb::cuda {
namespace {

class CudaPhaseSpace final : public PhaseSpace {
public:
  CudaPhaseSpace(std::string_view name, const PhaseSpaceBatch& particles, std::shared_ptr<Device> device)
      : PhaseSpace(particles), name_(name), device_(std::move(device)), memory_(device_) {
    const Entered entered(*device_);
    kernel_ = device_->kernel(phase_space_request(static_cast<int>(particles.n_outgoing)));
  }
  ~CudaPhaseSpace() override {
    try {
      const Entered entered(*device_);
      memory_.release();
    } catch (...) {  // the device is lost: so is its memory
    }
  }

  std::string backend() const override { return name_; }
  void set_threads(std::size_t) override {}

private:
  void run_on_device(const PhaseSpaceBatch& batch, void* stream) override {
    const Entered entered(*device_);
    launch(batch, stream);
  }

  void run(const PhaseSpaceBatch& batch) override {
    const Entered entered(*device_);
    const std::size_t n = batch.n_event, n_energy = batch.sqrt_s_common ? 1 : n;
    const std::size_t n_random = 4 * n_outgoing() * n, n_momentum = 4 * n_incoming() * n + n_random;
    auto* random = static_cast<double*>(memory_.reserve((n_random + n_energy + n_momentum + n) * sizeof(double)));
    auto *energy = random + n_random, *momenta = energy + n_energy, *weight = momenta + n_momentum;
    device_->upload(random, batch.random, n_random * sizeof(double), nullptr);
    device_->upload(energy, batch.sqrt_s, n_energy * sizeof(double), nullptr);
    PhaseSpaceBatch there = batch;
    there.random = random;
    there.sqrt_s = energy;
    there.momenta = momenta;
    there.weight = weight;
    launch(there, nullptr);
    device_->download(batch.momenta, momenta, n_momentum * sizeof(double), nullptr);
    device_->download(batch.weight, weight, n * sizeof(double), nullptr);
    device_->synchronize(nullptr);
  }

  void launch(const PhaseSpaceBatch& batch, Stream stream) {
    const auto n_thread = static_cast<std::size_t>(kernel_->n_thread());
    kernel_->launch_with((batch.n_event + n_thread - 1) / n_thread, 0, stream, &batch);
  }

  std::string name_;
  std::shared_ptr<Device> device_;
  std::shared_ptr<Kernel> kernel_;
  Buffer memory_;
};

}  // namespace

KernelRequest phase_space_request(int n_outgoing) {
  KernelRequest request;
  request.n_thread = 128;
  request.n_outgoing = n_outgoing;
  return request;
}

std::unique_ptr<PhaseSpace> make_phase_space(std::string_view backend, const PhaseSpaceBatch& particles) {
  return std::make_unique<CudaPhaseSpace>(backend, particles, backend == "cuda" ? open_gpu() : open_host());
}

}  // namespace meb::cuda
