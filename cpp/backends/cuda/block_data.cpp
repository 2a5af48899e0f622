#include "backends/cuda/block_data.hpp"

#include <algorithm>
#include <bit>

#include "backends/cuda/dots_source.hpp"
#include "engine/error.hpp"

namespace meb::cuda {
namespace {

// Numbers of the tables in Tables' order.
enum Table : std::size_t {
  phases,
  chunks,
  items,
  terms,
  ops,
  product_terms,
  tiles,
  lane_maps,
  sectors,
  row_parts,
  row_amplitudes,
  row_factors,
  factors,
  part_rows,
  row_places,
  butterflies,
  bands,
  sums,
  sum_terms,
  densities,
  traces,
  constants,
  signs,
  forms,
  form_terms,
  propagators,
  color,
  dot_offsets_,
  dot_helicities_,
  active,
  amp2_diagrams,
  config_amp2,
  config_diagrams,
  diagram_amp2,
  config_flows,
  chosen_orders,
  n_table
};

std::vector<std::int8_t> momentum_signs(const Program& p) {
  std::vector<std::int8_t> signs(p.momenta.size() * p.n_leg, 0);
  for (std::size_t m = 0; m < p.momenta.size(); ++m) {
    const MomentumSum& sum = p.momenta[m];
    std::int8_t* row = &signs[m * p.n_leg];
    if (sum.leg != none) {
      row[sum.leg] = static_cast<std::int8_t>(sum.sign);
      continue;
    }
    for (auto in : sum.in)
      if (in != none)
        for (std::uint32_t leg = 0; leg < p.n_leg; ++leg)
          row[leg] = static_cast<std::int8_t>(row[leg] + signs[in * p.n_leg + leg]);
  }
  return signs;
}

std::vector<std::uint32_t> amp2_of_diagrams(const Program& p) {
  std::vector<std::uint32_t> table(p.n_diagram + 1, none);
  for (std::size_t d = 0; d < p.amp2_diagrams.size(); ++d) table[p.amp2_diagrams[d]] = static_cast<std::uint32_t>(d);
  return table;
}

std::vector<std::uint32_t> amp2_of_configs(const Program& p) {
  const auto of_diagram = amp2_of_diagrams(p);
  std::vector<std::uint32_t> table;
  for (auto d : p.config_diagrams) table.push_back(d == 0 ? none : of_diagram[d]);
  return table;
}

// Sixteen helicities at a time are read, those of four amplitudes from different banks by the order in which
// groups of four lie (device/memory.cuh).
std::uint32_t amplitude_stride(std::size_t n_helicity) {
  const auto n_group = static_cast<std::uint32_t>((n_helicity + 3) / 4);
  return 4 * (n_group <= 4 ? std::bit_ceil(n_group) : (n_group + 3) / 4 * 4);
}
// As device/memory.cuh has it.
std::uint32_t row_stride(std::size_t n_helicity, std::size_t real_size) {
  return static_cast<std::uint32_t>((n_helicity + 15) / 16 * 16 + 16 / real_size);
}

// First complex number of a state and, in the lowest two bits, which component lies there
// (device/memory.cuh).
std::uint32_t state_place(std::uint32_t state, std::size_t real_size) {
  if (state == no_index) return no_index;
  const std::uint32_t place = 4 * state + ((state >> (real_size == 8 ? 1 : 2)) & 3);
  if (place >= no_index) throw Error(Status::unsupported, "backend cuda: the process is too large");
  return place;
}

// Eight events lie in two sets of banks, four of them apart by the order of components (device/memory.cuh).
std::uint32_t event_stride(std::uint32_t n, std::uint32_t log_events, std::size_t real_size) {
  const std::uint32_t period = real_size == 8 ? 8 : 16;
  return (n + period - 1) / period * period + (log_events >= 3 ? 4 : 0);
}

}  // namespace

BlockData::BlockData(const Plan& plan, unsigned wanted, const BatchLimits& limits)
    : plan_(plan),
      p_(*plan.program),
      schedule_(make_schedule(plan, wanted, limits)),
      wanted_(wanted),
      in_registers_(limits.in_registers),
      color_blocks_(make_color_blocks(p_)),
      offsets_(n_table) {
  if (schedule_.product_terms.size() >= no_index || p_.constants.size() / 2 >= no_index)
    throw Error(Status::unsupported, "backend cuda: the process is too large");
  make_sizes();
}

void BlockData::make_sizes() {
  const auto n = [](std::size_t x) { return static_cast<std::uint32_t>(x); };
  sizes_.n_leg = p_.n_leg;
  sizes_.n_momentum = n(p_.momenta.size());
  sizes_.n_coefficient = n(p_.coefficients.size());
  sizes_.n_propagator = n(schedule_.propagators.size());
  sizes_.n_state = schedule_.n_state;
  sizes_.n_kept = schedule_.n_kept;
  sizes_.n_sector = schedule_.sectors.n();
  sizes_.sector_size = schedule_.sectors.size;
  sizes_.amplitude_stride = amplitude_stride(sizes_.sector_size);
  sizes_.n_part = color_blocks_.n_part;
  sizes_.n_level = color_blocks_.n_level;
  sizes_.n_band = n(color_blocks_.bands.size());
  sizes_.n_row = p_.n_row();
  sizes_.n_amplitude = schedule_.n_amplitude;
  sizes_.n_active = n(plan_.n_active());
  sizes_.n_flow = p_.n_flow;
  sizes_.n_order = p_.n_split_order;
  sizes_.n_amp2 = n(wanted_ == need::jamp ? 0 : p_.amp2_diagrams.size());
  sizes_.n_between = n(p_.amp2_diagrams.size());
  sizes_.n_density = schedule_.n_density;
  sizes_.n_config = p_.n_config;
  sizes_.n_diagram = p_.n_diagram;
  sizes_.n_helicity = p_.n_helicity;
  sizes_.n_coupling = n(p_.couplings.size());
  sizes_.n_running = n(p_.running_couplings.size());
  sizes_.n_phase = n(schedule_.phases.size());
  sizes_.averaging_factor = p_.averaging_factor;
}

Memory BlockData::memory(std::uint32_t log_events, std::uint32_t log_lanes, std::size_t real_size,
                         bool overlaid) const {
  Memory m{};
  m.log_events = log_events;
  m.log_lanes = log_lanes;
  m.overlaid = overlaid;
  std::uint32_t at = 0;
  const auto take = [&at](std::uint32_t n) {
    const std::uint32_t begin = at;
    at += n;
    return begin;
  };
  m.states = take(4 * sizes_.n_state);
  m.densities = take(density_stride * sizes_.n_density);
  m.momenta = take(2 * sizes_.n_momentum + 6);
  m.coefficients = take(sizes_.n_coefficient + 7);
  m.inverses = take(sizes_.n_propagator + 7);
  if (!in_registers_) {  // in the place of all this
    const std::uint32_t amplitudes = sizes_.n_amplitude * sizes_.amplitude_stride,
                        rows = sizes_.n_row * row_stride(sizes_.sector_size, real_size);
    m.amplitudes = 0;
    m.rows = overlaid ? 0 : amplitudes;
    at = std::max({at, amplitudes, m.rows + rows});
  }
  m.event_stride = event_stride(at, log_events, real_size);
  m.sums = static_cast<std::uint32_t>(((std::size_t{m.event_stride} << log_events) * 2 * real_size + 15) / 16 * 16);
  m.sum_stride = (sizes_.n_active + sizes_.n_flow + sizes_.n_amp2 + n_partial()) | 1;
  m.size = m.sums + (m.sum_stride << log_events) * 8;
  return m;
}

std::uint32_t BlockData::n_partial() const {
  if (!in_registers_) return sizes_.n_band * sizes_.sector_size;
  const DotLanes lanes = dot_lanes(plan_, schedule_);
  return lanes.n_part * lanes.n_sum;
}

bool BlockData::rows_fit_in_registers(int n_thread) const {
  constexpr std::uint32_t most_doubles = 40;  // of a thread
  const std::uint32_t n_warp = std::max(1u, static_cast<std::uint32_t>(n_thread) / 32);
  return (sizes_.n_part + n_warp - 1) / n_warp * ((sizes_.sector_size + 3) / 4) * 2 <= most_doubles;
}

std::size_t BlockData::scratch_size(std::size_t real_size) const {
  if (in_registers_) return 0;
  return std::size_t{sizes_.n_kept} * 8 * real_size +
         most_pending * (std::size_t{sizes_.n_active} + sizes_.n_flow + sizes_.n_amp2) * sizeof(double);
}

template <class T>
void BlockData::put(std::vector<std::byte>& bytes, std::size_t index, const std::vector<T>& values) {
  bytes.resize((bytes.size() + 15) / 16 * 16);
  offsets_[index] = bytes.size();
  const auto* first = reinterpret_cast<const std::byte*>(values.data());
  bytes.insert(bytes.end(), first, first + values.size() * sizeof(T));
}

Chunk BlockData::make_chunk(const Group& g, std::uint32_t index) const {
  Chunk c{};
  c.item = g.item, c.term = g.term, c.op = g.op;
  if (g.n > 0xffff || g.n_term > 0xffff) throw Error(Status::unsupported, "backend cuda: the process is too large");
  c.extent = g.n | index << 16;
  c.shape = g.n_term | g.propagator << 16;
  for (std::uint32_t t = 0; t < std::min(n_code, g.n_term); ++t)
    c.codes |= std::uint64_t{schedule_.ops[g.op + t]} << 8 * t;
  return c;
}

std::vector<Item> BlockData::make_items(std::size_t real_size) const {
  std::vector<Item> list;
  for (const StateItem& x : schedule_.items)
    list.push_back(
        {state_place(x.out, real_size) | std::uint32_t{x.momentum} << 16, x.propagator | std::uint32_t{x.kept} << 16});
  return list;
}

std::vector<Term> BlockData::make_terms(std::size_t real_size) const {
  std::vector<Term> list;
  for (const Group& g : schedule_.groups) {
    const bool external = schedule_.ops[g.op] == static_cast<std::uint32_t>(Op::external);
    const auto place = [&](std::uint16_t state) -> std::uint32_t {
      return external || state == no_index ? state : state_place(state, real_size);
    };
    for (std::uint32_t i = g.term; i < g.term + g.n * g.n_term; ++i) {
      const StateTerm& t = schedule_.terms[i];
      const auto high = [](std::uint16_t x) { return std::uint32_t{x} << 16; };
      list.push_back({{place(t.in[0]) | place(t.in[1]) << 16, place(t.in[2]) | high(t.momentum[0]),
                       t.momentum[1] | high(t.coefficient[0]), t.coefficient[1] | high(t.coefficient[2])}});
    }
  }
  // the term after a group's last is loaded, too
  std::size_t most = 0;
  for (const Group& g : schedule_.groups) most = std::max<std::size_t>(most, g.n);
  list.resize(list.size() + most);
  return list;
}

std::vector<std::byte> BlockData::bytes(std::uint32_t log_lanes, std::size_t real_size) {
  phases_ = schedule_.phases;
  std::vector<Phase>& all = phases_;
  std::vector<Chunk> chunk_list;
  for (Phase& phase : all) {
    if (phase.kind != static_cast<std::uint32_t>(PhaseKind::vertices)) continue;
    const auto first = static_cast<std::uint32_t>(chunk_list.size());
    for (std::uint32_t g = phase.first; g < phase.first + phase.n; ++g)
      for (std::uint32_t i = 0; i < ((schedule_.groups[g].n << log_lanes) + 31) / 32; ++i)
        chunk_list.push_back(make_chunk(schedule_.groups[g], i));
    phase.first = first;
    phase.n = static_cast<std::uint32_t>(chunk_list.size()) - first;
  }
  std::vector<LaneMap> lane_map_list;
  const std::vector<Tile> tile_list = make_tiles(all, lane_map_list, real_size);
  std::vector<ProductTerm> product_term_list = schedule_.product_terms;
  for (const Product& x : schedule_.products)
    for (std::uint32_t t = x.first; schedule_.sides[x.sides].swapped && t < x.first + x.n; ++t)
      std::swap(product_term_list[t].wave, product_term_list[t].derivative);
  const RowTables rows = in_registers_ ? RowTables{} : make_rows();
  row_parts_ = rows.parts;
  std::vector<Form> form_list;
  std::vector<FormTerm> form_term_list;
  for (const auto& c : p_.coefficients) {
    form_list.push_back({static_cast<std::uint32_t>(form_term_list.size()), static_cast<std::uint32_t>(c.size())});
    for (const auto& t : c) form_term_list.push_back({t.coupling, 0, t.re, t.im});
  }
  std::vector<std::byte> b;
  put(b, Table::phases, all), put(b, chunks, chunk_list), put(b, items, make_items(real_size));
  put(b, terms, make_terms(real_size)), put(b, ops, schedule_.ops);
  put(b, product_terms, product_term_list), put(b, tiles, tile_list), put(b, lane_maps, lane_map_list);
  put(b, sectors, schedule_.sectors.positions), put(b, Table::row_parts, rows.parts);
  put(b, row_amplitudes, rows.amplitudes), put(b, row_factors, rows.row_factors), put(b, factors, rows.factors);
  put(b, part_rows, color_blocks_.part_rows), put(b, row_places, color_blocks_.places);
  put(b, butterflies, color_blocks_.butterflies), put(b, bands, color_blocks_.bands),
      put(b, color, color_blocks_.tiles);
  put(b, sums, schedule_.sums), put(b, sum_terms, schedule_.sum_terms), put(b, densities, schedule_.densities);
  put(b, traces, schedule_.traces), put(b, constants, schedule_.constants), put(b, signs, momentum_signs(p_));
  put(b, forms, form_list), put(b, form_terms, form_term_list), put(b, propagators, schedule_.propagators);
  if (in_registers_) {
    put(b, dot_offsets_, dot_offsets(plan_, schedule_, real_size));
    put(b, dot_helicities_, dot_helicities(plan_, schedule_));
  }
  put(b, active, plan_.active), put(b, amp2_diagrams, p_.amp2_diagrams);
  put(b, config_amp2, amp2_of_configs(p_)), put(b, config_diagrams, p_.config_diagrams);
  put(b, diagram_amp2, amp2_of_diagrams(p_)), put(b, config_flows, p_.config_flows);
  put(b, chosen_orders, p_.chosen_orders);
  b.resize((b.size() + 31) / 16 * 16);
  return b;
}

Tables BlockData::tables(const std::byte* base) const {
  Tables t{};
  const auto at = [&]<class T>(const T*& pointer, std::size_t index) {
    pointer = reinterpret_cast<const T*>(base + offsets_[index]);
  };
  at(t.phases, Table::phases), at(t.chunks, chunks), at(t.items, items), at(t.terms, terms);
  at(t.ops, ops), at(t.product_terms, product_terms), at(t.tiles, tiles), at(t.lane_maps, lane_maps);
  at(t.sectors, sectors), at(t.row_parts, Table::row_parts), at(t.row_amplitudes, row_amplitudes);
  at(t.row_factors, row_factors), at(t.factors, factors), at(t.part_rows, part_rows), at(t.row_places, row_places),
      at(t.butterflies, butterflies), at(t.bands, bands);
  at(t.sums, sums), at(t.sum_terms, sum_terms), at(t.densities, densities);
  at(t.traces, traces), at(t.constants, constants), at(t.momentum_signs, signs), at(t.forms, forms);
  at(t.form_terms, form_terms), at(t.propagator_places, propagators), at(t.color, color), at(t.active, active);
  at(t.dot_offsets, dot_offsets_), at(t.dot_helicities, dot_helicities_);
  at(t.amp2_diagrams, amp2_diagrams), at(t.config_amp2, config_amp2), at(t.config_diagrams, config_diagrams);
  at(t.diagram_amp2, diagram_amp2), at(t.config_flows, config_flows), at(t.chosen_orders, chosen_orders);
  t.sizes = sizes_;
  return t;
}

}  // namespace meb::cuda
