#include "backends/cuda/schedule.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <tuple>

#include "engine/error.hpp"

namespace meb::cuda {
namespace {

constexpr std::uint32_t unit_constant = none;  // replaced by the index of 1 in the constants

struct Slot {
  std::vector<const Step*> steps;  // that write it, in order
  std::uint32_t n = 0, level = 0;  // states
  std::uint32_t first_batch = none, last_batch = 0;
  std::uint32_t state = none;  // place in shared memory
  std::uint32_t kept = none;   // place among the states that products and densities read
  bool is_wave = false;        // has a propagator or is external: vertices read it
  bool is_read = false;        // by a vertex
};

struct Amplitude {
  std::uint32_t sides;
  std::vector<ProductTerm> terms;  // slots instead of states
};

// Amplitudes that must be there at the same time.
struct Cluster {
  std::vector<std::uint32_t> amplitudes;
  std::vector<std::uint32_t> squares;  // numbers

  void add(const Cluster& other) {
    amplitudes.insert(amplitudes.end(), other.amplitudes.begin(), other.amplitudes.end());
    squares.insert(squares.end(), other.squares.begin(), other.squares.end());
  }
};

class Scheduler {
public:
  Scheduler(const Plan& plan, unsigned wanted, const BatchLimits& limits, Schedule& out)
      : plan_(plan), p_(*plan.program), wanted_(wanted), limits_(limits), out_(out), slots_(p_.slots.size()) {}

  void make() {
    out_.constants = p_.constants;
    out_.constants.insert(out_.constants.end(), {1.0, 0.0});
    for (const Step& s : plan_.steps)
      if (s.need & wanted_) read(s);
    if (!limits_.in_registers) {
      out_.sectors = make_sectors(plan_, out_.sides, out_.maps, limits_.helicities);
      make_rounds();
    }
    make_batches();
    limits_.in_registers ? place() : place_once();
    for (std::uint32_t b = 0; b < batches_.size(); ++b) emit(b);
    if (!limits_.in_registers) emit_sectors();
    if (!out_.phases.empty()) out_.phases.back().barrier = 1;
  }

private:
  // -- what there is

  void read(const Step& s) {
    const Instruction& x = *s.instruction;
    switch (s.op) {
      case Op::custom: throw Error(Status::unsupported, "backend cuda: functions of a plug-in are not supported");
      case Op::dot: return read_dot(s);
      case Op::dot_jamp: return add_to_row(x.out, {add_amplitude(s, unit_constant)}, x.coefficient[0]);
      case Op::jamp: return add_to_row(x.out, buffers_[x.in[0]], x.coefficient[0]);
      case Op::square: return read_square(x);
      case Op::density: density_of_[x.in[0]] = x.out; return;
      case Op::trace: ++readers_[x.in[0]], ++readers_[x.in[1]]; return traces_.push_back({x.out, x.in[0], x.in[1]});
      default: return read_vertex(s);
    }
  }

  void read_vertex(const Step& s) {
    Slot& slot = slots_[s.instruction->out];
    slot.steps.push_back(&s);
    slot.n = s.n;
    slot.is_wave = slot.is_wave || s.op == Op::external || propagator(s) != 0;
    for (auto in : p_.inputs(*s.instruction)) slot.level = std::max(slot.level, slots_[in].level + 1);
  }

  static std::uint32_t propagator(const Step& s) {
    if (s.op == Op::external) return 0;
    return (s.flags >> flag::propagator_shift) & flag::propagator_mask;
  }

  void read_dot(const Step& s) {
    auto& buffer = buffers_[s.instruction->out];
    if (!(s.flags & flag::accumulate)) buffer.clear();
    const std::uint32_t constant = s.instruction->coefficient[0];
    const std::uint32_t sides = find_sides(s);
    for (auto k : buffer)
      if (amplitudes_[k].sides == sides) {
        amplitudes_[k].terms.push_back({s.instruction->in[0], s.instruction->in[1], constant});
        return;
      }
    buffer.push_back(add_amplitude(s, constant));
  }

