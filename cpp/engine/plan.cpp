#include "engine/plan.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "engine/loops.hpp"

namespace meb {
namespace {

// A helicity state of a set of legs: helicity + 1 in base 4 at each leg's place. The first leg's is the highest: states
// are in the order of keys, and those that one tile of combinations reads should follow one another.
using Key = std::uint32_t;

std::uint32_t key_shift(std::uint32_t leg) { return 2 * (15 - leg); }

Key project(const Program& p, std::uint32_t combination, std::uint32_t legs) {
  Key key = 0;
  for (std::uint32_t l = 0; l < p.n_leg; ++l)
    if (legs >> l & 1) key |= static_cast<Key>(p.helicities[combination * p.n_leg + l] + 1) << key_shift(l);
  return key;
}

Key restrict(Key key, std::uint32_t legs) {
  Key mask = 0;
  for (std::uint32_t l = 0; l < 16; ++l)
    if (legs >> l & 1) mask |= Key(3) << key_shift(l);
  return key & mask;
}

class Planner {
public:
  explicit Planner(Plan& plan) : plan_(plan), p_(*plan.program) {}

  void make() {
    find_states();
    find_propagators();
    for (const auto& x : p_.instructions) add_step(x);
    make_loops(plan_);
    mark_needs();
    place();
    plan_.densities_exact = densities_exact();
  }

private:
  const std::vector<Key>& states(std::uint32_t slot) const { return states_.at(p_.slots[slot].legs); }
  std::uint32_t state(std::uint32_t slot, Key key) const {
    const auto& s = states(slot);
    return static_cast<std::uint32_t>(std::lower_bound(s.begin(), s.end(), key) - s.begin());
  }

  void find_states() {
    for (const auto& slot : p_.slots) {
      auto& s = states_[slot.legs];
      if (!s.empty()) continue;
      for (auto h : plan_.active) s.push_back(project(p_, h, slot.legs));
      std::sort(s.begin(), s.end());
      s.erase(std::unique(s.begin(), s.end()), s.end());
    }
  }

  static bool is_product(Op op) { return op == Op::dot || op == Op::dot_jamp; }
  static bool writes_slot(Op op) {
    return op == Op::external || (op >= Op::ffv_1 && op <= Op::ssss_1) || op == Op::density || op == Op::custom ||
           op == Op::density_vertex;
  }

  void add_step(const Instruction& x) {
    Step s{};
    s.op = x.op;
    s.flags = x.flags;
    s.instruction = &x;
    find_factors(s);
    s.index = static_cast<std::uint32_t>(plan_.indices.size());
    if (is_product(x.op)) {
      s.n_component = p_.slots[x.in[0]].n_component;
      s.n = product_indices(x);
    } else if (x.op == Op::external) {
      s.n = external_indices(x);
      s.n_component = p_.slots[x.out].n_component;
    } else if (x.op == Op::density_vertex) {
      s.n = 1;
    } else if (x.op == Op::density) {
      s.n = static_cast<std::uint32_t>(states(x.in[0]).size());
    } else if (writes_slot(x.op)) {
      s.n = vertex_indices(x);
      s.n_component = p_.slots[x.out].n_component;
    }
    plan_.steps.push_back(s);
  }

  static bool is_vertex(Op op) { return (op >= Op::ffv_1 && op <= Op::ssss_1) || op == Op::custom; }

  // Of each slot's sum, to which all its terms are multiplied.
  void find_propagators() {
    propagator_.resize(p_.slots.size(), none);
    negative_.resize(p_.slots.size(), 0);
    std::map<std::array<std::uint32_t, 3>, std::uint32_t> known;
    for (const auto& x : p_.instructions) {
      const auto kind = static_cast<PropagatorKind>((x.flags >> flag::propagator_shift) & flag::propagator_mask);
      if (!(is_vertex(x.op) || x.op == Op::density_vertex) || kind == PropagatorKind::absent) continue;
      const std::array key{p_.slots[x.out].momentum, x.mass, x.width};
      const auto [at, is_new] = known.try_emplace(key, static_cast<std::uint32_t>(known.size()));
      if (is_new) plan_.propagators.push_back({key[0], key[1], key[2]});
      propagator_[x.out] = at->second;
      negative_[x.out] = kind == PropagatorKind::fermion_out || kind == PropagatorKind::scalar;
    }
  }

