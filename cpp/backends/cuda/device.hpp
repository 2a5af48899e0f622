// What the engine asks of a device: memory, copies, kernels. One is a GPU; another runs the block
// design on the host, for tests.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "backends/cuda/layout.hpp"

namespace meb::cuda {

// Null: the device's default.
using Stream = void*;

class Kernel {
public:
  virtual ~Kernel() = default;
  // Blocks that a multiprocessor holds at a time, given bytes of shared memory; 0 if it cannot.
  virtual int resident(std::size_t shared) = 0;
  // Bytes of local memory a thread needs: registers that did not suffice.
  virtual std::size_t local_bytes() = 0;
  virtual int n_register() = 0;
  virtual int n_thread() const = 0;
  // arguments: the kernel's one parameter, of the type that it has.
  virtual void launch_with(std::size_t n_block, std::size_t shared, Stream stream, const void* arguments) = 0;
  void launch(std::size_t n_block, std::size_t shared, Stream stream, const Arguments& arguments) {
    launch_with(n_block, shared, stream, &arguments);
  }
};

struct KernelRequest {
  bool single = false;  // numbers of waves
  std::uint32_t op_mask = 0;
  int n_thread = 256, n_resident = 1;
  bool thread_design = false;
  int n_outgoing = 0;  // not 0: a kernel of phase space, its one parameter a PhaseSpaceBatch, not Arguments
  std::string source;  // made from the Program
};

class Device {
public:
  virtual ~Device() = default;
  virtual std::string name() const = 0;
  virtual std::size_t shared_per_block() const = 0;
  virtual std::size_t shared_per_multiprocessor() const = 0;
  virtual int n_multiprocessor() const = 0;
  virtual bool runs_generated_code() const = 0;
  // Multiplications and additions a second outside of the tensor cores; 0: not known.
  virtual double peak_rate(bool /*single*/) const { return 0; }

  virtual void enter() = 0;  // before calls from this host thread
  virtual void leave() = 0;
  virtual void* allocate(std::size_t bytes) = 0;
  virtual void free(void* memory) noexcept = 0;
  virtual void* allocate_host(std::size_t bytes) = 0;  // fast to copy from
  virtual void free_host(void* memory) noexcept = 0;
  virtual void upload(void* to, const void* from, std::size_t bytes, Stream stream) = 0;
  virtual void download(void* to, const void* from, std::size_t bytes, Stream stream) = 0;
  virtual void clear(void* memory, std::size_t bytes, Stream stream) = 0;
  virtual Stream make_stream() = 0;
  virtual void free_stream(Stream stream) noexcept = 0;
  virtual void synchronize(Stream stream) = 0;
  virtual std::shared_ptr<Kernel> kernel(const KernelRequest& request) = 0;
};

// Throws Error(Status::unsupported) that says why there is none.
std::shared_ptr<Device> open_gpu();

// Runs blocks one after the other on this CPU.
std::shared_ptr<Device> open_host();

// Whether a GPU, its driver and, for compilation, NVRTC or a cached kernel may be there; why not.
bool has_gpu(std::string* reason = nullptr);

}  // namespace meb::cuda