  std::uint32_t add_amplitude(const Step& s, std::uint32_t constant) {
    const Instruction& x = *s.instruction;
    amplitudes_.push_back({find_sides(s), {{x.in[0], x.in[1], constant}}});
    users_.emplace_back();
    cluster_of_.push_back(static_cast<std::uint32_t>(clusters_.size()));
    const auto number = static_cast<std::uint32_t>(amplitudes_.size() - 1);
    clusters_.push_back({{number}, {}});
    return number;
  }

  void add_to_row(std::uint32_t row, const std::vector<std::uint32_t>& amplitudes, std::uint32_t constant) {
    for (auto k : amplitudes) users_[k].push_back({row, constant});
  }

  // All of a square must be there at the same time.
  void read_square(const Instruction& x) {
    const auto& parts = buffers_[x.in[0]];
    if (parts.empty()) return;
    const std::uint32_t into = cluster_of_[parts[0]];
    for (auto k : parts) {
      if (cluster_of_[k] == into) continue;
      auto& from = clusters_[cluster_of_[k]];
      clusters_[into].add(from);
      for (auto moved : from.amplitudes) cluster_of_[moved] = into;
      from = {};
    }
    clusters_[into].squares.push_back(static_cast<std::uint32_t>(squares_.size()));
    squares_.push_back({x.out, parts});
  }

  // The numbering of helicities by the states of both sides of a product.
  std::uint32_t find_sides(const Step& s) {
    const Instruction& x = *s.instruction;
    const std::uint32_t legs = p_.slots[x.in[0]].legs;
    const auto found = sides_.find(legs);
    if (found != sides_.end()) return found->second;
    const std::uint32_t n_wave = slots_[x.in[0]].n, n_derivative = slots_[x.in[1]].n;
    std::vector<std::int16_t> map(n_wave * n_derivative, -1);
    const std::uint32_t* index = &plan_.indices[s.index];
    for (std::uint32_t g = 0; g < s.n; ++g) {
      const std::uint32_t d = index[0], n = index[1];
      index += 2;
      for (std::uint32_t i = 0; i < n; ++i, index += 2)
        map[index[0] * n_derivative + d] = static_cast<std::int16_t>(index[1]);
    }
    const auto number = static_cast<std::uint32_t>(out_.sides.size());
    out_.sides.push_back({n_wave, n_derivative, static_cast<std::uint32_t>(out_.maps.size()), false});
    out_.maps.insert(out_.maps.end(), map.begin(), map.end());
    return sides_[legs] = number;
  }

  // -- what is computed together

  // All that a warp's amplitudes are summed into must be there: those of JAMPs first, then those of AMP2
  // alone, as many at a time as there is room for.
  void make_rounds() {
    rounds_.emplace_back();
    const auto in_rows = [&](const Cluster& c) {
      return std::any_of(c.amplitudes.begin(), c.amplitudes.end(), [&](auto k) { return !users_[k].empty(); });
    };
    for (const Cluster& c : clusters_)
      if (in_rows(c)) rounds_[0].add(c);
    for (const Cluster& c : clusters_) {
      if (c.amplitudes.empty() || in_rows(c)) continue;
      if (rounds_.size() == 1 || rounds_.back().amplitudes.size() + c.amplitudes.size() > limits_.amplitudes)
        rounds_.emplace_back();
      rounds_.back().add(c);
    }
  }

  // Without JAMPs in registers one batch: waves stay in shared memory, other states go to device memory.
  void make_batches() {
    batches_.emplace_back();
    std::uint32_t n_state = 0;
    for (const Cluster& c : clusters_) {
      for (auto k : c.amplitudes)
        for (const auto& t : amplitudes_[k].terms) n_state += use(t.wave) + use(t.derivative);
      batches_.back().amplitudes.add(c);
    }
    bool first = limits_.in_registers;
    for (const auto& [slot, density] : density_of_) {
      if (limits_.in_registers && slots_[slot].first_batch == none && (first || n_state > limits_.states))
        batches_.emplace_back(), n_state = 0, first = false;
      n_state += use(slot);
      batches_[slots_[slot].first_batch].densities.push_back(slot);
    }
  }

