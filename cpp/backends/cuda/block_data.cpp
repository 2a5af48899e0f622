#include "backends/cuda/block_data.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <set>
#include <tuple>

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
// Where number 2 h + part of amplitude 0 lies, as device/memory.cuh has it.
std::uint32_t amplitude_byte(std::uint32_t number, std::uint32_t stride, std::size_t real_size) {
  const auto at = static_cast<std::uint32_t>(number * real_size);
  const auto n_piece = static_cast<std::uint32_t>(stride * 2 * real_size / 32);
  return at ^ 32 * ((at / 128) & (std::min(n_piece, 4u) - 1));
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

// States a0 ... of the four and b0 ... of the eight; where there are none any will do.
std::vector<LaneMap> BlockData::lane_map(const Sides& sides, std::uint32_t sector, const SectorStates& states,
                                         std::size_t a0, std::size_t b0, std::size_t real_size) const {
  const Sectors& sectors = schedule_.sectors;
  const auto& four = sides.swapped ? states.derivatives : states.waves;
  const auto& eight = sides.swapped ? states.waves : states.derivatives;
  const auto place = [&](std::size_t a, std::size_t b, std::uint32_t part) -> std::uint32_t {
    if (a >= four.size() || b >= eight.size()) return no_index;
    const std::uint32_t wave = sides.swapped ? eight[b] : four[a], derivative = sides.swapped ? four[a] : eight[b];
    const std::int16_t position = schedule_.maps[sides.map + wave * sides.n_derivative + derivative];
    const auto begin = sectors.positions.begin() + sector * sectors.size, end = begin + sectors.size;
    const auto at = position < 0 ? end : std::find(begin, end, static_cast<std::uint16_t>(position));
    if (at == end) return no_index;
    return amplitude_byte(2 * static_cast<std::uint32_t>(at - begin) + part, sizes_.amplitude_stride, real_size);
  };
  const auto state = [](const auto& list, std::size_t at) { return list[at < list.size() ? at : 0]; };
  std::vector<LaneMap> map;
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    const std::size_t a = a0 + lane / 8, b = b0 + 2 * (lane % 4);
    const std::uint32_t part = lane / 4 % 2;
    map.push_back(
        {state(four, a) | state(eight, b0 + lane / 4) << 16, place(a, b, part) | place(a, b + 1, part) << 16});
  }
  return map;
}

std::uint16_t BlockData::factor(const Product& x) const {
  const std::uint32_t index = schedule_.product_terms[x.first].constant;
  const double re = schedule_.constants[2 * index], im = schedule_.constants[2 * index + 1];
  if (re == 1 && im == 0) return unit_factor;
  if (re == 0 && im == 1) return imaginary_factor;
  return static_cast<std::uint16_t>(index);
}

namespace {

// Slots of one side in as few pieces as possible.
std::vector<std::vector<std::uint32_t>> pieces(const std::set<std::uint32_t>& slots, std::size_t most) {
  std::vector<std::vector<std::uint32_t>> list;
  for (auto slot : slots) {
    if (list.empty() || list.back().size() == most) list.emplace_back();
    list.back().push_back(slot);
  }
  return list;
}

}  // namespace

// Tiles without their states, of products of the same sides and factor: all pairs of some slots of both.
std::vector<Tile> BlockData::tiles_of(const std::vector<const Product*>& products, const Sides& sides) const {
  std::set<std::uint32_t> fours, eights;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<const Product*>> by_slots;
  for (const Product* x : products) {
    const ProductTerm& t = schedule_.product_terms[x->first];
    const std::uint32_t four = sides.swapped ? t.derivative : t.wave, eight = sides.swapped ? t.wave : t.derivative;
    fours.insert(four), eights.insert(eight), by_slots[{four, eight}].push_back(x);
  }
  std::vector<Tile> list;
  for (const auto& a : pieces(fours, most_four))
    for (const auto& b : pieces(eights, most_eight))
      for (bool some = true; some;) {  // more than once if a pair has several products
        Tile tile{};
        std::fill(std::begin(tile.result.out), std::end(tile.result.out), no_index);
        tile.slots.n_eight = static_cast<std::uint16_t>(b.size());
        some = false;
        for (std::size_t i = 0; i < most_four; ++i)
          tile.slots.four[i] = static_cast<std::uint16_t>(a[std::min(i, a.size() - 1)]);
        for (std::size_t j = 0; j < most_eight; ++j)
          tile.slots.eight[j] = static_cast<std::uint16_t>(b[std::min(j, b.size() - 1)]);
        for (std::size_t i = 0; i < a.size(); ++i)
          for (std::size_t j = 0; j < b.size(); ++j) {
            const auto found = by_slots.find({a[i], b[j]});
            if (found == by_slots.end() || found->second.empty()) continue;
            const Product* x = found->second.back();
            found->second.pop_back();
            some = true;
            tile.result.factor = factor(*x);
            tile.result.out[most_eight * i + j] = static_cast<std::uint16_t>(x->out);
            tile.result.more = static_cast<std::uint16_t>(x->first + 1);
            tile.slots.n_more = static_cast<std::uint16_t>(x->n - 1);
          }
        if (some) list.push_back(tile);
      }
  return list;
}

