// Instructions of a Program and their flags.
#pragma once

#if defined(__CUDACC__)
#include "backends/cuda/device/device.cuh"
#else
#include <cstdint>
#endif

namespace meb {

inline constexpr std::uint32_t none = 0xffffffffu;

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
  dot = 16,            // amplitude buffer out (+)= constant coefficient[0] * wave in[0] . D in[1]
  jamp = 17,           // JAMP row out (+)= constant coefficient[0] * amplitude buffer in[0]
  square = 18,         // AMP2 of diagram index out += |amplitude buffer in[0]|^2
  dot_jamp = 19,       // JAMP row out (+)= constant coefficient[0] * wave in[0] . D in[1]
  density = 20,        // out <- sum over helicities of W W^dagger, in[0] = W
  trace = 21,          // AMP2 of diagram index out += tr(in[0] in[1]^T), both densities
  custom = 22,         // out <- function custom_functions[flags >> 8] of the plug-in; its slots, then its
                       // coefficients are operands[in[0]...]
  density_vertex = 23  // out <- density of slot in[2] from those of the inputs of its vertex, in[0] and in[1];
                       // flags, coefficients, mass and width of the vertex, its Op from vertex_shift on
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
inline constexpr std::uint32_t vertex_shift = 8;  // density_vertex
}  // namespace flag

enum class PropagatorKind : std::uint32_t {
  absent = 0,
  vector_massless = 1,
  vector_massive = 2,
  fermion_out = 3,
  fermion_in = 4,
  scalar = 5
};

}  // namespace meb