  // Needs the slot in the present batch; returns how many states of derivatives are new.
  std::uint32_t use(std::uint32_t number) {
    Slot& slot = slots_[number];
    const auto batch = static_cast<std::uint32_t>(batches_.size() - 1);
    slot.last_batch = std::max(slot.last_batch, batch);
    if (slot.first_batch != none) return 0;
    slot.first_batch = batch;
    std::uint32_t n = slot.is_wave ? 0 : slot.n;
    for (const Step* s : slot.steps)
      for (auto in : inputs(*s)) {
        n += use(in);
        slots_[in].is_read = true;
      }
    return n;
  }

  std::span<const std::uint32_t> inputs(const Step& s) const {
    if (s.op == Op::external) return {};
    return p_.inputs(*s.instruction);
  }

  void place_once() {
    std::map<std::uint32_t, std::uint32_t> used;
    for (Slot& slot : slots_)
      if (slot.is_read) slot.state = first_fit(used, slot.n);
    const auto keep = [&](std::uint32_t number) {
      if (slots_[number].kept != none) return;
      slots_[number].kept = out_.n_kept;
      out_.n_kept += slots_[number].n;
    };
    for (const Amplitude& x : amplitudes_)
      for (const auto& t : x.terms) keep(t.wave), keep(t.derivative);
    for (const auto& [slot, density] : density_of_) keep(slot);
    if (std::max(out_.n_state, out_.n_kept) >= no_index - 1)
      throw Error(Status::unsupported, "backend cuda: the process is too large");
  }

  // Inputs live as long as what is made of them is not made.
  void place() {
    for (Slot& slot : slots_)
      if (slot.first_batch != none)
        for (const Step* s : slot.steps)
          for (auto in : inputs(*s)) slots_[in].last_batch = std::max(slots_[in].last_batch, slot.first_batch);
    std::map<std::uint32_t, std::uint32_t> used;  // begin -> end
    for (std::uint32_t b = 0; b < batches_.size(); ++b) {
      std::vector<Slot*> placed;
      for (Slot& slot : slots_)
        if (slot.first_batch == b) placed.push_back(&slot);
      // large ones first: no holes
      std::stable_sort(placed.begin(), placed.end(), [](const Slot* x, const Slot* y) { return x->n > y->n; });
      for (Slot* slot : placed) slot->state = first_fit(used, slot->n);
      for (Slot& slot : slots_)
        if (slot.first_batch != none && slot.last_batch == b) used.erase(slot.state);
    }
    if (out_.n_state >= no_index) throw Error(Status::unsupported, "backend cuda: the process is too large");
  }

  std::uint32_t first_fit(std::map<std::uint32_t, std::uint32_t>& used, std::uint32_t n) {
    const std::uint32_t align = std::min(std::bit_ceil(n), 16u);  // dots_source.cpp relies on it
    std::uint32_t begin = 0;
    for (const auto& [b, e] : used) {
      if (begin + n <= b) break;
      begin = std::max(begin, (e + align - 1) / align * align);
    }
    used[begin] = begin + n;
    out_.n_state = std::max(out_.n_state, begin + n);
    return begin;
  }

  // -- phases

  void emit(std::uint32_t b) {
    std::set<std::uint32_t> levels;
    for (const Slot& slot : slots_)
      if (slot.first_batch == b) levels.insert(slot.level);
    for (auto level : levels) emit_vertices(b, level);
    emit_densities(batches_[b]);
    if (limits_.in_registers) emit_dots(batches_[b].amplitudes);
    emit_traces();
  }

  void add_phase(PhaseKind kind, std::size_t first, std::size_t end, bool barrier) {
    if (first == end) return;
    out_.phases.push_back({static_cast<std::uint32_t>(kind), static_cast<std::uint32_t>(first),
                           static_cast<std::uint32_t>(end - first), barrier, 0});
  }

  // Ops of all terms and what else lanes of a warp should have in common.
  using Shape = std::vector<std::uint32_t>;

