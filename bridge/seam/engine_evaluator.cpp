// Matrix elements from the engine, where a Program lies beside the matrix file.
#include <unistd.h>

#include <cmath>
#include <cstring>

#include "evaluator.hpp"
#include "fortran_call.hpp"
#include "program_engine.hpp"
#include "text/fortran_format.hpp"

namespace meb::seam {
namespace {

// Events of each matrix element that are always compared with the Fortran: a Program of
// another process, or of a directory changed since, must not go unnoticed.
constexpr int n_first_checks = 4;

double allowed_deviation(meb_precision precision) { return precision == MEB_PRECISION_DOUBLE ? 1e-8 : 5e-2; }

// The folder of matrix<i>.f: that of the executable, which may be run from anywhere.
std::string program_folder() {
  char path[4096];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
  if (size <= 0) return "..";
  const std::string executable(path, static_cast<std::size_t>(size));
  return executable.substr(0, executable.rfind('/'));
}

// Why the engine cannot be used in this run; empty if it can.
std::string objection(const Directory& directory) {
  if (directory.integer("ISUM_HEL") != 0) return "helicities are sampled one by one";
  if (directory.integer("MULTI_CHANNEL") == 0) return "the run is not multichannel";
  const auto* polarisation = directory.find<double>("POL");
  if (polarisation != nullptr && (polarisation[0] != 1 || polarisation[1] != 1)) return "beams are polarised";
  if (directory.late && *directory.matching > 0 && directory.graph == nullptr)
    return "colours follow the clustering (ickkw) in a way that is not known";
  return "";
}

class EngineEvaluator final : public Evaluator {
public:
  EngineEvaluator(Directory& directory, const Options& options, const Log& log)
      : directory_(directory),
        options_(options),
        log_(log),
        jamp2_(directory.find<double>("JAMP2")),
        helicity_text_(directory.range("HEL_BUFF")) {
    const std::string folder = program_folder();
    const int n_matrix = directory.integer("N_MATRIX");
    matrices_.resize(static_cast<std::size_t>(n_matrix) + 1);
    for (int i = 1; i <= n_matrix; ++i) load(i, folder);
  }

  bool usable() const {
    for (const auto& matrix : matrices_)
      if (matrix) return true;
    return false;
  }

  void capture(Event& event) override {
    if (const auto* matrix = find(event)) matrix->engine.capture(directory_, event);
  }

  void evaluate(const std::vector<std::unique_ptr<Event>>& events, std::size_t n, Counts& counts) override {
    for (const fortran_int mirror : {1, 2}) {
      for (auto& matrix : matrices_)
        if (matrix) matrix->events.clear();
      for (std::size_t i = 0; i < n; ++i) {
        auto* matrix = find(*events[i]);
        if (matrix != nullptr && turn(*matrix, *events[i]) == mirror) matrix->events.push_back(events[i].get());
      }
      for (auto& matrix : matrices_)
        if (matrix && !matrix->events.empty()) evaluate(*matrix, counts);
    }
  }

  void write(Event& event, const Call& call) override {
    if (!directory_.is_grouped()) choose_helicity(event);
    *call.answer = event.answer;
    const ProgramEngine& engine = matrices_[static_cast<std::size_t>(call.matrix)]->engine;
    if (call.late) {
      *call.helicity = event.helicity;
      *call.color = event.color;
    } else {
      write_jamp2(engine, event);
      write_helicity(engine, event);
    }
  }

  std::string name() const override {
    for (const auto& matrix : matrices_)
      if (matrix) return matrix->engine.backend();
    return "fortran";
  }

  bool on_gpu() const override {
    for (const auto& matrix : matrices_)
      if (matrix && matrix->engine.on_gpu()) return true;
    return false;
  }

private:
  struct Matrix {
    ProgramEngine engine;
    std::vector<Event*> events;
    int unchecked = n_first_checks;
    double check_sum = 0;
  };

  // Mirrored events go second where they have helicities of their own.
  fortran_int turn(const Matrix& matrix, const Event& event) const {
    return event.mirror == 2 && matrix.engine.depends_on_mirror(directory_) ? 2 : 1;
  }

  Matrix* find(const Event& event) {
    const auto i = static_cast<std::size_t>(event.call.matrix);
    return event.call.real != nullptr && i < matrices_.size() ? matrices_[i].get() : nullptr;
  }