  void find_factors(Step& s) {
    const Instruction& x = *s.instruction;
    s.propagator = none;
    if (!(is_vertex(x.op) || x.op == Op::density_vertex)) return;
    s.propagator = propagator_[x.out];
    if (x.op == Op::custom) {
      s.coefficient[0] = static_cast<std::uint32_t>(plan_.custom_factors.size());
      const CustomFunction& f = p_.custom_functions[x.flags >> flag::custom_shift];
      const std::uint32_t* operand = &p_.operands[x.in[0]] + f.in.size();
      for (std::uint32_t k = 0; k < f.n_coefficient; ++k) plan_.custom_factors.push_back(factor(operand[k], x.out));
    } else {
      for (int k = 0; k < 3; ++k)
        s.coefficient[k] = x.coefficient[k] < p_.coefficients.size() ? factor(x.coefficient[k], x.out) : none;
    }
  }
  std::uint32_t factor(std::uint32_t coefficient, std::uint32_t slot) {
    const bool negative = negative_[slot];
    const std::array<std::uint32_t, 3> key{coefficient, propagator_[slot], negative};
    const auto [at, is_new] = factors_.try_emplace(key, static_cast<std::uint32_t>(factors_.size()));
    if (is_new) plan_.factors.push_back({coefficient, propagator_[slot], negative});
    return at->second;
  }

  std::uint32_t external_indices(const Instruction& x) {
    const auto& s = states(x.out);
    for (Key key : s) plan_.indices.push_back(key >> key_shift(x.in[0]) & 3);
    return static_cast<std::uint32_t>(s.size());
  }

  std::uint32_t vertex_indices(const Instruction& x) {
    const auto& s = states(x.out);
    for (Key key : s)
      for (auto slot : p_.inputs(x)) plan_.indices.push_back(state(slot, restrict(key, p_.slots[slot].legs)));
    return static_cast<std::uint32_t>(s.size());
  }

  std::uint32_t product_indices(const Instruction& x) {
    std::map<std::uint32_t, std::vector<std::uint32_t>> groups;
    for (std::uint32_t a = 0; a < plan_.active.size(); ++a) {
      const auto h = plan_.active[a];
      const auto d = state(x.in[1], project(p_, h, p_.slots[x.in[1]].legs));
      groups[d].push_back(state(x.in[0], project(p_, h, p_.slots[x.in[0]].legs)));
      groups[d].push_back(a);
    }
    for (const auto& [d, pairs] : groups) {
      plan_.indices.push_back(d);
      plan_.indices.push_back(static_cast<std::uint32_t>(pairs.size() / 2));
      plan_.indices.insert(plan_.indices.end(), pairs.begin(), pairs.end());
    }
    return static_cast<std::uint32_t>(groups.size());
  }

  // Backwards from what is asked for to what it takes.
  void mark_needs() {
    std::vector<unsigned> slot(p_.slots.size()), buffer(p_.n_amplitude_buffer);
    for (std::size_t i = plan_.steps.size(); i-- > 0;) {
      Step& s = plan_.steps[i];
      const Instruction& x = *s.instruction;
      if (x.op == Op::dot_jamp || x.op == Op::jamp) s.need = need::jamp;
      if (x.op == Op::trace) s.need = need::amp2_densities;
      if (x.op == Op::square)
        s.need = need::amp2_amplitudes | ((x.flags & flag::for_amplitudes) ? 0 : need::amp2_densities);
      if (x.op == Op::dot) {
        s.need = buffer[x.out];
        if (!(x.flags & flag::accumulate)) buffer[x.out] = 0;
      }
      if (writes_slot(x.op)) s.need = slot[x.out];
      if (x.op == Op::jamp || x.op == Op::square) buffer[x.in[0]] |= s.need;
      for (auto k : p_.inputs(x)) slot[k] |= s.need;
    }
  }

