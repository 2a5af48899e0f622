// The C interface of phase space.
#include "mebridge/rambo.h"

#include <cmath>
#include <string>

#include "engine/phase_space.hpp"
#include "guard.hpp"
#include "handle.hpp"

struct meb_rambo_t {
  std::unique_ptr<meb::PhaseSpace> phase_space;
};

using namespace meb::abi;

namespace {

using meb::Error;
using meb::Status;

struct Arrays {
  const double *random, *sqrt_s;
  double *momenta, *weight;
  std::size_t random_size, sqrt_s_size, momenta_size, weight_size;
};

void check_array(const char* name, const void* pointer, std::size_t size, std::size_t n_event, std::size_t extent) {
  if (size % extent != 0 || size / extent != n_event)  // a product might overflow
    throw Error(Status::argument, std::string(name) + ": expected " + std::to_string(n_event) + " times " +
                                      std::to_string(extent) + " elements, got " + std::to_string(size));
  if (size > 0) require(pointer, name);
}

meb::PhaseSpaceBatch make_batch(const meb::PhaseSpace& phase_space, std::size_t n_event, const Arrays& a) {
  const std::size_t n_outgoing = phase_space.n_outgoing(), n_leg = phase_space.n_incoming() + n_outgoing;
  const bool common = a.sqrt_s_size == 1;
  check_array("random", a.random, a.random_size, n_event, 4 * n_outgoing);
  check_array("sqrt_s", a.sqrt_s, a.sqrt_s_size, common ? 1 : n_event, 1);
  check_array("momenta", a.momenta, a.momenta_size, n_event, 4 * n_leg);
  check_array("weight", a.weight, a.weight_size, n_event, 1);
  meb::PhaseSpaceBatch batch{};
  batch.n_event = n_event;
  batch.random = a.random;
  batch.sqrt_s = a.sqrt_s;
  batch.sqrt_s_common = common;
  batch.momenta = a.momenta;
  batch.weight = a.weight;
  return batch;
}

void check_values(const meb::PhaseSpace& phase_space, const Arrays& a) {
  for (std::size_t i = 0; i < a.random_size; ++i)
    if (!(a.random[i] >= 0 && a.random[i] < 1))  // also true for a NaN
      throw Error(Status::argument, "random: expected 0 <= r < 1, got " + std::to_string(a.random[i]));
  for (std::size_t i = 0; i < a.sqrt_s_size; ++i)
    if (!(a.sqrt_s[i] > phase_space.outgoing_mass() && a.sqrt_s[i] >= phase_space.incoming_mass() &&
          std::isfinite(a.sqrt_s[i])))
      throw Error(Status::argument, "sqrt_s: expected more than the masses, " +
                                        std::to_string(phase_space.incoming_mass()) + " and " +
                                        std::to_string(phase_space.outgoing_mass()) + " GeV, got " +
                                        std::to_string(a.sqrt_s[i]));
}

}  // namespace

extern "C" meb_status meb_rambo_new(meb_error error, const char* backend, size_t n_incoming,
                                    const double* incoming_mass, size_t n_outgoing, const double* outgoing_mass,
                                    meb_rambo* rambo) {
  return guard(error, [&] {
    require(rambo, "rambo");
    *rambo = nullptr;
    require(backend, "backend");
    if (n_incoming > 0) require(incoming_mass, "incoming_mass");
    if (n_outgoing > 0) require(outgoing_mass, "outgoing_mass");
    auto object = std::make_unique<meb_rambo_t>();
    object->phase_space = meb::make_phase_space(backend, {incoming_mass, n_incoming}, {outgoing_mass, n_outgoing});
    *rambo = registry<meb_rambo_t>().add(std::move(object));
  });
}

extern "C" void meb_rambo_delete(meb_rambo* rambo) {
  guard(nullptr, [&] {
    if (rambo == nullptr) return;
    registry<meb_rambo_t>().remove(*rambo);
    *rambo = nullptr;
  });
}

extern "C" meb_status meb_rambo_set_threads(meb_error error, meb_rambo rambo, size_t n_thread) {
  return guard(error, [&] {
    auto& object = live(rambo, "rambo");
    if (n_thread < 1 || n_thread > 1024)
      throw Error(Status::argument, "n_thread: expected 1 to 1024, got " + std::to_string(n_thread));
    object.phase_space->set_threads(n_thread);
  });
}

extern "C" size_t meb_rambo_get_backend(meb_rambo rambo, char* buffer, size_t capacity) {
  return guard_value<size_t>(
      0, [&] { return copy_text(live(rambo, "rambo").phase_space->backend(), buffer, capacity); });
}

extern "C" meb_status meb_rambo_generate(meb_error error, meb_rambo rambo, size_t n_event, const double* random,
                                         size_t random_size, const double* sqrt_s, size_t sqrt_s_size,
                                         double* momenta, size_t momenta_size, double* weight, size_t weight_size) {
  return guard(error, [&] {
    meb::PhaseSpace& phase_space = *live(rambo, "rambo").phase_space;
    const Arrays arrays{random, sqrt_s, momenta, weight, random_size, sqrt_s_size, momenta_size, weight_size};
    const meb::PhaseSpaceBatch batch = make_batch(phase_space, n_event, arrays);
    check_values(phase_space, arrays);
    phase_space.generate(batch);
  });
}

extern "C" meb_status meb_rambo_generate_device(meb_error error, meb_rambo rambo, size_t n_event,
                                                const double* random, size_t random_size, const double* sqrt_s,
                                                size_t sqrt_s_size, double* momenta, size_t momenta_size,
                                                double* weight, size_t weight_size, void* stream) {
  return guard(error, [&] {
    meb::PhaseSpace& phase_space = *live(rambo, "rambo").phase_space;
    const Arrays arrays{random, sqrt_s, momenta, weight, random_size, sqrt_s_size, momenta_size, weight_size};
    phase_space.generate_on_device(make_batch(phase_space, n_event, arrays), stream);
  });
}
