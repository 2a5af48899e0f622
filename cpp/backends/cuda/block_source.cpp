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
  text += "#include \"backends/cuda/device/rows.cuh\"\n#define MEB_FIXED\n#define MEB_EACH " +
          std::to_string(1u << (m.log_events - m.log_lanes)) + "\nnamespace meb::cuda {\n";
  const auto fields = [&](const auto&... x) { ((text += std::to_string(x) + ", "), ...); };
  text += "constexpr Sizes fixed_sizes{";
  fields(s.n_leg, s.n_momentum, s.n_coefficient, s.n_propagator, s.n_state, s.n_row, s.n_amplitude, s.n_active,
         s.n_kept, s.n_sector, s.sector_size, s.row_stride, s.n_band, s.n_butterfly, s.n_flow, s.n_order, s.n_amp2, s.n_between, s.n_density, s.n_config, s.n_diagram, s.n_helicity,
         s.n_coupling, s.n_running, s.n_phase);
  char factor[40];
  std::snprintf(factor, sizeof factor, "%.17g};\n", s.averaging_factor);
  text += std::string(factor) + "constexpr Memory fixed_memory{";
  fields(m.log_events, m.log_lanes, m.event_stride, m.states, m.momenta, m.coefficients, m.inverses, m.rows,
         m.amplitudes, m.densities, m.sum_stride, m.sums, m.size, m.overlaid);
  return text + "};\n";
}

std::string number(std::size_t x) { return std::to_string(x); }

// JAMP rows, JAMP2 and butterflies as straight-line code, in parts that warps share.
class RowsSource {
public:
  RowsSource(const BlockData& data, const Program& program)
      : schedule_(data.schedule()), sizes_(data.sizes()), blocks_(data.color_blocks()), p_(program) {}

  std::string text() const {
    std::size_t most = 1;
    for (const auto& rows : blocks_.parts) most = std::max(most, rows.size());
    return "struct Rows {\nstatic constexpr std::uint32_t n_part = " + number(blocks_.parts.size()) +
           ", most = " + number(most) + ", most_flow = " + number(most / p_.n_split_order) + ";\n" +
           // rows of a part after their butterflies, JAMP2 of its flows
           each_part("template <class C> MEB_INLINE static void make(std::uint32_t part, const C* amplitude, C* x, "
                     "double* jamp2)",
                     [&](const auto& rows) { return sums(rows) + jamp2(rows, most) + butterflies(rows); }) +
           each_part("template <class C> MEB_INLINE static void store(std::uint32_t part, const C* x, C* row)",
                     [&](const auto& rows) { return stores(rows); }) +
           flows() + "};\n";
  }

private:
  using Rows = std::vector<std::uint32_t>;

  template <class Function>
  std::string each_part(const std::string& head, Function body) const {
    std::string text = head + " {\nswitch (part) {\n";
    for (std::size_t part = 0; part < blocks_.parts.size(); ++part)
      text += "case " + number(part) + ": {\n" + body(blocks_.parts[part]) + "return; }\n";
    return text + "} }\n";
  }

  std::string sums(const Rows& rows) const {
    std::set<std::uint32_t> loaded;
    std::string text;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Sum& sum = schedule_.sums[rows[i]];
      text += "x[" + number(i) + "] = {0, 0};\n";
      for (std::uint32_t t = sum.first; t < sum.first + sum.n; ++t) {
        const SumTerm& term = schedule_.sum_terms[t];
        loaded.insert(term.amplitude);
        const bool unit = 2 * term.constant >= p_.constants.size();
        char c[128];
        std::snprintf(c, sizeof c, "multiply_add(x[%zu], %.17g, %.17g, a%u);\n", i,
                      unit ? 1.0 : p_.constants[2 * term.constant], unit ? 0.0 : p_.constants[2 * term.constant + 1],
                      term.amplitude);
        text += c;
      }
    }
    std::string loads;
    for (auto k : loaded)
      loads += "const C a" + number(k) + " = amplitude[" + number(std::size_t{k} * sizes_.sector_size) + "];\n";
    return loads + text;
  }

  // sum over chosen pairs of split orders of |Re J_m J_n^*|
  std::string jamp2(const Rows& rows, std::size_t most) const {
    const std::size_t n_order = p_.n_split_order, n_flow = rows.size() / n_order;
    std::string text;
    for (std::size_t flow = 0; flow < most / n_order; ++flow) {
      text += "jamp2[" + number(flow) + "] = 0";
      for (std::size_t m = 0; m < n_order && flow < n_flow; ++m)
        for (std::size_t n = 0; n < n_order; ++n)
          if (p_.chosen_orders[m * n_order + n])
            text += " + product(x[" + number(flow * n_order + m) + "], x[" + number(flow * n_order + n) + "])";
      text += ";\n";
    }
    return text;
  }

  std::string butterflies(const Rows& rows) const {
    std::string text;
    const auto at = [&](std::uint32_t row) { return std::find(rows.begin(), rows.end(), row) - rows.begin(); };
    for (const auto& [a, b] : blocks_.butterflies)
      if (std::size_t(at(a)) < rows.size())
        text += "butterfly(x[" + number(at(a)) + "], x[" + number(at(b)) + "]);\n";
    return text;
  }

  std::string stores(const Rows& rows) const {
    std::string text;
    for (std::size_t i = 0; i < rows.size(); ++i)
      text += "row[" + number(std::size_t{blocks_.places[rows[i]]} * sizes_.row_stride) + "] = x[" + number(i) + "];\n";
    return text;
  }

  // How many flows a part has, and their numbers.
  std::string flows() const {
    std::string n, list;
    for (std::size_t part = 0; part < blocks_.parts.size(); ++part) {
      const Rows& rows = blocks_.parts[part];
      n += "case " + number(part) + ": return " + number(rows.size() / p_.n_split_order) + ";\n";
      list += "case " + number(part) + ": switch (k) {\n";
      for (std::size_t i = 0; i < rows.size(); i += p_.n_split_order)
        list += "case " + number(i / p_.n_split_order) + ": return " + number(rows[i] / p_.n_split_order) + ";\n";
      list += "} break;\n";
    }
    return "MEB_INLINE static std::uint32_t n_flow(std::uint32_t part) {\nswitch (part) {\n" + n +
           "} return 0; }\nMEB_INLINE static std::uint32_t flow(std::uint32_t part, std::uint32_t k) {\n"
           "switch (part) {\n" + list + "} return 0; }\n";
  }

  const Schedule& schedule_;
  const Sizes& sizes_;
  const ColorBlocks& blocks_;
  const Program& p_;
};

}  // namespace

std::string block_source(const BlockData& data, const Program& program, const Memory& memory) {
  const Sizes& sizes = data.sizes();
  const std::string only_amp2 = data.wanted() & need::jamp ? "" : "#define MEB_ONLY_AMP2\n";
  if (data.in_registers())
    return only_amp2 + fixed_source(data.schedule(), sizes, memory) +
           "}  // namespace meb::cuda\n#include \"backends/cuda/device/dots.cuh\"\n" +
           dots_source(data.plan(), data.schedule());
  return fixed_source(data.schedule(), sizes, memory) + RowsSource(data, program).text() + "}  // namespace meb::cuda\n";
}

}  // namespace meb::cuda
