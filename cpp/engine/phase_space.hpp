// Phase-space points on one backend.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/phase_space_batch.hpp"

namespace meb {

class PhaseSpace {
public:
  virtual ~PhaseSpace() = default;
  virtual std::string backend() const = 0;
  virtual void set_threads(std::size_t n_thread) = 0;
  // The masses and numbers of particles in the batch are set here.
  void generate(PhaseSpaceBatch batch);
  // All arrays lie in the memory of the GPU and are used in the CUDA stream, without waiting.
  void generate_on_device(PhaseSpaceBatch batch, void* stream);

  std::size_t n_incoming() const { return particles_.n_incoming; }
  std::size_t n_outgoing() const { return particles_.n_outgoing; }
  // Sums of the masses, GeV.
  double incoming_mass() const;
  double outgoing_mass() const;

protected:
  explicit PhaseSpace(const PhaseSpaceBatch& particles) : particles_(particles) {}

private:
  virtual void run(const PhaseSpaceBatch& batch) = 0;
  virtual void run_on_device(const PhaseSpaceBatch& batch, void* stream);
  void set_particles(PhaseSpaceBatch& batch) const;

  PhaseSpaceBatch particles_;
};

// Masses in GeV, of one or two incoming and two or more outgoing particles. backend: as for engines.
std::unique_ptr<PhaseSpace> make_phase_space(std::string_view backend, std::span<const double> incoming,
                                             std::span<const double> outgoing);

}  // namespace meb
