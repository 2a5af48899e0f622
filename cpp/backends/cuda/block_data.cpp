#include "backends/cuda/block_data.hpp"

#include <algorithm>
#include <cstring>
#include <map>

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

// As the lanes of a warp take it (device/colors.cuh); blocks right of the diagonal are doubled.
std::vector<double> color_tiles(const Program& p) {
  const std::size_t n_row = p.n_row(), n_order = p.n_split_order;
  const auto element = [&](std::size_t r, std::size_t s) {
    if (r >= n_row || s >= n_row) return 0.0;
    const std::size_t i = std::min(r / n_order, s / n_order), j = std::max(r / n_order, s / n_order);
    if (!p.chosen_orders[(r % n_order) * n_order + s % n_order]) return 0.0;
    return p.color_matrix[i * p.n_flow - i * (i + 1) / 2 + j];
  };
  std::vector<double> tiles;
  for (std::size_t i = 0; i < (n_row + 7) / 8; ++i)
    for (std::size_t j = 2 * i; j < (n_row + 3) / 4; ++j)
      for (std::size_t lane = 0; lane < 32; ++lane)
        tiles.push_back((j < 2 * i + 2 ? 1.0 : 2.0) * element(8 * i + lane / 4, 4 * j + lane % 4));
  return tiles;
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

// Rows and states start in different banks.
std::uint32_t row_stride(std::size_t n_active, std::size_t real_size) {
  const std::size_t period = real_size == 8 ? 8 : 16, rest = real_size == 8 ? 2 : 4;
  return static_cast<std::uint32_t>((n_active + period - 1 - rest) / period * period + rest);
}

// First complex number of a state and, in the lowest two bits, which component lies there
// (device/memory.cuh).
std::uint32_t state_place(std::uint32_t state, std::size_t real_size) {
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
  // tiles read eight states, whether they are there or not
  sizes_.n_state = in_registers_ ? schedule_.n_state : (schedule_.n_state + 4 + 7) / 8 * 8;
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
                         bool rows_global) const {
  Memory m{};
  m.log_events = log_events;
  m.log_lanes = log_lanes;
  m.rows_global = rows_global;
  const std::uint32_t stride = row_stride(plan_.n_active(), real_size);
  std::uint32_t at = 0;
  const auto take = [&at](std::uint32_t n) {
    const std::uint32_t begin = at;
    at += n;
    return begin;
  };
  m.states = take(4 * sizes_.n_state);
  m.rows = take(rows_global || in_registers_ ? 0 : sizes_.n_row * stride);
  m.amplitudes = take(sizes_.n_amplitude * stride);
  m.densities = take(8 * sizes_.n_density);
  m.momenta = take(2 * sizes_.n_momentum + 6);
  m.coefficients = take(sizes_.n_coefficient + 7);
  m.inverses = take(sizes_.n_propagator + 7);
  m.event_stride = event_stride(at, log_events, real_size);
  m.sums = static_cast<std::uint32_t>(((std::size_t{m.event_stride} << log_events) * 2 * real_size + 15) / 16 * 16);
  const DotLanes lanes = in_registers_ ? dot_lanes(plan_, schedule_) : DotLanes{};
  m.sum_stride = (sizes_.n_active + sizes_.n_flow + sizes_.n_amp2 + lanes.n_part * lanes.n_sum) | 1;
  m.size = m.sums + (m.sum_stride << log_events) * 8;
  return m;
}

template <class T>
void BlockData::put(std::vector<std::byte>& bytes, std::size_t index, const std::vector<T>& values) {
  bytes.resize((bytes.size() + 15) / 16 * 16);
  offsets_[index] = bytes.size();
  const auto* first = reinterpret_cast<const std::byte*>(values.data());
  bytes.insert(bytes.end(), first, first + values.size() * sizeof(T));
}

// Which helicities the lanes of a warp have of a tile: state a0 + lane / 8 of one side, b0 + 2 (lane % 4)
// and the next of the other.
std::vector<std::uint32_t> BlockData::lane_map(const Sides& s, std::uint32_t a0, std::uint32_t b0) const {
  const auto helicity = [&](std::uint32_t a, std::uint32_t b) -> std::uint32_t {
    if (a >= s.n_wave || b >= s.n_derivative) return no_index;
    return static_cast<std::uint16_t>(schedule_.maps[s.map + a * s.n_derivative + b]);
  };
  std::vector<std::uint32_t> map;
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    const std::uint32_t a = a0 + lane / 8, b = b0 + 2 * (lane % 4);
    map.push_back(helicity(a, b) | helicity(a, b + 1) << 16);
  }
  return map;
}

