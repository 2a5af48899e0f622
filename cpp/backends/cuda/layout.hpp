// Tables that tell a block of GPU threads how to compute a Plan (docs/cuda.md). Shared by the
// host, which writes them (schedule.cpp), and the device, which follows them (device/block.cuh).
#pragma once

#if defined(__CUDACC__)
#include "backends/cuda/device/device.cuh"
#else
#include <cstdint>
#endif

namespace meb::cuda {

// Steps of a block.
// dots: products, JAMPs and the colour sum in registers (dots_source.cpp).
enum class PhaseKind : std::uint32_t { vertices, products, rows, squares, densities, traces, dots, colors };

struct Phase {
  std::uint32_t kind, first, n, barrier /* after it */;
  std::uint32_t sector;  // of helicities; vertices, densities and traces are for all of them
};

// Up to one warp's share of a group, and what of the group it needs: lanes [32 index, 32 (index + 1))
// of its states times events. Operations of the first terms are in `codes`, those of all at `op`.
// Device tables are 32-bit words, two numbers each where it says so: lanes load them ahead of use.
constexpr std::uint32_t n_code = 8;
struct alignas(16) Chunk {
  std::uint32_t item, term, op;
  std::uint32_t extent;  // n | index << 16
  std::uint64_t codes;   // bytes: Op | chirality << 5
  std::uint32_t shape;   // n_term | propagator << 16
  std::uint32_t spare;
};

struct alignas(8) Item {
  std::uint32_t out;         // place of the state in shared memory or no_index | momentum << 16
  std::uint32_t propagator;  // this and the momentum only with a propagator | 1 + kept state or 0, << 16
};

// Places of up to three states, momenta, coefficients: in[0] | in[1] << 16, in[2] | momentum[0] << 16,
// momentum[1] | coefficient[0] << 16, coefficient[1] | coefficient[2] << 16.
// External waves: in = leg, helicity + 1, kind | 4 if sign < 0; coefficient[0] = mass.
struct alignas(16) Term {
  std::uint32_t word[4];
};

constexpr std::uint16_t no_index = 0xffff;

// constant * wave . derivative; for tiles the wave is on the side of the fours.
struct ProductTerm {
  std::uint32_t wave, derivative, constant;  // first states
};
// Products of some slots of one side with some of the other, for one warp: of each slot it takes four or eight
// states, those of its entry of lane_maps (of the same number).
constexpr std::uint32_t most_four = 2, most_eight = 3;
struct alignas(16) TileSlots {
  std::uint16_t four[most_four], eight[most_eight];  // first states; where there are fewer one is repeated
  std::uint16_t n_eight;
  std::uint16_t n_more;  // with one slot a side: so many terms after its own
  std::uint16_t spare;
};
struct alignas(16) TileResult {
  std::uint16_t out[most_four * most_eight];  // [four][eight]: amplitudes or no_index
  std::uint16_t factor;                       // of all: a constant, or unit_factor or imaginary_factor
  std::uint16_t more;                         // the further terms' first in product_terms
};
struct Tile {
  TileSlots slots;
  TileResult result;
};
constexpr std::uint16_t unit_factor = 0xffff, imaginary_factor = 0xfffe;
// What lane l has of a tile: state l / 8 of the four and l / 4 of the eight (low and high half), counted from
// the slots' first; where two of the results lie (device/memory.cuh: the byte in amplitude 0, or no_index), those of
// state l / 8 and 2 (l % 4), 2 (l % 4) + 1, real (l % 8 < 4) or imaginary part.
struct alignas(8) LaneMap {
  std::uint32_t states, places;
};

// Matrix products of the tensor cores (device/tile.cuh) add up so many terms at a time.
constexpr std::uint32_t depth = 8;

// JAMP rows are products of a real matrix with the amplitudes, eight rows and `depth` amplitudes at a time:
// terms [first, first + n) of a part of eight rows.
struct RowPart {
  std::uint32_t first, n;
};

// Of `butterflies`: a row becomes (- own) + (other, or nothing).
constexpr std::uint8_t own_minus = 8, add_other = 16;

// Eight rows of the colour matrix and their columns by `depth`, from the diagonal to the end of the block.
struct ColorBand {
  std::uint32_t row, n_tile, tile, spare;
};

// JAMP row (accumulated or set), or AMP2 of diagram `out`: sum of constant * amplitude.
struct Sum {
  std::uint32_t out, first, n, accumulate;
};
struct SumTerm {
  std::uint32_t amplitude, constant;
};

// Events whose results wait for each other, so that one warp has one.
constexpr std::uint32_t most_pending = 16;

// Density matrix `out` of n states: 16 real numbers, and some more, to begin in another bank.
constexpr std::uint32_t density_stride = 9;  // complex numbers
struct Density {
  std::uint32_t out, state, n;
};
struct Trace {
  std::uint32_t out, a, b;
};

// Coefficients [first, first + n) of a coupling's linear form.
struct Form {
  std::uint32_t first, n;
};
struct FormTerm {
  std::uint32_t coupling /* or none */, spare;
  double re, im;
};

// Constants of a propagator: mass, 1 / mass^2, mass^2, mass * width.
struct PropagatorValues {
  double mass, inverse_mass2, mass2, mass_width;
};
struct PropagatorPlace {
  std::uint32_t momentum;
  std::uint32_t mass, width;  // parameters or none
};

struct Sizes {
  std::uint32_t n_leg, n_momentum, n_coefficient, n_propagator, n_state, n_row, n_amplitude, n_active;
  std::uint32_t n_kept;  // states in `scratch`
  std::uint32_t n_sector, sector_size;
  std::uint32_t amplitude_stride;  // complex numbers
  std::uint32_t n_part, n_level, n_band;
  std::uint32_t n_flow, n_order, n_amp2, n_between /* AMP2 of amp2_between */, n_density, n_config, n_diagram,
      n_helicity, n_coupling, n_running;
  std::uint32_t n_phase;
  double averaging_factor;
};

struct Tables {
  const Phase* phases;
  const Chunk* chunks;
  const Item* items;
  const Term* terms;
  const std::uint32_t* ops;  // Op | chirality << 5
  const ProductTerm* product_terms;
  const Tile* tiles;
  const LaneMap* lane_maps;      // [tile][32]
  const std::uint16_t* sectors;  // [n_sector][sector_size]: positions among the active helicities or no_index
  const RowPart* row_parts;
  const std::uint16_t* row_amplitudes;  // [term][depth]
  const std::uint16_t* row_factors;     // [term][depth / 4][8 rows][4]: which of `factors`
  const double* factors;
  const std::uint16_t* part_rows;   // [part][8]: rows or no_index
  const std::uint16_t* row_places;  // [part][8]: where they are in shared memory
  const std::uint8_t* butterflies;  // [part][level][8]: other row of the part | own_minus | add_other
  const ColorBand* bands;
  const Sum* sums;
  const SumTerm* sum_terms;
  const Density* densities;
  const Trace* traces;
  const double* constants;            // [][2]
  const std::int8_t* momentum_signs;  // [n_momentum][n_leg]
  const Form* forms;
  const FormTerm* form_terms;
  const PropagatorPlace* propagator_places;
  const double* color;                   // [tile][depth / 4][8 rows][4 columns]
  const std::uint16_t* dot_offsets;      // [side][lane of an event]: bytes from the first state of a slot
  const std::uint16_t* dot_helicities;   // [lane of an event]: position among the active ones or no_index
  const std::uint32_t* active;           // helicity combinations
  const std::uint32_t* amp2_diagrams;    // AMP2 index -> diagram, from 1
  const std::uint32_t* config_amp2;      // config -> AMP2 index or none
  const std::uint32_t* config_diagrams;  // config -> diagram or 0
  const std::uint32_t* diagram_amp2;     // diagram -> AMP2 index or none
  const std::uint8_t* config_flows;      // [n_config][n_flow]
  const std::uint8_t* chosen_orders;
  Sizes sizes;
};

// Values that may change between batches.
struct Values {
  const double* parameter;
  const double* coupling;  // [][2]
  const PropagatorValues* propagators;
  const double* weight;  // of the active helicities
};

// A batch in device memory; as meb::Batch.
struct Events {
  std::uint64_t n_event;
  const double* momenta;
  const double* running_coupling;
  const std::int32_t* channel;
  const double* channel_cut;
  const double* random_helicity;
  const double* random_color;
  const std::int32_t* color_config;
  const std::int32_t* helicity_in;
  double* matrix_element;
  std::int32_t* helicity;
  std::int32_t* color_flow;
  double* jamp2;
  double* amp2;
  double* by_helicity;
  std::int32_t* flag;
  unsigned long long* n_non_finite;
  double* amp2_between;  // [n_event][AMP2 index]: from the kernel of AMP2 to that of the rest, or null
  std::uint32_t running_coupling_common, channel_cut_only, with_amp2, spare;
};

// Shared memory of a block of 2^log_events events.
struct Memory {
  std::uint32_t log_events;
  std::uint32_t log_lanes;     // log2 of the events that lanes share; each has 2^(log_events - log_lanes) of them
  std::uint32_t event_stride;  // complex numbers of one event
  std::uint32_t states, momenta, coefficients, inverses, rows, amplitudes, densities;  // first complex number
  std::uint32_t sum_stride;  // doubles of one event: T[n_active], JAMP2, AMP2, partial sums
  std::uint32_t sums;        // bytes before them
  std::uint32_t size;        // bytes
  std::uint32_t overlaid;    // rows take the place of the amplitudes they are made of
  // Bytes before the block's copies of Tables::phases, chunks, items and terms; 0: there are none.
  std::uint32_t phases, chunks, items, terms;
};

struct Arguments {
  Tables tables;
  Values values;
  Events events;
  Memory memory;
  void* scratch;  // [block][n_kept][4] complex numbers, [block][most_pending][T, JAMP2, AMP2]
};

}  // namespace meb::cuda
