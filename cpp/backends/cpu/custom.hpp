// Runs a function of the plug-in for one step.
#pragma once

#include "engine/plan.hpp"
#include "kernels/external.hpp"
#include "plugin/interface.h"

namespace meb::MEB_TARGET {

// Pages that steps read.
template <class R>
struct Pages {
  const Complex<R>* arena;
  const Momentum<R>* momenta;
  const Complex<R>* coefficients;
};

template <class R>
inline void run_custom(const Plan& plan, const Step& s, meb_plugin_function function, const Pages<R>& pages,
                       double mass, double width, Complex<R>* out) {
  const Program& p = *plan.program;
  const Instruction& x = *s.instruction;
  const CustomFunction& f = p.custom_functions[x.flags >> flag::custom_shift];
  const std::size_t n_in = f.in.size();
  const std::uint32_t* operand = &p.operands[x.in[0]];
  const void *wave[max_custom_in], *momentum[max_custom_in], *coupling[max_custom_coefficient];
  for (std::size_t k = 0; k < n_in; ++k) {
    wave[k] = pages.arena + plan.places[s.in[0] + k];
    momentum[k] = pages.momenta + p.slots[operand[k]].momentum;
  }
  for (std::size_t k = 0; k < f.n_coefficient; ++k) coupling[k] = pages.coefficients + operand[n_in + k];
  const meb_plugin_call call{wave, momentum, coupling, mass, width, &plan.indices[s.index], s.n, out,
                             static_cast<std::int32_t>(s.flags & flag::accumulate)};
  function(&call);
}

}  // namespace meb::MEB_TARGET
