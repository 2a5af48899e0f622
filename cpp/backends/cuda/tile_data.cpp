// Tables of the tensor cores' design: tiles of products, rows.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "backends/cuda/block_data.hpp"
#include "engine/error.hpp"

namespace meb::cuda {
namespace {

// Where number 2 h + part of amplitude 0 lies, as device/memory.cuh has it.
std::uint32_t amplitude_byte(std::uint32_t number, std::uint32_t stride, std::size_t real_size) {
  const auto at = static_cast<std::uint32_t>(number * real_size);
  const auto n_piece = static_cast<std::uint32_t>(stride * 2 * real_size / 32);
  return at ^ 32 * ((at / 128) & (std::min(n_piece, 4u) - 1));
}

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

}  // namespace meb::cuda