// Phases of products count tiles from here on.
std::vector<Tile> BlockData::make_tiles(std::vector<Phase>& all, std::vector<LaneMap>& lane_maps,
                                        std::size_t real_size) const {
  std::vector<Tile> list;
  for (Phase& phase : all) {
    if (phase.kind != static_cast<std::uint32_t>(PhaseKind::products)) continue;
    // what a tile has in common: sides, factor, of sums the product itself
    std::map<std::tuple<std::uint32_t, std::uint16_t, std::uint32_t>, std::vector<const Product*>> alike;
    for (std::uint32_t i = phase.first; i < phase.first + phase.n; ++i) {
      const Product& x = schedule_.products[i];
      alike[{x.sides, factor(x), x.n == 1 ? none : i}].push_back(&x);
    }
    phase.first = static_cast<std::uint32_t>(list.size());
    for (const auto& [key, products] : alike) {
      const Sides& sides = schedule_.sides[std::get<0>(key)];
      const SectorStates states = sector_states(sides, schedule_.maps, schedule_.sectors, phase.sector);
      const std::vector<Tile> tiles = tiles_of(products, sides);
      const std::size_t n_four = (sides.swapped ? states.derivatives : states.waves).size();
      const std::size_t n_eight = (sides.swapped ? states.waves : states.derivatives).size();
      for (std::size_t a = 0; a < n_four; a += 4)
        for (std::size_t b = 0; b < n_eight; b += 8) {
          const auto map = lane_map(sides, phase.sector, states, a, b, real_size);
          for (const Tile& tile : tiles) {
            list.push_back(tile);
            lane_maps.insert(lane_maps.end(), map.begin(), map.end());
          }
        }
    }
    phase.n = static_cast<std::uint32_t>(list.size()) - phase.first;
  }
  return list;
}

// Amplitudes of a part in fours that lie in different banks, as far as possible.
std::vector<std::uint16_t> BlockData::part_amplitudes(std::size_t part) const {
  std::vector<std::vector<std::uint16_t>> by_bank(4);
  std::set<std::uint32_t> all;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint16_t row = color_blocks_.part_rows[8 * part + i];
    if (row == no_index) continue;
    const Sum& sum = schedule_.sums[row];
    for (std::uint32_t t = sum.first; t < sum.first + sum.n; ++t) all.insert(schedule_.sum_terms[t].amplitude);
  }
  for (auto k : all) by_bank[k % 4].push_back(static_cast<std::uint16_t>(k));
  std::vector<std::uint16_t> list;
  while (list.size() < all.size())
    for (std::size_t i = 0; i < 4 && list.size() < all.size(); ++i) {
      auto& bank = by_bank[i].empty()
                       ? *std::max_element(by_bank.begin(), by_bank.end(),
                                           [](const auto& x, const auto& y) { return x.size() < y.size(); })
                       : by_bank[i];
      list.push_back(bank.back());
      bank.pop_back();
    }
  while (list.size() % depth != 0) list.push_back(list.back());  // with a factor 0
  return list;
}

BlockData::RowTables BlockData::make_rows() const {
  RowTables x;
  x.factors = {0.0};
  for (std::size_t part = 0; part < color_blocks_.n_part; ++part) {
    const std::vector<std::uint16_t> amplitudes = part_amplitudes(part);
    const auto n = static_cast<std::uint32_t>(amplitudes.size() / depth);
    x.parts.push_back({static_cast<std::uint32_t>(x.amplitudes.size() / depth), n});
    std::set<std::pair<std::size_t, std::uint16_t>> seen;  // padding repeats an amplitude
    x.amplitudes.insert(x.amplitudes.end(), amplitudes.begin(), amplitudes.end());
    for (std::size_t at = 0; at < amplitudes.size(); at += 4)
      for (std::size_t i = 0; i < 8; ++i)
        for (std::size_t k = at; k < at + 4; ++k) {
          const bool is_new = seen.insert({i, amplitudes[k]}).second;
          x.row_factors.push_back(is_new ? row_factor(part, i, amplitudes[k], x.factors) : 0);
        }
  }
  // terms after the last are loaded, too
  constexpr std::size_t ahead = 8;
  x.amplitudes.resize(x.amplitudes.size() + ahead * depth, 0);
  x.row_factors.resize(x.row_factors.size() + ahead * 8 * depth, 0);
  return x;
}

std::uint16_t BlockData::row_factor(std::size_t part, std::size_t i, std::uint16_t amplitude,
                                    std::vector<double>& factors) const {
  const std::uint16_t row = color_blocks_.part_rows[8 * part + i];
  if (row == no_index) return 0;
  const Sum& sum = schedule_.sums[row];
  double total = 0;
  for (std::uint32_t t = sum.first; t < sum.first + sum.n; ++t)
    if (schedule_.sum_terms[t].amplitude == amplitude)
      total += schedule_.constants[2 * schedule_.sum_terms[t].constant];
  const auto found = std::find(factors.begin(), factors.end(), total);
  if (found == factors.end()) factors.push_back(total);
  const auto index = std::find(factors.begin(), factors.end(), total) - factors.begin();
  if (index >= no_index) throw Error(Status::unsupported, "backend cuda: the process is too large");
  return static_cast<std::uint16_t>(index);
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
