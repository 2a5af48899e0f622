#include "engine/loops.hpp"

namespace meb {
namespace {

using Half = std::uint8_t;

Half other_half(Half h) { return static_cast<Half>((h & 1) << 1 | h >> 1); }

PropagatorKind propagator(const Step& s) {
  return static_cast<PropagatorKind>((s.flags >> flag::propagator_shift) & flag::propagator_mask);
}

// One state of a step's result.
struct State {
  Half part;  // what is computed of it: left- and right-handed part of the coupling, `both` of other vertices
  bool onto;  // added to what is there
};

class Looper {
public:
  explicit Looper(Plan& plan)
      : plan_(plan), p_(*plan.program), read_whole_(p_.slots.size()), states_(plan.steps.size()) {
    plan_.halves.resize(p_.slots.size());
  }

  void make() {
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) evaluate(plan_.steps[i], states_[i]);
    for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) add(i);
  }

private:
  static bool writes_waves(Op op) {
    return op == Op::external || (op >= Op::ffv_1 && op <= Op::ssss_1) || op == Op::custom;
  }
  static bool of_spinors(Op op) { return op == Op::ffv_1 || op == Op::ffv_2 || op == Op::ffv_3; }

  void evaluate(const Step& s, std::vector<State>& states) {
    if (!writes_waves(s.op)) return;
    const Instruction& x = *s.instruction;
    auto& result = plan_.halves[x.out];
    result.resize(s.n, half::none);
    for (std::uint32_t n = 0; n < s.n; ++n) {
      const Half before = (s.flags & flag::accumulate) ? result[n] : half::none;
      const State state = evaluate(s, n, before, result[n]);
      states.push_back(state);
    }
    if (s.op == Op::custom)  // it takes all states one after the other
      for (auto slot : p_.inputs(x)) read_whole_[slot] = 1;
    if (s.op == Op::custom && (s.flags & flag::accumulate)) read_whole_[x.out] = 1;
  }

  // before: what the result has already; after: what it will have
  State evaluate(const Step& s, std::uint32_t n, Half before, Half& after) {
    Half part = part_of(s, n), added = result_of(s.op, part);
    // A propagator takes the sum as a whole.
    if (propagator(s) != PropagatorKind::absent && before && added != before) part = added = half::both;
    if (part == half::both) need_inputs(s, n);
    if (before && added && before != added) read_whole_[s.instruction->out] = 1;
    after = propagated(s, before | added);
    return {part, before != half::none};
  }

  Half input(const Step& s, std::uint32_t n, std::size_t k) const {
    const auto inputs = p_.inputs(*s.instruction);
    return plan_.halves[inputs[k]][plan_.indices[s.index + n * inputs.size() + k]];
  }

  Half part_of(const Step& s, std::uint32_t n) const {
    if (s.op == Op::external) return external(s, n);
    for (std::size_t k = 0; k < p_.inputs(*s.instruction).size(); ++k)
      if (input(s, n, k) == half::none) return half::none;
    if (!of_spinors(s.op)) return half::both;
    const Half a = input(s, n, 0);
    Half part = s.op == Op::ffv_1 ? other_half(a) : a;
    if (s.op == Op::ffv_3) part &= other_half(input(s, n, 1));
    return part & couples(s);
  }
  static Half couples(const Step& s) {  // left 1, right 2
    const std::uint32_t chirality = (s.flags >> flag::chirality_shift) & flag::chirality_mask;
    return chirality > 1 ? static_cast<Half>(chirality - 1) : half::both;
  }
  Half external(const Step& s, std::uint32_t n) const {
    const std::uint32_t kind = (s.flags >> flag::kind_shift) & flag::kind_mask;
    if (kind > 1 || s.instruction->mass != none) return half::both;
    const bool positive = (plan_.indices[s.index + n] == 2) != bool(s.flags & flag::minus);
    return positive == (kind == 0) ? half::lower : half::upper;
  }
  // The halves of D that these parts give.
  static Half result_of(Op op, Half part) {
    if (op == Op::ffv_1 || op == Op::external) return part;
    if (op == Op::ffv_2) return other_half(part);
    return part ? half::both : half::none;
  }
  Half propagated(const Step& s, Half d) const {
    const auto kind = propagator(s);
    if (s.op == Op::custom || (kind != PropagatorKind::fermion_out && kind != PropagatorKind::fermion_in)) return d;
    if (s.instruction->mass != none) return d ? half::both : half::none;
    return other_half(d);
  }

  void need_inputs(const Step& s, std::uint32_t n) {
    const auto inputs = p_.inputs(*s.instruction);
    for (std::size_t k = 0; k < inputs.size(); ++k)
      if (input(s, n, k) != half::both) read_whole_[inputs[k]] = 1;
  }

  void add(std::uint32_t number) {
    const Step& s = plan_.steps[number];
    if (s.op == Op::density) return add_density(number);
    if (s.op == Op::density_vertex) return plan_.loops.push_back({number, false, false, false, first(), 0, 0, 1});
    if (!writes_waves(s.op)) return;
    const bool fill = read_whole_[s.instruction->out], onto = s.flags & flag::accumulate;
    if (s.op == Op::external || s.op == Op::custom) {
      plan_.loops.push_back({number, onto, fill, false, 0, 0, 0, s.n});
      return;
    }
    for (bool accumulate : {false, true}) {
      add(number, accumulate, fill, {half::upper, half::lower});
      add(number, accumulate, fill, {half::both});
    }
    if (fill && !onto) add(number, false, false, {half::none});
  }

  // Vertices whose part is one of `parts`, in turn.
  void add(std::uint32_t number, bool accumulate, bool fill, std::initializer_list<Half> parts) {
    const Step& s = plan_.steps[number];
    const std::size_t n_in = p_.inputs(*s.instruction).size();
    Loop loop{number, accumulate, fill && !accumulate, false, first(), 0, 0, 0};
    for (Half part : parts)
      for (std::uint32_t n = 0; n < s.n; ++n) {
        const State& state = states_[number][n];
        if (state.part != part || state.onto != accumulate) continue;
        ++(part == half::upper ? loop.n_left : part == half::lower ? loop.n_right : loop.n_whole);
        loop.zero = part == half::none;
        plan_.loop_indices.push_back(n);
        const std::uint32_t* index = &plan_.indices[s.index + n * n_in];
        plan_.loop_indices.insert(plan_.loop_indices.end(), index, index + n_in);
      }
    if (loop.n_left + loop.n_right + loop.n_whole > 0) plan_.loops.push_back(loop);
  }

  void add_density(std::uint32_t number) {
    const auto& halves = plan_.halves[plan_.steps[number].instruction->in[0]];
    Loop loop{number, false, false, false, first(), 0, 0, 0};
    for (Half part : {half::upper, half::lower, half::both})
      for (std::uint32_t n = 0; n < halves.size(); ++n) {
        if (halves[n] != part) continue;
        ++(part == half::upper ? loop.n_left : part == half::lower ? loop.n_right : loop.n_whole);
        plan_.loop_indices.push_back(n);
      }
    plan_.loops.push_back(loop);
  }

  std::uint32_t first() const { return static_cast<std::uint32_t>(plan_.loop_indices.size()); }

  Plan& plan_;
  const Program& p_;
  std::vector<char> read_whole_;            // by slot: somebody reads all four components
  std::vector<std::vector<State>> states_;  // by step
};

}  // namespace

void make_loops(Plan& plan) { Looper(plan).make(); }

}  // namespace meb
