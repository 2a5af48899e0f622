// The block design on the host: one thread is a block. For tests.
#define MEB_TARGET cuda_host
#define MEB_WIDTH 0
#include "backends/cuda/device/block.cuh"
#include "backends/cuda/host_memory.hpp"
#include "engine/error.hpp"
#include "kernels/rambo.hpp"

namespace meb::cuda {
namespace {

class HostKernel final : public Kernel {
public:
  explicit HostKernel(bool single) : single_(single) {}
  int resident(std::size_t) override { return 1; }
  std::size_t local_bytes() override { return 0; }
  int n_register() override { return 0; }
  int n_thread() const override { return 1; }

  void launch_with(std::size_t, std::size_t shared, Stream, const void* parameter) override {
    const Arguments& arguments = *static_cast<const Arguments*>(parameter);
    void* memory = std::aligned_alloc(64, (shared + 63) / 64 * 64);
    if (!memory) throw std::bad_alloc();
    std::memset(memory, 0xff, shared);  // NaN: what is read must have been written
    cuda_host::shared_bytes = static_cast<unsigned char*>(memory);
    if (single_)
      cuda_host::Block<float>(arguments).run();
    else
      cuda_host::Block<double>(arguments).run();
    std::free(memory);
  }

private:
  bool single_;
};

class HostPhaseSpaceKernel final : public Kernel {
public:
  int resident(std::size_t) override { return 1; }
  std::size_t local_bytes() override { return 0; }
  int n_register() override { return 0; }
  int n_thread() const override { return 1; }
  void launch_with(std::size_t, std::size_t, Stream, const void* parameter) override {
    const auto& batch = *static_cast<const PhaseSpaceBatch*>(parameter);
    for (std::uint64_t event = 0; event < batch.n_event; ++event)
      cuda_host::generate<cuda_host::Bundle<double>, max_outgoing>(batch, event, 1, static_cast<int>(batch.n_outgoing));
  }
};

class HostDevice final : public HostMemoryDevice {
public:
  std::string name() const override { return "host"; }
  std::size_t shared_per_block() const override { return 227u << 10; }
  std::size_t shared_per_multiprocessor() const override { return 228u << 10; }
  bool runs_generated_code() const override { return false; }
  std::shared_ptr<Kernel> kernel(const KernelRequest& request) override {
    if (request.n_outgoing > 0) return std::make_shared<HostPhaseSpaceKernel>();
    return std::make_shared<HostKernel>(request.single);
  }
};

}  // namespace

std::shared_ptr<Device> open_host() { return std::make_shared<HostDevice>(); }

}  // namespace meb::cuda
