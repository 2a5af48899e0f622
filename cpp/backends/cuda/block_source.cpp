#include "backends/cuda/block_source.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

#include "backends/cuda/dots_source.hpp"

namespace meb::cuda {
namespace {

// The Program's numbers as constants.
std::string fixed_source(const Schedule& schedule, const Sizes& s, const Memory& m) {
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
         s.stride, s.n_flow, s.n_order, s.n_amp2, s.n_between, s.n_density, s.n_config, s.n_diagram, s.n_helicity,
         s.n_coupling, s.n_running, s.n_phase);
  char factor[40];
  std::snprintf(factor, sizeof factor, "%.17g};\n", s.averaging_factor);
  text += std::string(factor) + "constexpr Memory fixed_memory{";
  fields(m.log_events, m.log_lanes, m.event_stride, m.states, m.momenta, m.coefficients, m.inverses, m.rows,
         m.amplitudes, m.densities, m.sum_stride, m.sums, m.size, m.rows_global, m.phases, m.chunks, m.items, m.terms);
  return text + "};\n";
}

// The sums of JAMP rows as straight-line code, in parts that warps share.
std::string rows_source(const Schedule& schedule, const Program& p, std::uint32_t stride, std::uint32_t n_part) {
  std::string text =
      "constexpr std::uint32_t n_part = " + std::to_string(n_part) +
      ";\ntemplate <class C> MEB_INLINE void add_rows(std::uint32_t number, const C* amplitude, C* row) {\n"
      "switch (number) {\n";
  for (const Phase& phase : schedule.phases) {
    if (phase.kind != static_cast<std::uint32_t>(PhaseKind::rows)) continue;
    for (std::uint32_t part = 0; part < n_part; ++part) {
      text += "case " + std::to_string(phase.number * n_part + part) + ": {\n";
      std::set<std::uint32_t> loaded;
      std::string sums;
      for (std::uint32_t i = phase.first + part; i < phase.first + phase.n; i += n_part) {
        const Sum& sum = schedule.sums[i];
        const std::string row = "row[" + std::to_string(sum.out * stride) + "]";
        sums += "{ C x = " + (sum.accumulate ? row : std::string("C{0, 0}")) + ";\n";
        for (std::uint32_t t = sum.first; t < sum.first + sum.n; ++t) {
          const SumTerm& term = schedule.sum_terms[t];
          loaded.insert(term.amplitude);
          const bool unit = 2 * term.constant >= p.constants.size();
          char c[128];
          std::snprintf(c, sizeof c, "multiply_add(x, %.17g, %.17g, a%u);\n",
                        unit ? 1.0 : p.constants[2 * term.constant], unit ? 0.0 : p.constants[2 * term.constant + 1],
                        term.amplitude);
          sums += c;
        }
        sums += row + " = x; }\n";
      }
      for (auto k : loaded)
        text += "const C a" + std::to_string(k) + " = amplitude[" + std::to_string(k * stride) + "];\n";
      text += sums + "return; }\n";
    }
  }
  return text + "} }\n}\n";
}

}  // namespace

std::string block_source(const BlockData& data, const Program& program, const Memory& memory, std::size_t real_size,
                         int n_thread) {
  const Sizes sizes = data.tables(nullptr, real_size).sizes;
  const auto n_chunk = static_cast<int>((sizes.n_active + 31) / 32 << memory.log_events);
  const int n_part = std::clamp(n_thread / 32 / std::max(1, n_chunk), 1, 8);
  const std::string only_amp2 = data.wanted() & need::jamp ? "" : "#define MEB_ONLY_AMP2\n";
  if (data.in_registers())
    return only_amp2 + fixed_source(data.schedule(), sizes, memory) +
           "}  // namespace meb::cuda\n#include \"backends/cuda/device/dots.cuh\"\n" +
           dots_source(data.plan(), data.schedule());
  return fixed_source(data.schedule(), sizes, memory) +
         rows_source(data.schedule(), program, sizes.stride, static_cast<std::uint32_t>(n_part));
}

}  // namespace meb::cuda
