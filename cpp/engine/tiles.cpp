#include "engine/tiles.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace meb {
namespace {

class Tiler {
public:
  Tiler(const Plan& plan, unsigned wanted, Tiles& tiles) : plan_(plan), wanted_(wanted), tiles_(tiles) {}

  void make() {
    for (const Step& s : plan_.steps)
      if (s.need & wanted_) add(s);
    for (std::uint32_t t = 0; t < tiles_.n_tile; ++t)
      for (const TileStep& step : tiles_.steps) {
        tiles_.first.push_back(static_cast<std::uint32_t>(tiles_.indices.size()));
        if (step.product) add_indices(*step.product, t);
      }
    tiles_.by_rows = tiles_.by_rows && add_columns();
    if (tiles_.by_rows) add_row_sums();
  }

private:
  void add(const Step& s) {
    const Instruction& x = *s.instruction;
    switch (s.op) {
      case Op::dot: return start(&s, x.out);
      case Op::dot_jamp: start(&s, plan_.program->n_amplitude_buffer); return update(s);
      case Op::jamp: use(x.in[0]); return update(s);
      case Op::square:
        use(x.in[0]);
        if (tiles_.steps.back().n_square++ == 0)
          tiles_.steps.back().first_square = static_cast<std::uint32_t>(tiles_.squares.size());
        tiles_.squares.push_back(&s);
        return;
      default: return;
    }
  }
  void start(const Step* product, std::uint32_t buffer) {
    tiles_.steps.push_back({product, buffer, product && sparse(*product), 0, 0, 0, 0, none});
  }
  // The last step takes what reads its buffer, in the order of the Plan.
  void use(std::uint32_t buffer) {
    if (tiles_.steps.empty() || tiles_.steps.back().buffer != buffer) start(nullptr, buffer);
  }
  void update(const Step& s) {
    if (tiles_.steps.back().n_update++ == 0)
      tiles_.steps.back().first_update = static_cast<std::uint32_t>(tiles_.updates.size());
    tiles_.updates.push_back(&s);
  }

  // What differs from zero in both, bits of `half`.
  std::uint8_t common(const Step& s, std::uint32_t wave, std::uint32_t d) const {
    return plan_.halves[s.instruction->in[0]][wave] & plan_.halves[s.instruction->in[1]][d];
  }

  // The side with fewer states is held in registers while those of the other run.
  void add_indices(const Step& s, std::uint32_t tile) {
    const std::uint32_t begin = tile * tiles_.size, end = begin + tiles_.size;
    std::set<std::uint32_t> states[2];
    std::vector<Pair> pairs[4];  // by `half`
    const std::uint32_t* entry = &plan_.indices[s.index];
    for (std::uint32_t g = 0; g < s.n; ++g) {
      const std::uint32_t d = entry[0], n = entry[1];
      entry += 2;
      for (std::uint32_t i = 0; i < n; ++i, entry += 2) {
        const std::uint32_t wave = entry[0], position = entry[1] - begin;
        if (entry[1] < begin || entry[1] >= end) continue;
        pairs[common(s, wave, d)].push_back({{wave, d}, position});
        states[0].insert(wave), states[1].insert(d);
      }
    }
    const std::uint32_t held = states[0].size() < states[1].size() ? 0 : 1;
    auto& out = tiles_.indices;
    const std::size_t head = out.size();
    out.insert(out.end(), {held, 0, 0, 0});
    for (std::uint8_t part : {half::upper, half::lower, half::both}) out[head + part] = add_groups(pairs[part], held);
  }

  struct Pair {
    std::uint32_t state[2], position;
  };
  std::uint32_t add_groups(const std::vector<Pair>& pairs, std::uint32_t held) {
    std::map<std::uint32_t, std::vector<std::uint32_t>> groups;
    for (const Pair& p : pairs) {
      auto& group = groups[p.state[held]];
      group.insert(group.end(), {p.state[1 - held], p.position});
    }
    for (const auto& [state, others] : groups) {
      tiles_.indices.insert(tiles_.indices.end(), {state, static_cast<std::uint32_t>(others.size() / 2)});
      tiles_.indices.insert(tiles_.indices.end(), others.begin(), others.end());
    }
    return static_cast<std::uint32_t>(groups.size());
  }

