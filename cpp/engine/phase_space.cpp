#include "engine/phase_space.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "backends/cpu/phase_space.hpp"
#include "backends/cuda/phase_space.hpp"
#include "engine/error.hpp"

namespace meb {
namespace {

void check_masses(const char* name, std::span<const double> masses, std::size_t least, std::size_t most) {
  if (masses.size() < least || masses.size() > most)
    throw Error(Status::argument, std::string(name) + ": expected masses of " + std::to_string(least) + " to " +
                                      std::to_string(most) + " particles, got " + std::to_string(masses.size()));
  for (const double mass : masses)
    if (!(mass >= 0 && std::isfinite(mass)))
      throw Error(Status::argument,
                  std::string(name) + ": expected finite masses of 0 or more, got " + std::to_string(mass));
}

}  // namespace

void PhaseSpace::set_particles(PhaseSpaceBatch& batch) const {
  batch.n_incoming = particles_.n_incoming;
  batch.n_outgoing = particles_.n_outgoing;
  std::copy(std::begin(particles_.incoming_mass), std::end(particles_.incoming_mass), batch.incoming_mass);
  std::copy(std::begin(particles_.outgoing_mass), std::end(particles_.outgoing_mass), batch.outgoing_mass);
}

void PhaseSpace::generate(PhaseSpaceBatch batch) {
  set_particles(batch);
  if (batch.n_event > 0) run(batch);
}

void PhaseSpace::generate_on_device(PhaseSpaceBatch batch, void* stream) {
  set_particles(batch);
  if (batch.n_event > 0) run_on_device(batch, stream);
}

void PhaseSpace::run_on_device(const PhaseSpaceBatch&, void*) {
  throw Error(Status::argument, "rambo: arrays on a GPU need the backend cuda, this is " + backend());
}

double PhaseSpace::incoming_mass() const {
  return std::accumulate(particles_.incoming_mass, particles_.incoming_mass + n_incoming(), 0.0);
}

double PhaseSpace::outgoing_mass() const {
  return std::accumulate(particles_.outgoing_mass, particles_.outgoing_mass + n_outgoing(), 0.0);
}

std::unique_ptr<PhaseSpace> make_phase_space(std::string_view backend, std::span<const double> incoming,
                                             std::span<const double> outgoing) {
  check_masses("incoming", incoming, 1, 2);
  check_masses("outgoing", outgoing, 2, max_outgoing);
  PhaseSpaceBatch particles{};
  particles.n_incoming = static_cast<std::uint32_t>(incoming.size());
  particles.n_outgoing = static_cast<std::uint32_t>(outgoing.size());
  std::copy(incoming.begin(), incoming.end(), particles.incoming_mass);
  std::copy(outgoing.begin(), outgoing.end(), particles.outgoing_mass);
  if (backend == "cuda" || backend == "cuda_host") return cuda::make_phase_space(backend, particles);
  return make_cpu_phase_space(backend, particles);
}

}  // namespace meb