  Shape shape(const Slot& slot) const {
    Shape s;
    for (const Step* step : slot.steps) {
      std::uint32_t code = static_cast<std::uint32_t>(step->op);
      if (step->op >= Op::ffv_1 && step->op <= Op::ffv_3)
        code |= ((step->flags >> flag::chirality_shift) & flag::chirality_mask) << 5;
      s.push_back(code);
    }
    s.push_back(propagator(*slot.steps.back()));
    const Instruction& last = *slot.steps.back()->instruction;
    s.push_back(slot.steps.back()->op == Op::external ? last.flags << 1 | (last.mass == none) : 0);
    return s;
  }

  // About as many operations, in units of 30.
  static unsigned weight(const Shape& s) {
    const auto cost = [](Op op) -> unsigned {
      return op == Op::external ? 6 : op == Op::vvvv_1 ? 5 : op == Op::vvv_1 ? 4 : 2;
    };
    unsigned sum = s[s.size() - 2] != 0 ? 1 : 0;  // the propagator
    for (std::size_t t = 0; t + 2 < s.size(); ++t) sum += cost(static_cast<Op>(s[t] & 31));
    return sum;
  }

  void emit_vertices(std::uint32_t batch, std::uint32_t level) {
    std::map<Shape, std::vector<const Slot*>> by_shape;
    for (const Slot& slot : slots_)
      if (slot.first_batch == batch && slot.level == level) by_shape[shape(slot)].push_back(&slot);
    std::vector<std::pair<Shape, std::vector<const Slot*>>> sorted(by_shape.begin(), by_shape.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return weight(a.first) > weight(b.first); });
    const std::size_t first = out_.groups.size();
    for (const auto& [s, slots] : sorted) emit_group(s, slots);
    add_phase(PhaseKind::vertices, first, out_.groups.size(), true);
  }

  void emit_group(const Shape& s, const std::vector<const Slot*>& slots) {
    Group g{};
    g.item = static_cast<std::uint32_t>(out_.items.size());
    g.term = static_cast<std::uint32_t>(out_.terms.size());
    g.op = static_cast<std::uint32_t>(out_.ops.size());
    g.n_term = static_cast<std::uint32_t>(s.size() - 2);
    g.propagator = s[g.n_term];
    out_.propagator_mask |= 1u << g.propagator;
    for (std::uint32_t t = 0; t < g.n_term; ++t) {
      out_.ops.push_back(s[t]);
      out_.op_mask |= 1u << (s[t] & 31);
      const Op op = static_cast<Op>(s[t] & 31);
      if (op >= Op::ffv_1 && op <= Op::ffv_3) out_.ffv_mask |= 1u << (4 * ((s[t] & 31) - 1) + (s[t] >> 5));
      for (const Slot* slot : slots) add_terms(*slot->steps[t]);
    }
    for (const Slot* slot : slots) add_items(*slot);
    g.n = static_cast<std::uint32_t>(out_.items.size()) - g.item;
    out_.groups.push_back(g);
  }

  void add_terms(const Step& s) {
    const Instruction& x = *s.instruction;
    const auto in = inputs(s);
    for (std::uint32_t n = 0; n < s.n; ++n) {
      StateTerm t{{no_index, no_index, no_index}, {0, 0}, {no_index, no_index, no_index}};
      if (s.op == Op::external) {
        const std::uint32_t kind = (x.flags >> flag::kind_shift) & flag::kind_mask;
        t.in[0] = index16(x.in[0]);
        t.in[1] = index16(plan_.indices[s.index + n]);
        t.in[2] = index16(kind | ((x.flags & flag::minus) ? 4 : 0));
        t.coefficient[0] = x.mass == none ? no_index : index16(x.mass);
        out_.external_mask |= 1u << (2 * kind + (x.mass != none));
      } else {
        for (std::size_t k = 0; k < in.size(); ++k) {
          t.in[k] = index16(slots_[in[k]].state + plan_.indices[s.index + n * in.size() + k]);
          if (k < 2 && p_.slots[in[k]].momentum != none) t.momentum[k] = index16(p_.slots[in[k]].momentum);
        }
        for (std::size_t k = 0; k < 3; ++k)
          if (x.coefficient[k] != none) t.coefficient[k] = index16(x.coefficient[k]);
      }
      out_.terms.push_back(t);
    }
  }

