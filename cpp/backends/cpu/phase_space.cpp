#include "backends/cpu/phase_space.hpp"

#include <algorithm>

#include "backends/cpu/page.hpp"
#include "backends/cpu/pool.hpp"

namespace meb {
namespace {

class CpuPhaseSpace final : public PhaseSpace {
public:
  CpuPhaseSpace(const PhaseSpaceBatch& particles, const CpuMode& mode) : PhaseSpace(particles), mode_(mode) {}

  std::string backend() const override { return mode_.name; }
  void set_threads(std::size_t n_thread) override { n_thread_ = n_thread; }

private:
  // Shares are whole pages: results do not depend on the number of threads.
  void run(const PhaseSpaceBatch& batch) override {
    const std::size_t lanes = mode_.functions.lanes(Precision::double_), n_page = (batch.n_event + lanes - 1) / lanes;
    const std::size_t n_thread = std::min(n_thread_, n_page);
    pool_.run(n_thread, [&](std::size_t t) {
      const std::size_t first = n_page * t / n_thread * lanes, last = n_page * (t + 1) / n_thread * lanes;
      mode_.functions.generate(batch, first, std::min<std::size_t>(last, batch.n_event));
    });
  }

  const CpuMode& mode_;
  std::size_t n_thread_ = 1;
  ThreadPool pool_;
};

}  // namespace

std::unique_ptr<PhaseSpace> make_cpu_phase_space(std::string_view backend, const PhaseSpaceBatch& particles) {
  return std::make_unique<CpuPhaseSpace>(particles, find_mode(backend, nullptr));
}

}  // namespace meb
