#include "engine/operations.hpp"

namespace meb {
namespace {

// A complex product is 6 operations, a complex sum 2.
constexpr double dot4 = 4 * 6 + 3 * 2, momentum_dot = 4 * 2 + 3 * 2;

double of_propagator(PropagatorKind kind) {
  switch (kind) {
    case PropagatorKind::absent: return 0;
    case PropagatorKind::vector_massless: return 4 * 6;
    case PropagatorKind::vector_massive: return momentum_dot + 2 + 4 * (6 + 4);
    case PropagatorKind::scalar: return 6;
    default: return 4 * (6 + 2 + 2 + 6 + 4);
  }
}

// One state, without what is done once for all of them.
double of_vertex(const Step& s) {
  const auto kind = static_cast<PropagatorKind>((s.flags >> flag::propagator_shift) & flag::propagator_mask);
  const auto chirality = (s.flags >> flag::chirality_shift) & flag::chirality_mask;
  const bool accumulate = s.flags & flag::accumulate, half = chirality > 1;
  // where a propagator follows at once, the coupling is in it
  const bool coupling = kind == PropagatorKind::absent || accumulate;
  const double rest = of_propagator(kind) + (accumulate ? 2.0 * s.n_component : 0);
  switch (s.op) {
    case Op::external: return 0;
    case Op::ffv_1: case Op::ffv_2:
      return rest + 8 + (half ? 28 : 56) + (coupling || chirality == 1 ? (half ? 12 : 24) : 0);
    case Op::ffv_3: return rest + (half ? 32 : 72) + (coupling || chirality == 1 ? 24 : 0) + (chirality == 1 ? 24 : 0);
    case Op::ffs_1: return rest + 2 * 6 + 4 * 6;
    case Op::ffs_3: return rest + 6 * 6 + 3 * 2;
    case Op::vvv_1: return rest + dot4 + 2 * momentum_dot + 4 * (2 * 6 + 2 + 4) + (coupling ? 18 : 0);
    case Op::vvvv_1: return rest + 3 * (dot4 + 6) + 4 * (3 * 6 + 4);
    case Op::vvs_1: return rest + 4 * 6 + (coupling ? 6 : 0);
    case Op::vvs_3: return rest + dot4 + (coupling ? 6 : 0);
    case Op::vvss_1: return rest + 5 * 6 + (coupling ? 6 : 0);
    case Op::vvss_3: return rest + dot4 + 6 + (coupling ? 6 : 0);
    case Op::vss_1: return rest + 2 * 6 + 4 * 2;
    case Op::vss_2: return rest + momentum_dot + 2 * 6;
    case Op::sss_1: return rest + 6 + (coupling ? 6 : 0);
    case Op::ssss_1: return rest + 2 * 6 + (coupling ? 6 : 0);
    case Op::custom: return of_propagator(kind);
    default: return 0;
  }
}

// What kernels/density.hpp multiplies and adds.
double of_density(const Step& s) {
  const auto kind = static_cast<PropagatorKind>((s.flags >> flag::propagator_shift) & flag::propagator_mask);
  const bool fermion = kind == PropagatorKind::fermion_out || kind == PropagatorKind::fermion_in;
  const double rest = 16 + (fermion ? 8 * 4 * (2 + 2 + 6 + 4) : 0);
  if (static_cast<Op>(s.flags >> flag::vertex_shift) == Op::vvv_1) return rest + 8 * 14 + 64 + 16 * 16 + 10 * 34;
  const bool vector = ((s.flags >> flag::chirality_shift) & flag::chirality_mask) == 0;
  return rest + 10 * (4 * 6 + 3 * 2) + 64 + (vector ? 0 : 10 * 20);
}

double of_step(const Plan& plan, const Step& s) {
  const auto n = static_cast<double>(plan.n_active());
  switch (s.op) {
    case Op::dot: case Op::dot_jamp: return n * (8 * s.n_component - 2 + (s.op == Op::dot_jamp ? 4 : 0));
    case Op::jamp: return n * 4;
    case Op::square: return n * 4;
    case Op::density: return s.n * 64.0;
    case Op::density_vertex: return of_density(s);
    case Op::trace: return 32;
    default: return s.n * of_vertex(s);
  }
}

}  // namespace

double count_operations(const Plan& plan, unsigned wanted, const ColorForm& color) {
  double total = 0;
  for (const Step& s : plan.steps)
    if (s.need & wanted) total += of_step(plan, s);
  double each = 4.0 * static_cast<double>(color.butterflies.size()) + 4.0 * plan.program->n_row();
  for (double n : color.blocks) each += 2 * n * (n + 1) + 4 * n;
  return total + each * static_cast<double>(plan.n_active());
}

}  // namespace meb
