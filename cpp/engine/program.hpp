// A Program in memory: what the engine executes for one subprocess (docs/program.md
// describes the file). Indices are checked by load_program; later code trusts them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/op.hpp"

namespace meb {

inline constexpr std::uint32_t program_version = 1;

struct Instruction {
  Op op;
  std::uint32_t flags, out, in[3], coefficient[3], mass, width;
};

// Wave or D: n_component 4 or 1 (densities: 16 real numbers) for each helicity of `legs`.
struct Slot {
  std::uint32_t n_component, legs /* bit mask */, momentum /* or none */;
};

// Momentum: sign times that of a leg, or the sum of up to three others.
struct MomentumSum {
  std::uint32_t leg;
  std::int32_t sign;
  std::uint32_t in[3];
};

// Sum of constant * coupling: indices count constant couplings first, then running ones;
// `none` stands for 1.
struct CoefficientTerm {
  std::uint32_t coupling;
  double re, im;
};
using Coefficient = std::vector<CoefficientTerm>;

inline constexpr std::size_t max_custom_in = 16, max_custom_coefficient = 16;

// A Lorentz function of the plug-in, as its name tells: "ROUTINE SPINS>SPIN N_COUPLING KIND DIGEST".
// Kind `wave` is a whole routine, its propagator included; d1, d2 ... is the derivative of an
// amplitude with respect to that leg.
struct CustomFunction {
  std::string name;
  std::vector<std::uint32_t> in;  // components of each input
  std::uint32_t out, n_coefficient;
  bool has_propagator;
};

class Plugin;  // engine/plugin.hpp

struct Program {
  std::string process, digest;
  std::uint32_t n_leg = 0, n_helicity = 0, n_flow = 0, n_split_order = 0, n_diagram = 0, n_config = 0;
  std::uint32_t n_amplitude_buffer = 0;
  double averaging_factor = 1;
  std::vector<std::string> parameters, couplings, running_couplings;
  std::vector<std::int8_t> helicities;  // [n_helicity][n_leg]
  std::vector<Coefficient> coefficients;
  std::vector<double> constants;  // [][2]
  std::vector<MomentumSum> momenta;
  std::vector<Slot> slots;
  std::vector<Instruction> instructions;
  // JAMP row = flow * n_split_order + split order.
  std::vector<double> color_matrix;          // packed upper triangle [n_flow (n_flow + 1) / 2]
  std::vector<std::uint8_t> chosen_orders;   // [n_split_order][n_split_order]
  std::vector<std::uint32_t> amp2_diagrams;  // AMP2 index -> diagram, from 1
  std::vector<std::uint32_t> config_diagrams;  // CONFSUB: config -> diagram or 0
  std::vector<std::uint8_t> config_flows;      // ICOLAMP [n_config][n_flow]
  std::vector<std::uint8_t> zero_helicities;   // [n_helicity]: every diagram vanishes, whatever the momenta
  std::vector<CustomFunction> custom_functions;
  std::vector<std::uint32_t> operands;  // of custom instructions
  std::shared_ptr<const Plugin> plugin;  // null until it is found
  std::string plugin_problem;            // why it is not

  std::uint32_t n_row() const { return n_flow * n_split_order; }
  // Slots that an instruction reads.
  std::span<const std::uint32_t> inputs(const Instruction& x) const;
};

// The same with every density matrix made from its own slot.
std::shared_ptr<const Program> without_density_vertices(std::shared_ptr<const Program> program);

}  // namespace meb
