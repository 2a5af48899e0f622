#include "loop.hpp"

#include <alloca.h>
#include <sys/resource.h>

#include <cstring>
#include <ctime>

namespace meb::seam {
namespace {

// Points that are let through before batching starts: helicity filters, the choice among
// subprocesses and MadEvent's test for a vanishing cross-section work on the first ones.
constexpr std::uint64_t warm_up = 200;
// Calls of one SMATRIX and mirror in which its helicity filter may still change.
constexpr unsigned filter_calls = 30;
constexpr std::size_t default_batch = 64;
// A GPU has as many multiprocessors as a CPU has SIMD lanes.
constexpr std::size_t default_gpu_batch = 2048;
constexpr std::size_t most_queued = 1 << 16;

// As large as the stack MadEvent runs on, which it is compiled for.
std::size_t stack_size() {
  constexpr std::size_t smallest = 8u << 20, largest = 1u << 30;
  rlimit limit{};
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return 64u << 20;
  const std::size_t size = limit.rlim_cur & ~std::size_t{4095};
  return size < smallest ? smallest : size > largest ? largest : size;
}

// User and system time of this process, all threads.
double seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// The config whose colour flows are allowed; 0: the event gets no flow. With MLM matching it is
// the diagram that the clustering, done before the matrix element, has found.
fortran_int color_config(const Directory &directory) {
  if (!directory.late || *directory.matching <= 0 || directory.graph == nullptr)
    return *directory.config;
  return *directory.graph != 0 ? *directory.graph : *directory.kept_graph;
}

}  // namespace

Loop::Loop(Directory &directory, const Options &options)
    : directory_(directory), options_(options), own_batch_(options.batch != 0), log_(options.log) {
  if (!options.warning.empty()) log_.line(options.warning);
  if (!options.enabled) return;
  // With the Fortran as backend there is nothing to gain: it is batched only on request.
  if (options.fortran() && options.batch == 0) return;
  choose_batch();
  coordinates_.resize(directory.n_coordinate);
  momenta_.resize(directory.n_momentum);
  drawn_inside_ = drawn_after_ = directory.late ? 0 : 1;
  mode_ = Mode::waiting;
}

Loop::~Loop() = default;

void Loop::finish() {
  if (evaluator_ && counts_.points != 0) {
    const std::string how = options_.fortran() ? "" : " (" + options_.text() + ")";
    log_.line(summary(counts_, evaluator_->name() + how));
  }
}

bool Loop::started() {
  if (mode_ != Mode::waiting) return mode_ == Mode::on;
  if (counts_.direct < warm_up || *directory_.non_zero == 0) return false;
  using Ready = fortran_int (*)();
  const auto ready = reinterpret_cast<Ready>(directory_.find<void>("READY"))();
  if (ready < 0) {
    log_.line("not batched: this run uses something that only MadEvent's own loop does");
    mode_ = Mode::off;
    return false;
  }
  if (ready <= 0) return false;
  if (mode_ == Mode::waiting) mode_ = prepare() ? Mode::on : Mode::off;
  return mode_ == Mode::on;
}

// Only now: parameters are final and the run's switches are known.
bool Loop::prepare() {
  evaluator_ = options_.fortran() ? new_fortran_evaluator(directory_)
                                  : new_engine_evaluator(directory_, options_, log_);
  if (!evaluator_) return false;
  if (coroutine_.reserve(stack_size())) return true;
  log_.line("no memory for a stack: Fortran");
  return false;
}

void Loop::point(const PointArguments &arguments) {
  if (!started()) {
    directory_.point_function(arguments.n_dimension, arguments.channel,
                              arguments.first_channel, arguments.last_channel,
                              arguments.n_invariant, arguments.weight,
                              arguments.coordinates, arguments.momenta);
    return;
  }
  if (cursor_ < n_record_ && !follows(*arguments.weight)) forget();
  if (cursor_ == n_record_) fill(arguments);
  hand_over(arguments);
}

// True if the next point was generated from the state the program is in now.
bool Loop::follows(double weight) const {
  return consumed_ && weight == first_weight_ &&
         *directory_.iteration == iteration_ &&
         directory_.random.position() == expected_;
}

// Drops the points generated ahead; the generator is put where the last point handed over
// leaves it.
void Loop::forget() {
  counts_.repeated += n_record_ - cursor_;
  if (cursor_ != 0 && records_[cursor_ - 1].event == nullptr &&
      !directory_.random.advance(records_[cursor_ - 1].after))
    log_.line("the place in the random sequence was lost: events differ from now on");
  cursor_ = n_record_ = 0;
}

// Unless the user has chosen. A GPU may come and go.
void Loop::choose_batch() {
  if (own_batch_) return;
  const bool on_gpu = evaluator_ ? evaluator_->on_gpu() : options_.backend == "cuda";
  options_.batch = on_gpu ? default_gpu_batch : default_batch;
}

std::size_t Loop::most_events() const {
  const auto missing = *directory_.events - *directory_.non_zero;
  const auto room = missing < 1 ? std::size_t{1} : static_cast<std::size_t>(missing);
  return room < options_.batch ? room : options_.batch;
}

// An iteration also ends after 200 points for each event asked for.
std::size_t Loop::most_points() const {
  const auto room = 200LL * *directory_.events + 1 - *directory_.points;
  if (room < 1) return 1;
  return static_cast<std::size_t>(room) < most_queued ? static_cast<std::size_t>(room)
                                                      : most_queued;
}

void Loop::fill(const PointArguments &arguments) {
  const Random &random = directory_.random;
  if (n_record_ != 0 && records_[n_record_ - 1].event == nullptr && follows(first_weight_))
    random.restore(random_end_);  // points without an event were the last
  Random::State random_start;
  random.save(random_start);
  first_weight_ = *arguments.weight;
  iteration_ = *directory_.iteration;
  expected_ = random.position();
  cursor_ = n_record_ = n_event_ = 0;
  consumed_ = true;

  choose_batch();
  const std::size_t most_event = most_events(), most_point = most_points();
  filling_ = true;
  while (n_event_ < most_event && n_record_ < most_point) {
    if (n_record_ == records_.size()) records_.emplace_back();
    generate(arguments, records_[n_record_]);
    ++n_record_;
  }
  filling_ = false;
  random.save(random_end_);
  if (n_event_ != 0) {
    ++counts_.batches;
    const double start = seconds();
    evaluator_->evaluate(events_, n_event_, counts_);
    counts_.seconds += seconds() - start;
  }
  random.restore(random_start);
}

void Loop::generate(const PointArguments &arguments, Record &record) {
  weight_ = first_weight_;
  directory_.point_function(arguments.n_dimension, arguments.channel,
                            arguments.first_channel, arguments.last_channel,
                            arguments.n_invariant, &weight_, coordinates_.data(),
                            momenta_.data());
  record.weight = weight_;
  record.event = nullptr;
  record.value = 0;
  record.passed = loop_cuts();
  if (record.passed) {
    if (coroutine_.start(&Loop::run_dsig, this)) keep_event(record);
    record.value = value_;
  }
  record.final_weight = weight_;
  record.after = directory_.random.position();
  record.state.resize(directory_.point.size());
  directory_.point.save(record.state.data());
}

// What the loop itself tests between X_TO_F_ARG and DSIG: PASS_POINT up to 3.5, PASSCUTS
// from 3.6 on.
bool Loop::loop_cuts() {
  if (!directory_.late) return directory_.pass_point(momenta_.data()) != 0;
  *directory_.cuts_done = 0;
  *directory_.cuts_passed = 0;
  fortran_int one = 1;
  return directory_.pass_cuts(momenta_.data(), &one) != 0;
}

// Runs on the coroutine's stack: arguments that DSIG's second half reads must lie there.
void Loop::run_dsig(void *self) {
  auto &loop = *static_cast<Loop *>(self);
  const std::size_t size = loop.momenta_.size() * sizeof(double);
  auto *momenta = static_cast<double *>(alloca(size));
  std::memcpy(momenta, loop.momenta_.data(), size);
  double weight = loop.weight_;
  fortran_int mode = 0;
  const double value = loop.directory_.dsig(momenta, &weight, &mode);
  loop.value_ = value;
  loop.weight_ = weight;
}

void Loop::keep_event(Record &record) {
  Event &event = *events_[n_event_++];
  record.event = &event;
  coroutine_.keep(event.frame);
  event.state.resize(directory_.event.size());
  directory_.event.save(event.state.data());
  directory_.random.save(event.random);
  event.coordinates = coordinates_;
  event.momenta_argument = momenta_;
  // The numbers that SMATRIX and what follows it will draw.
  for (int i = 0; i < drawn_inside_ + drawn_after_; ++i) {
    const double number = directory_.random.draw();
    if (i == 0 && drawn_inside_ != 0) event.random_helicity = number;
  }
}

// The one that the point being generated will be, if it reaches the matrix element.
Event &Loop::next_event() {
  if (n_event_ == events_.size()) events_.push_back(std::make_unique<Event>());
  return *events_[n_event_];
}

void Loop::capture(const Call &call) {
  Event &event = next_event();
  event.call = call;
  event.momenta.assign(call.momenta, call.momenta + 4 * directory_.n_leg);
  event.config = color_config(directory_);
  event.mirror = *directory_.mirror == 2 ? 2 : 1;
  event.ready = false;
  event.answer = 0;
  if (call.late) {
    event.random_helicity = *call.random_helicity;
    event.random_color = *call.random_color;
    event.channel = *call.channel;
  } else {
    event.channel = directory_.is_grouped() ? directory_.channels[call.matrix - 1]
                                            : directory_.config_diagrams[*directory_.config];
  }
  if (one_by_one(call))
    event.call.real = nullptr;
  else
    evaluator_->capture(event);
}

// True while the helicity filter of this SMATRIX and mirror may change.
bool Loop::one_by_one(const Call &call) {
  const auto mirror = *directory_.mirror == 2 ? 1u : 0u;
  const std::size_t index = 2 * static_cast<std::size_t>(call.matrix) + mirror;
  if (calls_.size() <= index) calls_.resize(index + 1);
  if (calls_[index] >= filter_calls) return false;
  ++calls_[index];
  return true;
}

void Loop::hand_over(const PointArguments &arguments) {
  Record &record = records_[cursor_++];
  ++counts_.points;
  directory_.point.restore(record.state.data());
  *arguments.weight = record.weight;
  if (record.event == nullptr) return;
  consumed_ = false;
  const Event &event = *record.event;
  std::memcpy(arguments.coordinates, event.coordinates.data(),
              event.coordinates.size() * sizeof(double));
  std::memcpy(arguments.momenta, event.momenta_argument.data(),
              event.momenta_argument.size() * sizeof(double));
}

fortran_int Loop::pass_cuts(double *momenta, fortran_int *vector_size) {
  if (mode_ != Mode::on || filling_ || coroutine_.running() || cursor_ == 0)
    return directory_.pass_cuts(momenta, vector_size);
  // The loop has reset its own note of the cuts meanwhile.
  const Record &record = records_[cursor_ - 1];
  directory_.point.restore(record.state.data());
  return record.passed ? 1 : 0;
}

double Loop::dsig(double *momenta, double *weight, fortran_int *mode) {
  if (mode_ != Mode::on || *mode != 0 || cursor_ == 0) {
    dsig_mode_ = *mode;
    const double value = directory_.dsig(momenta, weight, mode);
    if (learning_) {
      drawn_after_ = directory_.random.drawn_since(learn_start_);
      learning_ = false;
    }
    return value;
  }
  const Record &record = records_[cursor_ - 1];
  if (record.event == nullptr) {
    *weight = record.final_weight;
    return record.value;
  }
  Event &event = *record.event;
  directory_.event.restore(event.state.data());
  directory_.random.restore(event.random);
  ++counts_.events;
  resumed_ = &event;
  coroutine_.resume(event.frame);
  consumed_ = true;
  expected_ = record.after;
  *weight = weight_;
  return value_;
}

// The caller of DSIG<i> hands it momenta from static memory, which later points overwrite.
double Loop::dsig_of(void *real, double *momenta, double *weight, fortran_int *mode) {
  if (!filling_ || !coroutine_.running() || *mode != 0)
    return reinterpret_cast<Directory::Dsig>(real)(momenta, weight, mode);
  const std::size_t size = 4 * directory_.n_leg * sizeof(double);
  auto *copy = static_cast<double *>(alloca(size));
  std::memcpy(copy, momenta, size);
  return reinterpret_cast<Directory::Dsig>(real)(copy, weight, mode);
}

void Loop::matrix(const Call &call) {
  if (!coroutine_.running() || !filling_) {
    learn(call);
    return;
  }
  capture(call);
  coroutine_.suspend();
  // Here the event goes on, in its turn.
  Event &event = *resumed_;
  if (!event.ready) {
    ++counts_.single;
    call.run();
    return;
  }
  evaluator_->write(event, call);
  if (event.answer != 0)
    for (int i = 0; i < drawn_inside_; ++i) directory_.random.draw();
}

double Loop::density(void *real, fortran_int *hadron, fortran_int *parton,
                     fortran_int *beam, double *x, double *scale) {
  using Density = double (*)(fortran_int *, fortran_int *, fortran_int *, double *, double *);
  const auto compute = reinterpret_cast<Density>(real);
  if (!coroutine_.running()) return compute(hadron, parton, beam, x, scale);
  // PDG2PDF's own rules: 21 and 0 are the gluon; a negative beam only keeps it from
  // exchanging particles and antiparticles, which it does for negative hadrons.
  const Densities::Key key{*x, *scale, *hadron, *parton == 21 ? 0 : *parton,
                           *hadron > 0 && *beam < 0 ? -*beam : *beam};
  if (!filling_)
    if (const double *value = resumed_->densities.find(key)) return *value;
  const double value = compute(hadron, parton, beam, x, scale);
  if (filling_) next_event().densities.keep(key, value);
  return value;
}

float Loop::xran1(fortran_int *seed) {
  return directory_.xran1_stands ? 0.5f : directory_.xran1(seed);
}

// Outside of batches: notes how many random numbers are drawn from here to DSIG's end.
void Loop::learn(const Call &call) {
  ++counts_.direct;
  if (mode_ != Mode::waiting || dsig_mode_ != 0) {
    call.run();
    return;
  }
  const Random &random = directory_.random;
  one_by_one(call);
  Random::State start;
  random.save(start);
  call.run();
  learning_ = *call.answer != 0;
  if (!learning_) return;
  drawn_inside_ = random.drawn_since(start);
  random.save(learn_start_);
}

}  // namespace meb::seam