  // Whether a product vanishes by chirality for some combinations.
  bool sparse(const Step& s) const {
    const std::uint32_t* entry = &plan_.indices[s.index];
    for (std::uint32_t g = 0; g < s.n; ++g) {
      const std::uint32_t d = entry[0], n = entry[1];
      entry += 2;
      for (std::uint32_t i = 0; i < n; ++i, entry += 2)
        if (common(s, entry[0], d) == half::none) return true;
    }
    return false;
  }

  struct Term {
    std::uint32_t column;
    double factor;
  };
  bool add_columns() {
    terms_.resize(plan_.program->n_row());
    return std::all_of(tiles_.steps.begin(), tiles_.steps.end(), [&](TileStep& s) {
      if (!s.product || s.n_update == 0) return s.product != nullptr;
      return !(s.product->op == Op::dot && (s.product->flags & flag::accumulate)) && add_column(s);
    });
  }
  bool add_column(TileStep& s) {
    s.column = tiles_.n_column++;
    for (std::uint32_t u = 0; u < s.n_update; ++u) {
      const Instruction& x = *tiles_.updates[s.first_update + u]->instruction;
      const Instruction& first = *tiles_.updates[s.first_update]->instruction;
      const auto ratio = real_ratio(constant(x), constant(first));
      if (!ratio) return false;
      terms_[x.out].push_back({s.column, *ratio});
    }
    return true;
  }
  const double* constant(const Instruction& x) const {
    return &plan_.program->constants[2 * std::size_t{x.coefficient[0]}];
  }

  void add_row_sums() {
    for (const auto& terms : terms_) {
      const auto add = [&](auto wanted) {
        const std::size_t before = tiles_.columns.size();
        for (const Term& t : terms)
          if (wanted(t.factor)) tiles_.columns.push_back(t.column);
        return static_cast<std::uint32_t>(tiles_.columns.size() - before);
      };
      RowSum row{};
      row.n_plus = add([](double f) { return f == 1; });
      row.n_minus = add([](double f) { return f == -1; });
      row.n_other = add([](double f) { return f != 1 && f != -1; });
      for (const Term& t : terms)
        if (t.factor != 1 && t.factor != -1) tiles_.factors.push_back(t.factor);
      tiles_.row_sums.push_back(row);
    }
  }

  const Plan& plan_;
  unsigned wanted_;
  Tiles& tiles_;
  std::vector<std::vector<Term>> terms_;  // of each row
};

}  // namespace

Tiles make_tiles(const Plan& plan, unsigned wanted, std::uint32_t size, bool by_rows) {
  Tiles tiles{};
  tiles.by_rows = by_rows;
  tiles.size = std::max<std::uint32_t>(1, std::min<std::uint32_t>(size, static_cast<std::uint32_t>(plan.n_active())));
  tiles.n_tile = static_cast<std::uint32_t>((plan.n_active() + tiles.size - 1) / tiles.size);
  Tiler(plan, wanted, tiles).make();
  return tiles;
}

std::uint32_t count_columns(const Program& program) {
  std::uint32_t n = 0;
  Op before = Op::external;
  for (const Instruction& x : program.instructions) {
    n += x.op == Op::dot_jamp || (x.op == Op::jamp && before != Op::jamp);
    before = x.op;
  }
  return n;
}

std::optional<double> real_ratio(const double* a, const double* b) {
  const double norm = b[0] * b[0] + b[1] * b[1];
  if (norm == 0 || std::fabs(a[1] * b[0] - a[0] * b[1]) > 1e-15 * norm) return std::nullopt;
  return (a[0] * b[0] + a[1] * b[1]) / norm;
}

}  // namespace meb