  void load(int i, const std::string& folder) {
    auto matrix = std::make_unique<Matrix>();
    const std::string problem = matrix->engine.load(folder, i, directory_, options_, log_);
    if (problem.empty())
      matrices_[static_cast<std::size_t>(i)] = std::move(matrix);
    else
      log_.line("matrix" + std::to_string(i) + ": Fortran: " + problem);
  }

  void evaluate(Matrix& matrix, Counts& counts) {
    const std::string problem = matrix.engine.evaluate(directory_, matrix.events);
    if (!problem.empty()) {
      give_up(matrix, problem);
      return;
    }
    for (Event* event : matrix.events) {
      counts.engine += event->ready;
      counts.not_finite += !event->ready;
      if (wants_check(matrix) && event->ready && !check(*event, counts)) {
        give_up(matrix, "the engine does not agree with the Fortran");
        return;
      }
    }
  }

  bool wants_check(Matrix& matrix) {
    if (matrix.unchecked > 0) {
      --matrix.unchecked;
      return true;
    }
    matrix.check_sum += options_.check;
    if (matrix.check_sum < 1) return false;
    matrix.check_sum -= 1;
    return true;
  }

  bool check(Event& event, Counts& counts) {
    const double answer = event.answer;
    const auto helicity = event.helicity, color = event.color;
    run_fortran(directory_, event);
    // The sign is that of a helicity; an ungrouped SMATRIX has not drawn it yet.
    const double fortran = directory_.is_grouped() ? event.answer : std::copysign(event.answer, answer);
    const bool other_choice = helicity != event.helicity || color != event.color;
    event.answer = answer;
    event.helicity = helicity;
    event.color = color;
    if (directory_.late) counts.other_choice += other_choice;
    const double deviation = std::abs(answer - fortran) / std::abs(fortran);
    ++counts.checked;
    if (fortran == answer) return true;
    if (deviation > counts.largest_deviation) counts.largest_deviation = deviation;
    return deviation <= allowed_deviation(options_.precision);
  }

  // The Fortran computes these events, and all later ones of this matrix element.
  void give_up(Matrix& matrix, const std::string& reason) {
    const auto i = matrix.events.front()->call.matrix;
    log_.line("matrix" + std::to_string(i) + ": Fortran from now on: " + reason);
    for (Event* event : matrix.events) event->ready = false;
    matrices_[static_cast<std::size_t>(i)].reset();
  }

  // As an ungrouped SMATRIX does, which knows the sum when it draws.
  void choose_helicity(Event& event) {
    double sum = 0;
    for (const double term : event.by_helicity) sum += std::abs(term);
    fortran_int seed = 1;  // positive: the next number
    const double target = directory_.xran1(&seed) * sum;
    event.helicity = 0;
    sum = 0;
    for (std::size_t h = 0; h < event.by_helicity.size(); ++h) {
      sum += std::abs(event.by_helicity[h]);
      if (!(target < sum)) continue;
      event.helicity = static_cast<fortran_int>(h) + 1;
      event.answer = std::copysign(event.answer, event.by_helicity[h]);
      return;
    }
  }

  void write_jamp2(const ProgramEngine& engine, const Event& event) {
    jamp2_[0] = static_cast<double>(engine.n_color_flow());
    std::memcpy(jamp2_ + 1, event.jamp2.data(), engine.n_color_flow() * sizeof(double));
  }

  // HEL_BUFF: the helicities as text, five columns each; zeros if none was chosen.
  void write_helicity(const ProgramEngine& engine, const Event& event) {
    const auto range = helicity_text_;
    auto* to = static_cast<char*>(range.address);
    std::memset(to, ' ', range.size);
    for (std::size_t leg = 0; leg < directory_.n_leg && 5 * leg + 5 <= range.size; ++leg)
      text::write_i(to + 5 * leg, event.helicity == 0 ? 0 : engine.helicity(event.helicity, leg), 5);
  }

  Directory& directory_;
  Options options_;
  Log log_;
  double* jamp2_;                                  // up to 3.5: what SELECT_COLOR reads
  Directory::Range helicity_text_;                 // up to 3.5: HEL_BUFF
  std::vector<std::unique_ptr<Matrix>> matrices_;  // by number
};

}  // namespace

std::unique_ptr<Evaluator> new_engine_evaluator(Directory& directory, const Options& options, const Log& log) {
  const std::string reason = objection(directory);
  if (!reason.empty()) {
    log.line("Fortran: " + reason);
    return nullptr;
  }
  auto evaluator = std::make_unique<EngineEvaluator>(directory, options, log);
  if (!evaluator->usable()) return nullptr;
  return evaluator;
}

}  // namespace meb::seam