  bool densities_exact() const {
    std::vector<unsigned> seen(p_.n_leg, 0);
    const auto bit = [&](std::uint32_t h, std::uint32_t l) { return 1u << (p_.helicities[h * p_.n_leg + l] + 1); };
    for (auto h : plan_.active)
      for (std::uint32_t l = 0; l < p_.n_leg; ++l) seen[l] |= bit(h, l);
    std::size_t n_product = 1, n_found = 0;
    for (unsigned s : seen) n_product *= static_cast<std::size_t>(__builtin_popcount(s));
    std::vector<char> may_be(p_.zero_helicities.begin(), p_.zero_helicities.end());
    for (auto h : plan_.active) may_be[h] = 1;
    for (std::uint32_t h = 0; h < p_.n_helicity; ++h) {
      bool inside = true;
      for (std::uint32_t l = 0; l < p_.n_leg; ++l) inside &= (seen[l] & bit(h, l)) != 0;
      if (inside && !may_be[h]) return false;
      n_found += inside;
    }
    return n_found == n_product;
  }

  std::size_t slot_size(std::uint32_t slot) const {
    if (p_.slots[slot].n_component == 16) return 8;
    return states(slot).size() * p_.slots[slot].n_component;
  }

  // First fit over the life of each slot.
  void place() {
    const auto last = last_uses();
    std::vector<std::size_t> at(p_.slots.size(), 0);
    std::map<std::size_t, std::size_t> used;  // begin -> end
    std::size_t size = 0;
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      Step& s = plan_.steps[i];
      const Instruction& x = *s.instruction;
      place_inputs(s, at);
      if (writes_slot(x.op)) {
        if (!(x.flags & flag::accumulate)) at[x.out] = first_fit(used, slot_size(x.out));
        s.out = at[x.out];
        size = std::max(size, s.out + slot_size(x.out));
      }
      for (auto slot : last[i]) used.erase(at[slot]);
    }
    plan_.arena_size = size;
  }

  void place_inputs(Step& s, const std::vector<std::size_t>& at) {
    const auto inputs = p_.inputs(*s.instruction);
    if (s.op == Op::custom) {
      s.in[0] = plan_.places.size();
      for (auto slot : inputs) plan_.places.push_back(at[slot]);
    } else {
      for (std::size_t k = 0; k < inputs.size(); ++k) s.in[k] = at[inputs[k]];
    }
  }

  std::vector<std::vector<std::uint32_t>> last_uses() const {
    std::vector<std::size_t> last(p_.slots.size(), 0);
    std::vector<char> seen(p_.slots.size(), 0);
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const Instruction& x = *plan_.steps[i].instruction;
      const bool later = is_product(x.op) && plan_.order == Order::products_last;
      for (auto slot : p_.inputs(x)) last[slot] = later ? plan_.steps.size() - 1 : std::max(last[slot], i);
      if (writes_slot(x.op)) last[x.out] = i, seen[x.out] = 1;
    }
    std::vector<std::vector<std::uint32_t>> by_step(plan_.steps.size());
    for (std::uint32_t s = 0; s < last.size(); ++s)
      if (seen[s]) by_step[last[s]].push_back(s);
    return by_step;
  }

  static std::size_t first_fit(std::map<std::size_t, std::size_t>& used, std::size_t size) {
    std::size_t begin = 0;
    for (const auto& [b, e] : used) {
      if (begin + size <= b) break;
      begin = e;
    }
    used[begin] = begin + size;
    return begin;
  }

  Plan& plan_;
  const Program& p_;
  std::map<std::uint32_t, std::vector<Key>> states_;  // by legs
  std::vector<std::uint32_t> propagator_;             // by slot
  std::vector<char> negative_;                        // by slot
  std::map<std::array<std::uint32_t, 3>, std::uint32_t> factors_;
};

}  // namespace

std::shared_ptr<const Plan> make_plan(std::shared_ptr<const Program> program, std::vector<std::uint32_t> helicities,
                                      Order order, std::span<const std::uint32_t> opposite) {
  auto plan = std::make_shared<Plan>();
  plan->program = std::move(program);
  plan->active = std::move(helicities);
  for (std::uint32_t a = 0; a < plan->active.size(); ++a) plan->known.push_back({plan->active[a], a});
  for (std::uint32_t a = 0; a < opposite.size(); ++a) plan->known.push_back({opposite[a], a});
  std::ranges::sort(plan->known, {}, &Known::combination);
  plan->multiplicity = opposite.empty() ? 1 : 2;
  plan->order = order;
  Planner(*plan).make();
  return plan;
}

}  // namespace meb
