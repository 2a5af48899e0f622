// A Program in memory: what the engine executes for one subprocess (docs/program.md
// describes the file). Indices are checked by load_program; later code trusts them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace meb {

inline constexpr std::uint32_t none = 0xffffffffu;
inline constexpr std::uint32_t program_version = 1;

// Values are part of the file format: append only.
enum class Op : std::uint32_t {
  external = 0,  // out <- external wave of leg in[0]; flags: kind, sign
  ffv_1 = 1,     // out <- dS/dW_leg of the structure (kernels/vertex.hpp); flags: chirality
  ffv_2 = 2,
  ffv_3 = 3,
  ffs_1 = 4,
  ffs_3 = 5,
  vvv_1 = 6,
  vvvv_1 = 7,
  vvs_1 = 8,
  vvs_3 = 9,
  vvss_1 = 10,
  vvss_3 = 11,
  vss_1 = 12,
  vss_2 = 13,
  sss_1 = 14,
  ssss_1 = 15,
  dot = 16,       // amplitude buffer out (+)= constant coefficient[0] * wave in[0] . D in[1]
  jamp = 17,      // JAMP row out (+)= constant coefficient[0] * amplitude buffer in[0]
  square = 18,    // AMP2 of diagram index out += |amplitude buffer in[0]|^2
  dot_jamp = 19,  // JAMP row out (+)= constant coefficient[0] * wave in[0] . D in[1]
  density = 20,   // out <- sum over helicities of W W^dagger, in[0] = W
  trace = 21,     // AMP2 of diagram index out += tr(in[0] in[1]^T), both densities
  custom = 22     // out <- function custom_functions[flags >> 8] of the plug-in; its slots, then its
                  // coefficients are operands[in[0]...]
};

// Bits of Instruction::flags.
namespace flag {
inline constexpr std::uint32_t accumulate = 1;
inline constexpr std::uint32_t propagator_shift = 1, propagator_mask = 7;  // enum class PropagatorKind
inline constexpr std::uint32_t chirality_shift = 4, chirality_mask = 3;    // enum class Chirality
inline constexpr std::uint32_t kind_shift = 4, kind_mask = 3;              // external: I, O, V, S
inline constexpr std::uint32_t minus = 64;                                 // external: NSF, NSV, NSS = -1
inline constexpr std::uint32_t for_amplitudes = 128;                       // square: not if AMP2 comes from densities
inline constexpr std::uint32_t custom_shift = 8;
}  // namespace flag

enum class PropagatorKind : std::uint32_t {
  absent = 0,
  vector_massless = 1,
  vector_massive = 2,
  fermion_out = 3,
  fermion_in = 4,
  scalar = 5
};

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

}  // namespace meb