  void add_items(const Slot& slot) {
    const Step& last = *slot.steps.back();
    StateItem item{no_index, 0, 0, 0};
    if (propagator(last) != 0) {
      const Instruction& x = *last.instruction;
      item.momentum = index16(p_.slots[x.out].momentum);
      item.propagator = find_propagator(p_.slots[x.out].momentum, x.mass, x.width);
    }
    for (std::uint32_t n = 0; n < slot.n; ++n) {
      if (slot.state != none) item.out = index16(slot.state + n);
      if (slot.kept != none) item.kept = index16(1 + slot.kept + n);
      out_.items.push_back(item);
    }
  }

  std::uint16_t find_propagator(std::uint32_t momentum, std::uint32_t mass, std::uint32_t width) {
    for (std::size_t i = 0; i < out_.propagators.size(); ++i) {
      const auto& q = out_.propagators[i];
      if (q.momentum == momentum && q.mass == mass && q.width == width) return static_cast<std::uint16_t>(i);
    }
    out_.propagators.push_back({momentum, mass, width});
    return index16(out_.propagators.size() - 1);
  }

  static std::uint16_t index16(std::size_t x) {
    if (x >= no_index) throw Error(Status::unsupported, "backend cuda: the process is too large");
    return static_cast<std::uint16_t>(x);
  }

  struct Batch {
    Cluster amplitudes;
    std::vector<std::uint32_t> densities;  // slots
  };

  void emit_densities(const Batch& batch) {
    if (batch.densities.empty()) return;
    if (reads_densities_) out_.phases.back().barrier = 1;
    reads_densities_ = false;
    const std::size_t first = out_.densities.size();
    for (auto slot : batch.densities) {
      const std::uint32_t number = free_densities_.empty() ? out_.n_density++ : *free_densities_.begin();
      free_densities_.erase(number);
      density_[density_of_.at(slot)] = number;
      const std::uint32_t state = limits_.in_registers ? slots_[slot].state : slots_[slot].kept;
      out_.densities.push_back({number, state, slots_[slot].n});
    }
    // dots follow without a barrier, or else vertices that overwrite what densities read, or traces
    const bool before_dots = limits_.in_registers && !batch.amplitudes.amplitudes.empty();
    add_phase(PhaseKind::densities, first, out_.densities.size(), !before_dots);
  }

  // Those whose matrices are there; a matrix that no other trace needs makes room.
  void emit_traces() {
    const std::size_t first = out_.traces.size();
    std::vector<std::uint32_t> done;
    std::erase_if(traces_, [&](const Trace& t) {
      const auto a = density_.find(t.a), b = density_.find(t.b);
      if (a == density_.end() || b == density_.end()) return false;
      out_.traces.push_back({t.out, a->second, b->second});
      done.insert(done.end(), {t.a, t.b});
      return true;
    });
    for (auto slot : done)
      if (--readers_[slot] == 0) free_densities_.insert(density_.at(slot));
    add_phase(PhaseKind::traces, first, out_.traces.size(), false);
    reads_densities_ = reads_densities_ || first != out_.traces.size();
  }

  // Where an amplitude lies, and where i times it.
  struct Place {
    std::uint32_t plain = none, imaginary = none;
  };
  using Places = std::map<std::uint32_t, Place>;

  Places add_products(const std::vector<std::uint32_t>& amplitudes) {
    Places at;
    std::uint32_t n = 0;
    for (auto k : in_order_of_sides(amplitudes)) {
      const auto [plain, imaginary] = versions(k);
      if (plain) add_product(k, at[k].plain = n++, false);
      if (imaginary) add_product(k, at[k].imaginary = n++, true);
    }
    if (!limits_.in_registers) out_.n_amplitude = std::max(out_.n_amplitude, n);
    return at;
  }

