// Compiles for a GPU that is not here: for gridpacks and for tests.
#include <map>

#include "backends/cuda/compiler.hpp"
#include "backends/cuda/engine.hpp"
#include "backends/cuda/host_memory.hpp"
#include "backends/cuda/launcher.hpp"
#include "backends/cuda/phase_space.hpp"
#include "engine/error.hpp"

namespace meb::cuda {
namespace {

// KiB of shared memory of a block and of a multiprocessor (CUDA C++ Programming Guide, technical
// specifications per compute capability).
const std::map<std::string, std::pair<int, int>> shared_memory = {
    {"sm_80", {163, 164}}, {"sm_86", {99, 100}},   {"sm_87", {163, 164}},  {"sm_89", {99, 100}},
    {"sm_90", {227, 228}}, {"sm_100", {227, 228}}, {"sm_103", {227, 228}}, {"sm_120", {99, 100}},
};

class OfflineKernel final : public Kernel {
public:
  explicit OfflineKernel(int n_thread) : n_thread_(n_thread) {}
  int resident(std::size_t) override { return 1; }
  // unknown here: both designs are compiled
  std::size_t local_bytes() override { return std::size_t{1} << 30; }
  int n_register() override { return 0; }
  int n_thread() const override { return n_thread_; }
  void launch_with(std::size_t, std::size_t, Stream, const void*) override {
    throw Error(Status::internal, "a kernel without a GPU was started");
  }

private:
  int n_thread_;
};

class OfflineDevice final : public HostMemoryDevice {
public:
  OfflineDevice(std::string architecture, std::string folder)
      : architecture_(std::move(architecture)), folder_(std::move(folder)) {
    const auto found = shared_memory.find(architecture_);
    if (found == shared_memory.end()) {
      std::string names;
      for (const auto& [name, sizes] : shared_memory) names += (names.empty() ? "" : ", ") + name;
      throw Error(Status::argument, "architecture: expected one of " + names + ", got '" + architecture_ + "'");
    }
    shared_ = found->second;
  }

  std::string name() const override { return architecture_; }
  std::size_t shared_per_block() const override { return static_cast<std::size_t>(shared_.first) << 10; }
  std::size_t shared_per_multiprocessor() const override { return static_cast<std::size_t>(shared_.second) << 10; }
  bool runs_generated_code() const override { return true; }
  std::shared_ptr<Kernel> kernel(const KernelRequest& request) override {
    compile(kernel_file(request), request.source, kernel_options(request), architecture_, folder_);
    return std::make_shared<OfflineKernel>(request.n_thread);
  }

private:
  std::string architecture_, folder_;
  std::pair<int, int> shared_;
};

}  // namespace

void compile_program(std::shared_ptr<const Program> program, Precision precision, const std::string& architecture,
                     const std::string& folder) {
  const auto device = std::make_shared<OfflineDevice>(architecture, folder);
  if (program->n_leg >= 4 && program->n_leg <= 2 + max_outgoing)
    device->kernel(phase_space_request(static_cast<int>(program->n_leg) - 2));
  std::vector<std::uint32_t> active;
  for (std::uint32_t h = 0; h < program->n_helicity; ++h)
    if (!program->zero_helicities[h]) active.push_back(h);
  const auto plan = make_plan(without_density_vertices(std::move(program)), std::move(active));
  const unsigned amp2 = plan->densities_exact ? need::amp2_densities : need::amp2_amplitudes;
  Launcher(device, plan, need::jamp, precision);
  const bool apart = computes_amp2_apart(*device, *plan, need::jamp | amp2);
  Launcher(device, plan, apart ? amp2 : need::jamp | amp2, precision);
}

}  // namespace meb::cuda