// Phases of products count tiles from here on.
std::vector<Tile> BlockData::make_tiles(std::vector<Phase>& all, std::vector<std::uint32_t>& lane_maps) const {
  std::vector<Tile> list;
  std::map<std::vector<std::uint32_t>, std::uint16_t> known;
  for (Phase& phase : all) {
    if (phase.kind != static_cast<std::uint32_t>(PhaseKind::products)) continue;
    const auto first = static_cast<std::uint32_t>(list.size());
    for (std::uint32_t i = phase.first; i < phase.first + phase.n; ++i) {
      const Product& x = schedule_.products[i];
      const Sides& s = schedule_.sides[x.sides];
      const ProductTerm& t = schedule_.product_terms[x.first];
      const bool unit = 2 * t.constant >= p_.constants.size();
      for (std::uint32_t a = 0; a < s.n_wave; a += 4)
        for (std::uint32_t b = 0; b < s.n_derivative; b += 8) {
          const auto map = lane_map(s, a, b);
          const auto [at, is_new] = known.try_emplace(map, static_cast<std::uint16_t>(known.size()));
          if (is_new) lane_maps.insert(lane_maps.end(), map.begin(), map.end());
          const auto index = [](std::uint32_t n) { return static_cast<std::uint16_t>(n); };
          list.push_back({index(t.wave + a), index(t.derivative + b), index(x.out), at->second, index(x.first + 1),
                          index(x.n - 1), unit ? no_index : index(t.constant), 0});
        }
    }
    phase.first = first;
    phase.n = static_cast<std::uint32_t>(list.size()) - first;
  }
  return list;
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
    list.push_back({state_place(x.out, real_size) | std::uint32_t{x.momentum} << 16, x.propagator});
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
  return list;
}

std::vector<std::byte> BlockData::bytes(std::uint32_t log_lanes, std::size_t real_size) {
  std::vector<Phase> all = schedule_.phases;
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
  std::vector<std::uint32_t> lane_map_list;
  const std::vector<Tile> tile_list = make_tiles(all, lane_map_list);
  std::vector<double> numbers = p_.constants;
  numbers.insert(numbers.end(), {1.0, 0.0});
  std::vector<Form> form_list;
  std::vector<FormTerm> form_term_list;
  for (const auto& c : p_.coefficients) {
    form_list.push_back({static_cast<std::uint32_t>(form_term_list.size()), static_cast<std::uint32_t>(c.size())});
    for (const auto& t : c) form_term_list.push_back({t.coupling, 0, t.re, t.im});
  }
  std::vector<std::byte> b;
  put(b, phases, all), put(b, chunks, chunk_list), put(b, items, make_items(real_size));
  put(b, terms, make_terms(real_size)), put(b, ops, schedule_.ops);
  put(b, product_terms, schedule_.product_terms), put(b, tiles, tile_list), put(b, lane_maps, lane_map_list);
  put(b, sums, schedule_.sums), put(b, sum_terms, schedule_.sum_terms), put(b, densities, schedule_.densities);
  put(b, traces, schedule_.traces), put(b, constants, numbers), put(b, signs, momentum_signs(p_));
  put(b, forms, form_list), put(b, form_terms, form_term_list), put(b, propagators, schedule_.propagators);
  if (in_registers_) {
    put(b, dot_offsets_, dot_offsets(plan_, schedule_, real_size));
    put(b, dot_helicities_, dot_helicities(plan_, schedule_));
  }
  put(b, color, color_tiles(p_)), put(b, active, plan_.active), put(b, amp2_diagrams, p_.amp2_diagrams);
  put(b, config_amp2, amp2_of_configs(p_)), put(b, config_diagrams, p_.config_diagrams);
  put(b, diagram_amp2, amp2_of_diagrams(p_)), put(b, config_flows, p_.config_flows);
  put(b, chosen_orders, p_.chosen_orders);
  b.resize((b.size() + 31) / 16 * 16);
  return b;
}

Tables BlockData::tables(const std::byte* base, std::size_t real_size) const {
  Tables t{};
  const auto at = [&]<class T>(const T*& pointer, std::size_t index) {
    pointer = reinterpret_cast<const T*>(base + offsets_[index]);
  };
  at(t.phases, phases), at(t.chunks, chunks), at(t.items, items), at(t.terms, terms);
  at(t.ops, ops), at(t.product_terms, product_terms), at(t.tiles, tiles), at(t.lane_maps, lane_maps);
  at(t.sums, sums), at(t.sum_terms, sum_terms), at(t.densities, densities);
  at(t.traces, traces), at(t.constants, constants), at(t.momentum_signs, signs), at(t.forms, forms);
  at(t.form_terms, form_terms), at(t.propagator_places, propagators), at(t.color, color), at(t.active, active);
  at(t.dot_offsets, dot_offsets_), at(t.dot_helicities, dot_helicities_);
  at(t.amp2_diagrams, amp2_diagrams), at(t.config_amp2, config_amp2), at(t.config_diagrams, config_diagrams);
  at(t.diagram_amp2, diagram_amp2), at(t.config_flows, config_flows), at(t.chosen_orders, chosen_orders);
  t.sizes = sizes_;
  t.sizes.stride = row_stride(plan_.n_active(), real_size);
  return t;
}

}  // namespace meb::cuda
