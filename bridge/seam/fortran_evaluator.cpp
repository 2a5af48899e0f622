#include "evaluator.hpp"
#include "fortran_call.hpp"

namespace meb::seam {
namespace {

class FortranEvaluator final : public Evaluator {
 public:
  explicit FortranEvaluator(Directory &directory) : directory_(directory) {}

  void capture(Event &) override {}

  void evaluate(const std::vector<std::unique_ptr<Event>> &events, std::size_t n,
                Counts &counts) override {
    // An ungrouped SMATRIX draws from XRAN1 when it is the event's turn.
    if (!directory_.is_grouped()) return;
    for (std::size_t i = 0; i < n; ++i) {
      if (events[i]->call.real == nullptr) continue;
      run_fortran(directory_, *events[i]);
      events[i]->ready = true;
      ++counts.fortran;
    }
  }

  void write(Event &event, const Call &call) override {
    directory_.output.restore(event.output.data());
    *call.answer = event.answer;
    if (!call.late) return;
    *call.helicity = event.helicity;
    *call.color = event.color;
  }

  std::string name() const override { return "fortran"; }

 private:
  Directory &directory_;
};

}  // namespace

std::unique_ptr<Evaluator> new_fortran_evaluator(Directory &directory) {
  return std::make_unique<FortranEvaluator>(directory);
}

}  // namespace meb::seam
