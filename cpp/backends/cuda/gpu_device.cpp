// An NVIDIA GPU.
#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

#include "backends/cuda/compiler.hpp"
#include "backends/cuda/device.hpp"
#include "backends/cuda/driver.hpp"
#include "engine/error.hpp"

namespace meb::cuda {
namespace {

// Numbers of cuda.h.
namespace attribute {
constexpr int clock_kHz = 13, multiprocessors = 16, major = 75, minor = 76, shared_per_multiprocessor = 81,
              shared_per_block = 97;
}
namespace function_attribute {
constexpr int local_bytes = 3, registers = 4, max_dynamic_shared = 8;
}

// Multiply-adds of a multiprocessor in a clock, single and double precision (CUDA C++ Programming Guide, throughput
// of native arithmetic instructions).
struct Throughput {
  const char* architecture;
  int single, double_;
};
constexpr Throughput throughputs[] = {
    {"sm_80", 64, 32},  {"sm_86", 128, 2},   {"sm_87", 128, 2},  {"sm_89", 128, 2},
    {"sm_90", 128, 64}, {"sm_100", 128, 64}, {"sm_120", 128, 2},
};

Driver::Address address(const void* p) { return reinterpret_cast<Driver::Address>(p); }

class GpuKernel final : public Kernel {
public:
  GpuKernel(const Driver& driver, const std::vector<char>& cubin, const char* name, int n_thread)
      : driver_(driver), n_thread_(n_thread) {
    driver_.check(driver_.module_load(&module_, cubin.data()), "loading a kernel");
    driver_.check(driver_.module_function(&function_, module_, name), "finding a kernel");
  }
  // The module stays: it is small, and the context may be gone.
  int resident(std::size_t shared) override {
    allow(shared);
    int n = 0;
    driver_.check(driver_.occupancy(&n, function_, n_thread_, shared), "asking for the occupancy");
    return n;
  }
  std::size_t local_bytes() override { return static_cast<std::size_t>(get(function_attribute::local_bytes)); }
  int n_register() override { return get(function_attribute::registers); }
  int n_thread() const override { return n_thread_; }

  void launch_with(std::size_t n_block, std::size_t shared, Stream stream, const void* arguments) override {
    allow(shared);
    void* parameters[] = {const_cast<void*>(arguments)};
    driver_.check(driver_.launch(function_, static_cast<unsigned>(n_block), 1, 1, static_cast<unsigned>(n_thread_), 1,
                                 1, static_cast<unsigned>(shared), stream, parameters, nullptr),
                  "starting a kernel");
  }

private:
  int get(int attribute) const {
    int value = 0;
    driver_.check(driver_.function_attribute(&value, attribute, function_), "asking for a kernel's size");
    return value;
  }
  void allow(std::size_t shared) {
    if (shared <= allowed_) return;
    driver_.check(
        driver_.function_set_attribute(function_, function_attribute::max_dynamic_shared, static_cast<int>(shared)),
        "asking for shared memory");
    allowed_ = shared;
  }

  const Driver& driver_;
  int n_thread_;
  Driver::Handle module_ = nullptr, function_ = nullptr;
  std::size_t allowed_ = 48u << 10;
};

class Gpu final : public Device {
public:
  explicit Gpu(int number) : driver_(Driver::get()) {
    driver_.check(driver_.device_get(&device_, number), "choosing a device");
    driver_.check(driver_.context_retain(&context_, device_), "opening the device");
    char text[256] = "";
    driver_.device_name(text, sizeof text - 1, device_);
    name_ = text;
    architecture_ = "sm_" + std::to_string(get(attribute::major) * 10 + get(attribute::minor));
    if (get(attribute::major) < 8)
      throw Error(Status::unsupported, "backend 'cuda' is not usable here: " + name_ +
                                           " has no double precision tensor cores (sm_80 or later is needed)");
  }
  ~Gpu() override { driver_.context_release(device_); }

  std::string name() const override { return name_ + " (" + architecture_ + ")"; }
  std::size_t shared_per_block() const override { return static_cast<std::size_t>(get(attribute::shared_per_block)); }
  std::size_t shared_per_multiprocessor() const override {
    return static_cast<std::size_t>(get(attribute::shared_per_multiprocessor));
  }
  int n_multiprocessor() const override { return get(attribute::multiprocessors); }
  bool runs_generated_code() const override { return true; }
  double peak_rate(bool single) const override {
    for (const Throughput& t : throughputs)
      if (architecture_ == t.architecture)
        return 2e3 * (single ? t.single : t.double_) * get(attribute::clock_kHz) * get(attribute::multiprocessors);
    return 0;
  }

