// Computes the matrix elements of a batch.
#ifndef MEB_SEAM_EVALUATOR_HPP
#define MEB_SEAM_EVALUATOR_HPP

#include <memory>
#include <string>
#include <vector>

#include "directory.hpp"
#include "event.hpp"
#include "log.hpp"
#include "options.hpp"

namespace meb::seam {

class Evaluator {
 public:
  virtual ~Evaluator() = default;

  // Called while the event is being suspended: takes what later points overwrite.
  virtual void capture(Event &event) = 0;

  // Sets answer, helicity, color and the outputs of those of events[0..n) it can do, and
  // their `ready`. May change the Fortran's memory.
  virtual void evaluate(const std::vector<std::unique_ptr<Event>> &events, std::size_t n,
                        Counts &counts) = 0;

  // Writes the result of an event where SMATRIX would have.
  virtual void write(Event &event, const Call &call) = 0;

  virtual std::string name() const = 0;

  // Whether a GPU computes, which wants larger batches.
  virtual bool on_gpu() const { return false; }
};

// The original SMATRIX for every event: the proof that the seam changes nothing.
std::unique_ptr<Evaluator> new_fortran_evaluator(Directory &directory);

// The engine, where a Program is found and fits; nullptr if it can do nothing here.
std::unique_ptr<Evaluator> new_engine_evaluator(Directory &directory,
                                                const Options &options, const Log &log);

}  // namespace meb::seam
#endif