  // On the tensor cores rows are sums with real factors: of an amplitude, or of i times it.
  std::pair<bool, bool> versions(std::uint32_t k) const {
    if (limits_.in_registers || users_[k].empty()) return {true, false};
    bool plain = false, imaginary = false;
    for (const auto& use : users_[k]) {
      const auto [re, im] = constant(use.constant);
      plain = plain || re != 0, imaginary = imaginary || im != 0;
    }
    return {plain || !imaginary, imaginary};
  }

  void add_product(std::uint32_t k, std::uint32_t out, bool imaginary) {
    const Amplitude& amplitude = amplitudes_[k];
    out_.products.push_back({out, amplitude.sides, static_cast<std::uint32_t>(out_.product_terms.size()),
                             static_cast<std::uint32_t>(amplitude.terms.size()),
                             p_.slots[amplitude.terms[0].wave].n_component});
    const auto place = [&](std::uint32_t slot) {
      return limits_.in_registers ? slots_[slot].state : slots_[slot].kept;
    };
    for (const auto& t : amplitude.terms) {
      const auto [re, im] = constant(t.constant);
      out_.product_terms.push_back(
          {place(t.wave), place(t.derivative), imaginary ? find_constant(-im, re) : t.constant});
    }
  }

  std::pair<double, double> constant(std::uint32_t index) const {
    if (index == unit_constant) return {1.0, 0.0};
    return {out_.constants[2 * index], out_.constants[2 * index + 1]};
  }

  std::uint32_t find_constant(double re, double im) {
    for (std::size_t i = 0; i < out_.constants.size(); i += 2)
      if (out_.constants[i] == re && out_.constants[i + 1] == im) return static_cast<std::uint32_t>(i / 2);
    out_.constants.insert(out_.constants.end(), {re, im});
    return static_cast<std::uint32_t>(out_.constants.size() / 2 - 1);
  }

  // A warp takes tiles of the same sides together.
  std::vector<std::uint32_t> in_order_of_sides(std::vector<std::uint32_t> amplitudes) const {
    if (!limits_.in_registers)
      std::stable_sort(amplitudes.begin(), amplitudes.end(),
                       [&](auto a, auto b) { return amplitudes_[a].sides < amplitudes_[b].sides; });
    return amplitudes;
  }

  void add_rows(const Places& at) {
    std::map<std::uint32_t, std::vector<SumTerm>> rows;
    for (const auto& [k, place] : at)
      for (const auto& use : users_[k]) add_row_terms(rows[use.row], place, use.constant);
    if (!limits_.in_registers)
      for (std::uint32_t row = 0; row < p_.n_row(); ++row) rows[row];  // those without terms are zero
    for (const auto& [row, terms] : rows) add_sum(row, terms, false);
    out_.n_row_sum = static_cast<std::uint32_t>(out_.sums.size());
  }

  void add_row_terms(std::vector<SumTerm>& terms, const Place& place, std::uint32_t factor) {
    if (limits_.in_registers) return terms.push_back({place.plain, factor});
    const auto [re, im] = constant(factor);
    if (re != 0) terms.push_back({place.plain, find_constant(re, 0)});
    if (im != 0) terms.push_back({place.imaginary, find_constant(im, 0)});
  }

  std::vector<SumTerm> square_terms(std::uint32_t number, const Places& at) {
    std::vector<SumTerm> terms;
    for (auto k : squares_[number].amplitudes) {
      const Place& place = at.at(k);
      const bool plain = place.plain != none;
      terms.push_back({plain ? place.plain : place.imaginary, plain ? unit_constant : find_constant(0, -1)});
    }
    return terms;
  }

  void emit_dots(const Cluster& amplitudes) {
    if (amplitudes.amplitudes.empty()) return;
    const Places at = add_products(amplitudes.amplitudes);
    add_rows(at);
    for (auto number : amplitudes.squares) add_sum(squares_[number].diagram, square_terms(number, at), true);
    add_phase(PhaseKind::dots, 0, 1, true);
  }

