// The block design on the host: one thread is a block. For tests.
#define MEB_TARGET cuda_host
#define MEB_WIDTH 0
#include <cstdlib>
#include <cstring>
#include <new>

#include "backends/cuda/device.hpp"
#include "backends/cuda/device/block.cuh"
#include "engine/error.hpp"

namespace meb::cuda {
namespace {

class HostKernel final : public Kernel {
public:
  explicit HostKernel(bool single) : single_(single) {}
  int resident(std::size_t) override { return 1; }
  std::size_t local_bytes() override { return 0; }
  int n_register() override { return 0; }
  int n_thread() const override { return 1; }

  void launch(std::size_t, std::size_t shared, Stream, const Arguments& arguments) override {
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

class HostDevice final : public Device {
public:
  std::string name() const override { return "host"; }
  std::size_t shared_per_block() const override { return 227u << 10; }
  std::size_t shared_per_multiprocessor() const override { return 228u << 10; }
  int n_multiprocessor() const override { return 1; }
  bool runs_generated_code() const override { return false; }
  void enter() override {}
  void leave() override {}
  void* allocate(std::size_t bytes) override { return allocate_host(bytes); }
  void free(void* memory) noexcept override { std::free(memory); }
  void* allocate_host(std::size_t bytes) override {
    void* memory = std::malloc(bytes ? bytes : 1);
    if (!memory) throw std::bad_alloc();
    return memory;
  }
  void free_host(void* memory) noexcept override { std::free(memory); }
  void upload(void* to, const void* from, std::size_t bytes, Stream) override { std::memcpy(to, from, bytes); }
  void download(void* to, const void* from, std::size_t bytes, Stream) override { std::memcpy(to, from, bytes); }
  void clear(void* memory, std::size_t bytes, Stream) override { std::memset(memory, 0, bytes); }
  Stream make_stream() override { return nullptr; }
  void free_stream(Stream) noexcept override {}
  void synchronize(Stream) override {}
  std::shared_ptr<Kernel> kernel(const KernelRequest& request) override {
    return std::make_shared<HostKernel>(request.single);
  }
};

}  // namespace

std::shared_ptr<Device> open_host() { return std::make_shared<HostDevice>(); }

}  // namespace meb::cuda
