#include "backends/cuda/block_source.hpp"

#include <algorithm>
#include <cstdio>

#include "backends/cuda/dots_source.hpp"

namespace meb::cuda {
namespace {

// The Program's numbers as constants.
std::string fixed_source(const BlockData& data, const Memory& m) {
  const Schedule& schedule = data.schedule();
  const Sizes& s = data.sizes();
  std::string text;
  const auto mask = [&](const char* name, std::uint32_t bits) {
    text += std::string("#define ") + name + " " + std::to_string(bits) + "u\n";
  };
  mask("MEB_FFV", schedule.ffv_mask);
  mask("MEB_PROPAGATORS", schedule.propagator_mask);
  mask("MEB_EXTERNALS", schedule.external_mask);
  if (std::all_of(schedule.groups.begin(), schedule.groups.end(), [](const Group& g) { return g.n_term == 1; }))
    text += "#define MEB_ONE_TERM 1\n";
  text += "#include \"backends/cuda/device/rows.cuh\"\n#define MEB_FIXED\n#define MEB_EACH " +
          std::to_string(1u << (m.log_events - m.log_lanes)) + "\nnamespace meb::cuda {\n";
  const auto fields = [&](const auto&... x) { ((text += std::to_string(x) + ", "), ...); };
  text += "constexpr Sizes fixed_sizes{";
  fields(s.n_leg, s.n_momentum, s.n_coefficient, s.n_propagator, s.n_state, s.n_row, s.n_amplitude, s.n_active,
         s.n_kept, s.n_sector, s.sector_size, s.amplitude_stride, s.n_part, s.n_level, s.n_band, s.n_flow, s.n_order,
         s.n_amp2, s.n_between, s.n_density, s.n_config, s.n_diagram, s.n_helicity, s.n_coupling, s.n_running,
         s.n_phase);
  char factor[40];
  std::snprintf(factor, sizeof factor, "%.17g};\n", s.averaging_factor);
  text += std::string(factor) + "constexpr Memory fixed_memory{";
  fields(m.log_events, m.log_lanes, m.event_stride, m.states, m.momenta, m.coefficients, m.inverses, m.rows,
         m.amplitudes, m.densities, m.sum_stride, m.sums, m.size, m.overlaid, m.phases, m.chunks, m.items, m.terms);
  text += "};\n";
  const auto list = [&](const std::string& head, const auto& records, auto write) {
    text += "__constant__ const " + head + "[] = {";
    for (const auto& x : records) text += "{", write(x), text += "}, ";
    text += "};\n";
  };
  list("Phase fixed_phases", data.phases(), [&](const Phase& x) { fields(x.kind, x.first, x.n, x.barrier, x.sector); });
  if (!data.in_registers()) {
    list("RowPart fixed_row_parts", data.row_parts(), [&](const RowPart& x) { fields(x.first, x.n); });
    list("ColorBand fixed_bands", data.color_blocks().bands,
         [&](const ColorBand& x) { fields(x.row, x.n_tile, x.tile, x.spare); });
  }
  return text;
}

}  // namespace

std::string block_source(const BlockData& data, const Memory& memory) {
  const std::string only_amp2 = data.wanted() & need::jamp ? "" : "#define MEB_ONLY_AMP2\n";
  if (data.in_registers())
    return only_amp2 + fixed_source(data, memory) +
           "}  // namespace meb::cuda\n#include \"backends/cuda/device/dots.cuh\"\n" +
           dots_source(data.plan(), data.schedule());
  return fixed_source(data, memory) + "}  // namespace meb::cuda\n";
}

}  // namespace meb::cuda