  // Amplitudes take the place of what vertices and traces read.
  void emit_sectors() {
    if (!out_.phases.empty()) out_.phases.back().barrier = 1;
    const std::size_t first = out_.phases.size();
    for (const Cluster& round : rounds_) emit_round(round, &round == &rounds_.front());
    const std::size_t end = out_.phases.size();
    for (std::uint32_t sector = 1; sector < out_.sectors.n(); ++sector)
      for (std::size_t i = first; i < end; ++i) {
        out_.phases.push_back(out_.phases[i]);
        out_.phases.back().sector = sector;
      }
  }

  void emit_round(const Cluster& round, bool with_rows) {
    const std::size_t first = out_.products.size();
    const Places at = add_products(round.amplitudes);
    if (with_rows) add_rows(at);
    // rows and colours load their tables before they wait for what others wrote
    add_phase(PhaseKind::products, first, out_.products.size(), !with_rows || !round.squares.empty());
    emit_squares(round, at);
    if (with_rows) {
      add_phase(PhaseKind::rows, 0, p_.n_row(), false);
      add_phase(PhaseKind::colors, 0, 1, false);
    } else {
      out_.phases.back().barrier = 1;
    }
  }

  void add_sum(std::uint32_t out, const std::vector<SumTerm>& terms, bool accumulate) {
    out_.sums.push_back(
        {out, static_cast<std::uint32_t>(out_.sum_terms.size()), static_cast<std::uint32_t>(terms.size()), accumulate});
    out_.sum_terms.insert(out_.sum_terms.end(), terms.begin(), terms.end());
  }

  // Two squares of one diagram must not meet: a barrier parts them.
  void emit_squares(const Cluster& round, const Places& at) {
    std::set<std::uint32_t> seen;
    std::size_t first = out_.sums.size();
    for (auto number : round.squares) {
      const Square& square = squares_[number];
      if (!seen.insert(square.diagram).second) {
        add_phase(PhaseKind::squares, first, out_.sums.size(), true);
        first = out_.sums.size();
        seen = {square.diagram};
      }
      add_sum(square.diagram, square_terms(number, at), true);
    }
    add_phase(PhaseKind::squares, first, out_.sums.size(), false);
  }

  struct RowUse {
    std::uint32_t row, constant;
  };
  struct Square {
    std::uint32_t diagram;
    std::vector<std::uint32_t> amplitudes;
  };

  const Plan& plan_;
  const Program& p_;
  unsigned wanted_;
  BatchLimits limits_;
  Schedule& out_;
  std::vector<Slot> slots_;
  std::vector<Amplitude> amplitudes_;
  std::vector<std::vector<RowUse>> users_;  // of each amplitude
  std::vector<Cluster> clusters_;
  std::vector<std::uint32_t> cluster_of_;
  std::vector<Square> squares_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> buffers_;
  std::map<std::uint32_t, std::uint32_t> density_of_;  // slot -> slot of its density
  std::map<std::uint32_t, std::uint32_t> density_;     // slot of a density -> number, once it is made
  std::map<std::uint32_t, std::uint32_t> readers_;     // slot of a density -> traces to come
  std::set<std::uint32_t> free_densities_;
  std::vector<Trace> traces_;  // to come; of slots
  bool reads_densities_ = false;
  std::map<std::uint32_t, std::uint32_t> sides_;  // legs of the wave -> number
  std::vector<Batch> batches_;
  std::vector<Cluster> rounds_;
};

}  // namespace

Schedule make_schedule(const Plan& plan, unsigned wanted, const BatchLimits& limits) {
  Schedule schedule;
  Scheduler(plan, wanted, limits, schedule).make();
  const auto one = static_cast<std::uint32_t>(plan.program->constants.size() / 2);
  for (auto& t : schedule.product_terms)
    if (t.constant == unit_constant) t.constant = one;
  for (auto& t : schedule.sum_terms)
    if (t.constant == unit_constant) t.constant = one;
  return schedule;
}

}  // namespace meb::cuda