  // Another part of the process may have reset the device: its handles would lead the driver astray.
  void enter() override {
    if (!is_there()) throw Error(Status::device, "GPU: entering the device: its context was destroyed");
    driver_.check(driver_.context_push(context_), "entering the device");
  }
  void leave() override {
    Driver::Handle left = nullptr;
    driver_.context_pop(&left);
  }
  void* allocate(std::size_t bytes) override {
    Driver::Address memory = 0;
    driver_.check(driver_.allocate(&memory, bytes), "allocating memory");
    return reinterpret_cast<void*>(memory);
  }
  void free(void* memory) noexcept override {
    if (is_there()) driver_.free(address(memory));
  }
  void* allocate_host(std::size_t bytes) override {
    void* memory = nullptr;
    driver_.check(driver_.allocate_host(&memory, bytes), "allocating pinned memory");
    return memory;
  }
  void free_host(void* memory) noexcept override {
    if (is_there()) driver_.free_host(memory);
  }
  void upload(void* to, const void* from, std::size_t bytes, Stream stream) override {
    if (bytes) driver_.check(driver_.upload(address(to), from, bytes, stream), "copying to the device");
  }
  void download(void* to, const void* from, std::size_t bytes, Stream stream) override {
    if (bytes) driver_.check(driver_.download(to, address(from), bytes, stream), "copying from the device");
  }
  void clear(void* memory, std::size_t bytes, Stream stream) override {
    if (bytes) driver_.check(driver_.clear(address(memory), 0, bytes, stream), "clearing memory");
  }
  Stream make_stream() override {
    Driver::Handle stream = nullptr;
    constexpr unsigned non_blocking = 1;
    driver_.check(driver_.stream_create(&stream, non_blocking), "making a stream");
    return stream;
  }
  void free_stream(Stream stream) noexcept override {
    if (is_there()) driver_.stream_destroy(stream);
  }
  void synchronize(Stream stream) override { driver_.check(driver_.stream_synchronize(stream), "computing"); }

  std::shared_ptr<Kernel> kernel(const KernelRequest& request) override {
    const auto cubin = compile(kernel_file(request), request.source, kernel_options(request), architecture_);
    return std::make_shared<GpuKernel>(driver_, cubin, kernel_name(request), request.n_thread);
  }

private:
  bool is_there() const noexcept {
    unsigned flags = 0;
    int active = 0;
    return driver_.context_state(device_, &flags, &active) == 0 && active != 0;
  }
  int get(int what) const {
    int value = 0;
    driver_.check(driver_.device_attribute(&value, what, device_), "asking for a property of the device");
    return value;
  }

  const Driver& driver_;
  Driver::DeviceNumber device_ = 0;
  Driver::Handle context_ = nullptr;
  std::string name_, architecture_;
};

// MEBRIDGE_CUDA_DEVICE, else by the rank that MPI gives, else the first. (CUDA_VISIBLE_DEVICES is
// the driver's.)
int choose_device(int n_device) {
  for (const char* name : {"MEBRIDGE_CUDA_DEVICE", "OMPI_COMM_WORLD_LOCAL_RANK", "SLURM_LOCALID", "PMI_LOCAL_RANK"})
    if (const char* text = std::getenv(name)) {
      char* end = nullptr;
      const long number = std::strtol(text, &end, 10);
      if (end != text && *end == 0 && number >= 0) return static_cast<int>(number % n_device);
    }
  return 0;
}

}  // namespace

std::shared_ptr<Device> open_gpu() {
  static std::mutex mutex;
  static std::map<int, std::weak_ptr<Device>> open;
  const Driver& driver = Driver::get();
  int n_device = 0;
  driver.check(driver.device_count(&n_device), "counting devices");
  if (n_device == 0) throw Error(Status::unsupported, "backend 'cuda' is not usable here: there is no GPU");
  const int number = choose_device(n_device);
  const std::lock_guard lock(mutex);
  if (auto device = open[number].lock()) return device;
  auto device = std::make_shared<Gpu>(number);
  open[number] = device;
  return device;
}

bool has_gpu(std::string* reason) {
  try {
    open_gpu();
    return true;
  } catch (const Error& error) {
    if (reason) *reason = error.what();
    return false;
  }
}

}  // namespace meb::cuda
