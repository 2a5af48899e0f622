#include "engine/operations.hpp"

namespace meb {
namespace {

// A complex product is 6 operations, a complex sum 2.
constexpr double dot4 = 4 * 6 + 3 * 2, momentum_dot = 4 * 2 + 3 * 2;

PropagatorKind propagator(const Step& s) {
  return static_cast<PropagatorKind>((s.flags >> flag::propagator_shift) & flag::propagator_mask);
}
bool is_ffv(Op op) { return op == Op::ffv_1 || op == Op::ffv_2 || op == Op::ffv_3; }

// Its denominator is in the couplings.
double of_numerator(const Step& s, bool half) {
  switch (propagator(s)) {
    case PropagatorKind::vector_massive: return momentum_dot + 2 + 4 * 4;
    case PropagatorKind::fermion_out:
    case PropagatorKind::fermion_in:
      if (!half) return 4 * (2 + 2 + 6 + 4);
      return 2 * (2 + 6 + 2) + (s.instruction->mass != none ? 4 : 0);
    default: return 0;
  }
}

// One state of the result; half: of one part of the coupling.
double of_state(const Step& s, bool half) {
  const double rest = of_numerator(s, half) + ((s.flags & flag::accumulate) ? 2.0 * s.n_component : 0);
  switch (s.op) {
    case Op::ffv_1:
    case Op::ffv_2: return rest + (half ? 28 : 56);
    case Op::ffv_3: return rest + (half ? 32 : 72);
    case Op::ffs_1: return rest + 2 * 6 + 4 * 6;
    case Op::ffs_3: return rest + 6 * 6 + 3 * 2;
    case Op::vvv_1: return rest + dot4 + 6 + 4 * (2 * 6 + 2 + 4);
    case Op::vvvv_1: return rest + 4 * (3 * 6 + 4);
    case Op::vvs_1: return rest + 5 * 6;
    case Op::vvs_3: return rest + dot4 + 6;
    case Op::vvss_1: return rest + 6 * 6;
    case Op::vvss_3: return rest + dot4 + 2 * 6;
    case Op::vss_1: return rest + 2 * 6 + 4 * 2;
    case Op::vss_2: return rest + momentum_dot + 2 * 6;
    case Op::sss_1: return rest + 2 * 6;
    case Op::ssss_1: return rest + 3 * 6;
    case Op::density: return half ? 16 : 64;
    case Op::custom: return rest;
    default: return 0;
  }
}

// What kernels/density.hpp multiplies and adds.
double of_density(const Step& s) {
  const auto kind = propagator(s);
  const bool fermion = kind == PropagatorKind::fermion_out || kind == PropagatorKind::fermion_in;
  const double rest = 16 + (fermion ? 8 * 4 * (2 + 2 + 6 + 4) : 0);
  if (static_cast<Op>(s.flags >> flag::vertex_shift) == Op::vvv_1) return rest + 8 * 14 + 64 + 16 * 16 + 10 * 34;
  const bool vector = ((s.flags >> flag::chirality_shift) & flag::chirality_mask) == 0;
  return rest + 10 * (4 * 6 + 3 * 2) + 64 + (vector ? 0 : 10 * 20);
}

// What is done once for each state of an input, or of a pair of them.
double of_inputs(const Plan& plan, const Step& s) {
  const auto n = [&](int k) { return static_cast<double>(plan.halves[s.instruction->in[k]].size()); };
  switch (s.op) {
    case Op::ffv_1:
    case Op::ffv_2: return n(1) * (8 + 4 * 6);
    case Op::ffv_3: return n(0) * 4 * 6;
    case Op::vvv_1: return (n(0) + n(1)) * (momentum_dot + 6);
    case Op::vvvv_1: return (n(0) * n(1) + n(0) * n(2) + n(1) * n(2)) * (dot4 + 6);
    default: return 0;
  }
}

double of_loop(const Plan& plan, const Loop& loop) {
  const Step& s = plan.steps[loop.step];
  if (loop.zero) return 0;
  const double n_half = static_cast<double>(loop.n_left) + loop.n_right;
  return of_inputs(plan, s) + n_half * of_state(s, is_ffv(s.op) || s.op == Op::density) +
         loop.n_whole * of_state(s, false);
}

double of_product(const Plan& plan, const Step& s) {
  const auto *w = plan.halves[s.instruction->in[0]].data(), *d = plan.halves[s.instruction->in[1]].data();
  const std::uint32_t* at = &plan.indices[s.index];
  double total = 0;
  for (std::uint32_t g = 0; g < s.n; ++g) {
    const std::uint32_t state = at[0], n = at[1];
    at += 2;
    for (std::uint32_t i = 0; i < n; ++i, at += 2) {
      const std::uint8_t common = w[at[0]] & d[state];
      if (common == half::none) continue;
      total += common == half::both ? 8 * s.n_component - 2 : 8 * 2 - 2;
    }
  }
  return total;
}

double of_step(const Plan& plan, const Step& s) {
  const auto n = static_cast<double>(plan.n_active());
  switch (s.op) {
    case Op::dot: return of_product(plan, s);
    case Op::dot_jamp: return of_product(plan, s) + n * 4;
    case Op::jamp:
    case Op::square: return n * 4;
    case Op::density_vertex: return of_density(s);
    case Op::trace: return 32;
    default: return 0;
  }
}

}  // namespace

double count_operations(const Plan& plan, unsigned wanted, const ColorForm& color) {
  double total = 0;
  for (const Step& s : plan.steps)
    if (s.need & wanted) total += of_step(plan, s);
  for (const Loop& loop : plan.loops)
    if (plan.steps[loop.step].need & wanted) total += of_loop(plan, loop);
  double each = 4.0 * static_cast<double>(color.butterflies.size()) + 4.0 * plan.program->n_row();
  for (double n : color.blocks) each += 2 * n * (n + 1) + 4 * n;
  return total + each * static_cast<double>(plan.n_active());
}

}  // namespace meb
