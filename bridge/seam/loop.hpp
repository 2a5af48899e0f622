// The batched event loop.
//
// MadEvent's loop asks for a phase-space point (X_TO_F_ARG), calls DSIG for it and keeps
// the result, one point at a time. The seam stands between: when the loop asks for a point
// and none is left, it generates points ahead and runs DSIG for each up to its call of
// SMATRIX, where it is suspended; computes the matrix elements of all; then hands the
// points to the loop one by one, each DSIG going on where it was.
//
// The events stay the same because
// - random numbers are drawn in the original order: those that the second half of an
//   event's DSIG will draw are skipped while points are generated ahead, and if it then
//   draws another number of them, the points that follow are forgotten and made again;
// - what the second half reads and later points overwrite is kept (Directory::event);
// - a batch never holds more points than the iteration can still take, so grids, weights
//   and stopping rules change only between batches.
#ifndef MEB_SEAM_LOOP_HPP
#define MEB_SEAM_LOOP_HPP

#include <memory>
#include <vector>

#include "directory.hpp"
#include "evaluator.hpp"
#include "event.hpp"
#include "log.hpp"
#include "options.hpp"

namespace meb::seam {

// Arguments of X_TO_F_ARG.
struct PointArguments {
  fortran_int *n_dimension, *channel, *first_channel, *last_channel, *n_invariant;
  double *weight, *coordinates, *momenta;
};

class Loop {
 public:
  Loop(Directory &directory, const Options &options);
  ~Loop();

  void point(const PointArguments &arguments);
  fortran_int pass_cuts(double *momenta, fortran_int *vector_size);
  double dsig(double *momenta, double *weight, fortran_int *mode);
  double dsig_of(void *real, double *momenta, double *weight, fortran_int *mode);
  void matrix(const Call &call);
  double density(void *real, fortran_int *hadron, fortran_int *parton, fortran_int *beam,
                 double *x, double *scale);
  float xran1(fortran_int *seed);
  void finish();  // the log's last line

 private:
  enum class Mode { off, waiting, on };

  // A point generated ahead.
  struct Record {
    double weight = 0;        // after X_TO_F_ARG
    double final_weight = 0;  // after DSIG, unless an event
    double value = 0;         // of DSIG, unless an event
    double after = 0;         // where the generator stands when the point is done
    bool passed = false;      // the cuts that the loop itself asks for
    Event *event = nullptr;
    std::vector<std::byte> state;  // Directory::point
  };

  bool started();
  bool prepare();
  bool follows(double weight) const;
  void forget();
  void fill(const PointArguments &arguments);
  void generate(const PointArguments &arguments, Record &record);
  void keep_event(Record &record);
  Event &next_event();
  void capture(const Call &call);
  void hand_over(const PointArguments &arguments);
  void learn(const Call &call);
  bool one_by_one(const Call &call);
  bool loop_cuts();
  void choose_batch();
  std::size_t most_events() const;
  std::size_t most_points() const;
  static void run_dsig(void *self);

  Directory &directory_;
  Options options_;
  bool own_batch_;  // MEBRIDGE_BATCH is set
  Log log_;
  Counts counts_;
  Mode mode_ = Mode::off;
  Coroutine coroutine_;
  std::unique_ptr<Evaluator> evaluator_;

  std::vector<Record> records_;  // the first n_record_ are in use
  std::vector<std::unique_ptr<Event>> events_;
  std::size_t n_record_ = 0, n_event_ = 0;
  std::size_t cursor_ = 0;      // records handed over
  bool consumed_ = true;        // the last event handed over has run to its end
  Event *resumed_ = nullptr;
  bool filling_ = false;
  double first_weight_ = 0;     // weight every point of the batch starts from
  fortran_int iteration_ = 0;
  double expected_ = 0;         // where the generator should stand
  Random::State random_end_;    // after the last point generated ahead

  // Numbers drawn inside SMATRIX and after it, where it is not zero.
  int drawn_inside_ = 0, drawn_after_ = 0;
  Random::State learn_start_;
  bool learning_ = false;
  std::vector<unsigned> calls_;  // of each matrix and mirror, up to the helicity filter

  // Scratch of fill().
  std::vector<double> coordinates_, momenta_;
  double weight_ = 0, value_ = 0;
  fortran_int dsig_mode_ = 0;
};

}  // namespace meb::seam
#endif
