// The C interface of engines.
#include "engine/engine.hpp"

#include <cmath>
#include <memory>
#include <string>

#include "batch.hpp"
#include "guard.hpp"
#include "handle.hpp"
#include "mebridge/engine.h"
#include "program.hpp"

struct meb_engine_t {
  std::unique_ptr<meb::Engine> engine;
  bool has_parameters = false;
};

namespace {

using meb::Error;
using meb::Status;

// More is a mistake, such as an uninitialised variable.
constexpr std::size_t max_threads = 1024;

meb::Precision precision_of(int number) {
  switch (number) {
    case MEB_PRECISION_DOUBLE: return meb::Precision::double_;
    case MEB_PRECISION_SINGLE: return meb::Precision::single;
    case MEB_PRECISION_MIXED: return meb::Precision::mixed;
    default: throw Error(Status::argument, "precision: " + std::to_string(number) + " is not a meb_precision");
  }
}

void check_extent(const char* name, const void* pointer, std::size_t size, std::size_t expected) {
  if (size != expected)
    throw Error(Status::argument, std::string(name) + ": expected " + std::to_string(expected) + " elements, got " +
                                      std::to_string(size));
  if (expected > 0) meb::abi::require(pointer, name);
}

// `width` numbers belong to each name.
void check_finite(std::span<const std::string> names, std::span<const double> values, std::size_t width) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw Error(Status::argument, names[i / width] + ": expected a finite value, got " + std::to_string(values[i]));
}

}  // namespace

using namespace meb::abi;

extern "C" meb_status meb_engine_new(meb_error error, meb_program program, const char* backend,
                                     meb_precision precision, meb_engine* engine) {
  return guard(error, [&] {
    require(engine, "engine");
    *engine = nullptr;
    require(backend, "backend");
    auto object = std::make_unique<meb_engine_t>();
    object->engine =
        meb::make_engine(live(program, "program").program, backend, precision_of(number_of(precision)));
    *engine = registry<meb_engine_t>().add(std::move(object));
  });
}

extern "C" void meb_engine_delete(meb_engine* engine) {
  guard(nullptr, [&] {
    if (engine == nullptr) return;
    registry<meb_engine_t>().remove(*engine);
    *engine = nullptr;
  });
}

extern "C" meb_status meb_engine_set_threads(meb_error error, meb_engine engine, size_t n_thread) {
  return guard(error, [&] {
    auto& object = live(engine, "engine");
    if (n_thread < 1 || n_thread > max_threads)
      throw Error(Status::argument, "n_thread: expected 1 to " + std::to_string(max_threads) + ", got " +
                                        std::to_string(n_thread));
    object.engine->set_threads(n_thread);
  });
}

extern "C" meb_status meb_engine_set_parameters(meb_error error, meb_engine engine, const double* parameter,
                                                size_t n_parameter, const double* coupling, size_t n_coupling) {
  return guard(error, [&] {
    auto& object = live(engine, "engine");
    const meb::Program& program = object.engine->program();
    check_extent("parameter", parameter, n_parameter, program.parameters.size());
    check_extent("coupling", coupling, n_coupling, program.couplings.size());
    const std::span parameters(parameter, n_parameter);
    const std::span couplings(coupling, 2 * n_coupling);
    check_finite(program.parameters, parameters, 1);
    check_finite(program.couplings, couplings, 2);
    object.engine->set_parameters(parameters, couplings);
    object.has_parameters = true;
  });
}

extern "C" meb_status meb_engine_set_helicity_weights(meb_error error, meb_engine engine, const double* weight,
                                                      size_t n_helicity) {
  return guard(error, [&] {
    auto& object = live(engine, "engine");
    check_extent("weight", weight, n_helicity, object.engine->program().n_helicity);
    const std::span weights(weight, n_helicity);
    for (const double value : weights)
      if (!(value >= 0 && std::isfinite(value)))
        throw Error(Status::argument, "weight: expected finite values of 0 or more, got " + std::to_string(value));
    object.engine->set_helicity_weights(weights);
  });
}

extern "C" meb_status meb_engine_evaluate(meb_error error, meb_engine engine, size_t n_event, size_t n_input,
                                          const meb_input* input_key, const void* const* input,
                                          const size_t* input_size, size_t n_output, const meb_output* output_key,
                                          void* const* output, const size_t* output_size) {
  return guard(error, [&] {
    auto& object = live(engine, "engine");
    if (!object.has_parameters)
      throw Error(Status::state, "engine: call meb_engine_set_parameters before the first evaluation");
    const Inputs inputs{n_input, input_key, input, input_size};
    const Outputs outputs{n_output, output_key, output, output_size};
    const meb::Batch batch = make_batch(object.engine->program(), n_event, inputs, outputs);
    if (n_event > 0) object.engine->evaluate(batch);
  });
}

extern "C" meb_status meb_engine_evaluate_device(meb_error error, meb_engine engine, size_t n_event, size_t n_input,
                                                 const meb_input* input_key, const void* const* input,
                                                 const size_t* input_size, size_t n_output,
                                                 const meb_output* output_key, void* const* output,
                                                 const size_t* output_size, void* stream) {
  return guard(error, [&] {
    auto& object = live(engine, "engine");
    const std::string backend = object.engine->backend();
    if (backend != "cuda" && backend != "cuda_host")
      throw Error(Status::argument, "engine: arrays on a GPU need the backend cuda, this is " + backend);
    if (!object.has_parameters)
      throw Error(Status::state, "engine: call meb_engine_set_parameters before the first evaluation");
    const Inputs inputs{n_input, input_key, input, input_size};
    const Outputs outputs{n_output, output_key, output, output_size};
    meb::Batch batch = make_batch(object.engine->program(), n_event, inputs, outputs, true);
    batch.stream = stream;
    if (n_event > 0) object.engine->evaluate(batch);
  });
}

extern "C" size_t meb_engine_get_description(meb_engine engine, char* buffer, size_t capacity) {
  return guard_value<size_t>(
      0, [&] { return copy_text(live(engine, "engine").engine->description(), buffer, capacity); });
}

extern "C" size_t meb_engine_get_backend(meb_engine engine, char* buffer, size_t capacity) {
  return guard_value<size_t>(0, [&] { return copy_text(live(engine, "engine").engine->backend(), buffer, capacity); });
}

extern "C" meb_status meb_engine_get_counts(meb_error error, meb_engine engine, uint64_t* n_event,
                                            uint64_t* n_non_finite) {
  return guard(error, [&] {
    const auto& object = live(engine, "engine");
    require(n_event, "n_event");
    require(n_non_finite, "n_non_finite");
    *n_event = object.engine->n_event();
    *n_non_finite = object.engine->n_non_finite();
  });
}

extern "C" meb_status meb_engine_get_operations(meb_error error, meb_engine engine, int32_t with_amp2,
                                                double* n_operation) {
  return guard(error, [&] {
    auto& object = live(engine, "engine");
    require(n_operation, "n_operation");
    *n_operation = object.engine->operations(with_amp2 != 0);
  });
}

extern "C" meb_status meb_measure_peak(meb_error error, const char* backend, meb_precision precision,
                                       double* operations_per_second) {
  return guard(error, [&] {
    require(backend, "backend");
    require(operations_per_second, "operations_per_second");
    *operations_per_second = meb::peak_rate(backend, precision_of(number_of(precision)));
  });
}
