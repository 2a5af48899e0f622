// The engine's C++ face: loads a Program, runs it over batches of events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"

namespace meb {

struct Program;  // engine/program.hpp

// Checks everything it reads; throws Error(Status::program).
std::shared_ptr<const Program> load_program(std::span<const std::byte> bytes);

// Values are those of meb_precision.
enum class Precision { double_ = 0, single = 1, mixed = 2 };

// One batch; layouts as in mebridge/engine.h. Null pointers are absent inputs or outputs.
struct Batch {
  std::size_t n_event = 0;
  const double* momenta = nullptr;           // [n_event][n_leg][4]
  const double* running_coupling = nullptr;  // [n_event][n_running][2], or [n_running][2]
  bool running_coupling_common = false;
  const std::int32_t* channel = nullptr;
  const double* channel_cut = nullptr;  // [n_event][n_config]
  bool channel_cut_only = false;        // the cut replaces AMP2 (sde_strategy 2)
  const double* random_helicity = nullptr;
  const double* random_color = nullptr;
  const std::int32_t* color_config = nullptr;
  const std::int32_t* helicity_in = nullptr;

  double* matrix_element = nullptr;
  std::int32_t* helicity = nullptr;
  std::int32_t* color_flow = nullptr;
  double* jamp2 = nullptr;
  double* amp2 = nullptr;
  double* by_helicity = nullptr;
  std::int32_t* flag = nullptr;

  bool on_device = false;  // all arrays lie in the memory of the engine's GPU ...
  void* stream = nullptr;  // ... and are used in this CUDA stream, without waiting
};

class Engine {
public:
  virtual ~Engine() = default;
  virtual const Program& program() const = 0;
  virtual std::string backend() const = 0;
  virtual std::string description() const { return backend(); }
  virtual void set_threads(std::size_t n_thread) = 0;
  virtual void set_parameters(std::span<const double> parameter, std::span<const double> coupling) = 0;
  virtual void set_helicity_weights(std::span<const double> weight) = 0;
  virtual void evaluate(const Batch& batch) = 0;
  // Floating-point operations of one event; 0: not known.
  virtual double operations(bool /*with_amp2*/) { return 0; }
  virtual std::uint64_t n_event() const = 0;
  virtual std::uint64_t n_non_finite() const = 0;
};

// Multiplications and additions a second that one core does in a CPU mode, measured in some hundredths of a second, or
// a GPU by its clock and number of units; 0: not known.
double peak_rate(std::string_view backend, Precision precision);

// CPU modes this machine can run, best last.
std::vector<std::string> modes();

// Whether there is a GPU that backend "cuda" can use.
bool has_cuda();

// backend "cuda" is a GPU, "cuda_host" its code on the CPU, for tests; "auto" takes the best mode of the CPU,
// "adaptive" too, and a GPU once that pays (engine/adaptive_engine.hpp).
// Throws Error(Status::unsupported) naming the modes there are.
std::unique_ptr<Engine> make_engine(std::shared_ptr<const Program> program, std::string_view backend,
                                    Precision precision);

}  // namespace meb
