// Phase-space points page by page. Compiled once for each mode (MEB_TARGET, MEB_WIDTH).
#include "kernels/rambo.hpp"

namespace meb::MEB_TARGET {

void generate(const PhaseSpaceBatch& batch, std::size_t first, std::size_t end) {
  using B = Bundle<double>;
  for (; first < end; first += B::lanes) {
    const std::size_t left = end - first;
    const int count = left < B::lanes ? static_cast<int>(left) : B::lanes;
    generate<B, max_outgoing>(batch, first, count, static_cast<int>(batch.n_outgoing));
  }
}

}  // namespace meb::MEB_TARGET
