// Runs a function of the plug-in for one step.
#pragma once

#include "backends/cpu/task.hpp"
#include "plugin/interface.h"

namespace meb::MEB_TARGET {

template <class B>
void custom(const Task<B>& t) {
  const Program& p = *t.plan->program;
  const Instruction& x = *t.step->instruction;
  const std::uint32_t number = x.flags >> flag::custom_shift;
  const CustomFunction& f = p.custom_functions[number];
  const std::size_t n_in = f.in.size();
  const std::uint32_t* operand = &p.operands[x.in[0]];
  const void *wave[max_custom_in], *momentum[max_custom_in], *coupling[max_custom_coefficient];
  for (std::size_t k = 0; k < n_in; ++k) {
    wave[k] = t.arrays->arena + t.plan->places[t.step->in[0] + k];
    momentum[k] = t.arrays->momenta + p.slots[operand[k]].momentum;
  }
  for (std::size_t k = 0; k < f.n_coefficient; ++k)
    coupling[k] = t.arrays->factors + t.plan->custom_factors[t.step->coefficient[0] + k];
  const meb_plugin_call call{
      wave,    momentum, coupling, static_cast<double>(t.parameter(x.mass)), static_cast<double>(t.parameter(x.width)),
      t.index, t.n,      t.out,    static_cast<std::int32_t>(t.accumulate)};
  t.arrays->custom[number](&call);
  const auto kind = static_cast<PropagatorKind>((x.flags >> flag::propagator_shift) & flag::propagator_mask);
  if (kind == PropagatorKind::absent || kind == PropagatorKind::scalar) return;
  const Numerator<B>& propagator = *t.propagator;
  auto* d = t.out;
  for (std::uint32_t n = 0; n < t.n; ++n, d += t.step->n_component) {
    switch (kind) {
      case PropagatorKind::vector_massless: propagator.massless_vector(d); break;
      case PropagatorKind::vector_massive: propagator.massive_vector(d); break;
      case PropagatorKind::fermion_out: propagator.fermion_out(d); break;
      default: propagator.fermion_in(d); break;
    }
  }
}

}  // namespace meb::MEB_TARGET
