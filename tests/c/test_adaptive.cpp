// The choice between CPU and GPU, with engines that say how long they take. Oracle: those numbers.
#include "check.h"
#include "engine/adaptive_engine.hpp"
#include "engine/program.hpp"

namespace {

using meb::Batch;
using meb::Engine;
using meb::Error;
using meb::Status;

struct World {
  double now = 0;
  int n_gpu_made = 0, n_gpu_alive = 0;
  std::uint64_t on_cpu = 0, on_gpu = 0;  // events
  double gpu_start = 3;
  double cpu_event = 1e-3, gpu_batch = 1e-3, gpu_event = 1e-5;
  int fails_at = -1;  // batch of the GPU
  bool has_gpu = true;
};

class Fake final : public Engine {
public:
  Fake(World& world, bool gpu) : world_(world), gpu_(gpu) { world_.n_gpu_alive += gpu; }
  ~Fake() override { world_.n_gpu_alive -= gpu_; }
  const meb::Program& program() const override { return program_; }
  std::string backend() const override { return gpu_ ? "cuda" : "avx2"; }
  void set_threads(std::size_t) override {}
  void set_parameters(std::span<const double> values, std::span<const double>) override { value_ = values[0]; }
  void set_helicity_weights(std::span<const double> weight) override { weight_ = weight[0]; }
  std::uint64_t n_event() const override { return n_; }
  std::uint64_t n_non_finite() const override { return n_; }

  // Each result is the parameter times the weight times the number of the event.
  void evaluate(const Batch& batch) override {
    const auto n = static_cast<double>(batch.n_event);
    if (gpu_ && n_batch_++ == 0) world_.now += world_.gpu_start;
    if (gpu_ && n_batch_ - 1 == world_.fails_at) throw Error(Status::device, "GPU: computing: lost");
    world_.now += gpu_ ? world_.gpu_batch + n * world_.gpu_event : n * world_.cpu_event;
    (gpu_ ? world_.on_gpu : world_.on_cpu) += batch.n_event;
    n_ += batch.n_event;
    for (std::size_t i = 0; i < batch.n_event; ++i) batch.matrix_element[i] = value_ * weight_ * batch.momenta[i];
  }

private:
  World& world_;
  bool gpu_;
  meb::Program program_;
  double value_ = 0, weight_ = 1;
  int n_batch_ = 0;
  std::uint64_t n_ = 0;
};

std::unique_ptr<Engine> make(World& world) {
  auto engine = meb::make_adaptive_engine(std::make_unique<Fake>(world, false),
                                          {[&world]() -> std::unique_ptr<Engine> {
                                             ++world.n_gpu_made;
                                             if (!world.has_gpu) throw Error(Status::unsupported, "there is no GPU");
                                             return std::make_unique<Fake>(world, true);
                                           },
                                           [&world] { return world.now; }, 4.0});
  const double two = 2, none = 0;
  engine->set_parameters({&two, 1}, {&none, 0});
  return engine;
}

// Batches of n events until they are as many as `total`; every result is looked at.
void run(Engine& engine, std::size_t n, std::size_t total, double factor = 2) {
  std::vector<double> momenta(n), results(n);
  for (std::size_t i = 0; i < n; ++i) momenta[i] = static_cast<double>(i);
  for (std::size_t done = 0; done < total; done += n) {
    Batch batch;
    batch.n_event = n, batch.momenta = momenta.data(), batch.matrix_element = results.data();
    std::fill(results.begin(), results.end(), -1.0);
    engine.evaluate(batch);
    for (std::size_t i = 0; i < n; ++i) CHECK(results[i] == factor * static_cast<double>(i));
  }
}

void a_short_job_starts_no_gpu() {
  World world;
  const auto engine = make(world);
  run(*engine, 100, 3900);
  CHECK(world.n_gpu_made == 0 && engine->backend() == "avx2" && world.on_cpu == 3900);
}

void a_long_job_uses_the_gpu() {
  World world;
  const auto engine = make(world);
  run(*engine, 100, 100000);
  CHECK(world.n_gpu_made == 1 && engine->backend() == "cuda");
  CHECK(world.on_cpu + world.on_gpu == 100000 && world.on_cpu <= 4200);
  CHECK(engine->n_event() == 100000 && engine->n_non_finite() == 100000);
  const std::uint64_t before = world.on_cpu;
  run(*engine, 1, 10);  // 1e-3 s on either: the GPU is not faster
  CHECK(world.on_cpu == before + 10);
  run(*engine, 100, 100);
  CHECK(world.on_cpu == before + 10);
}

void a_slow_gpu_is_left() {
  World world;
  world.gpu_batch = 10;
  const auto engine = make(world);
  run(*engine, 100, 10000);
  CHECK(engine->backend() == "avx2" && world.n_gpu_alive == 0 && world.n_gpu_made == 1);
  CHECK(world.on_gpu == 400);  // one that compiles, three that are timed
  CHECK(engine->description() == "avx2: it is faster than the GPU");
}

void a_gpu_that_others_use_is_left() {
  World world;
  const auto engine = make(world);
  run(*engine, 100, 10000);
  CHECK(engine->backend() == "cuda");
  world.gpu_batch = 1;  // ten times the CPU's time
  run(*engine, 100, 100 * 200);
  CHECK(engine->backend() == "avx2");
}

void no_gpu_is_asked_for_once() {
  World world;
  world.has_gpu = false;
  const auto engine = make(world);
  run(*engine, 100, 10000);
  CHECK(world.n_gpu_made == 1 && world.on_cpu == 10000);
  CHECK(engine->description() == "avx2: there is no GPU");
}

void no_event_is_lost_with_the_gpu() {
  for (const int batch : {0, 1, 2, 3, 50}) {
    World world;
    world.fails_at = batch;
    const auto engine = make(world);
    run(*engine, 100, 20000);
    CHECK(engine->backend() == "avx2" && world.n_gpu_alive == 0 && world.n_gpu_made == 1);
    CHECK(world.on_cpu + world.on_gpu == 20000 && engine->n_event() == 20000);
    CHECK(engine->n_non_finite() == 20000);
    CHECK(engine->description() == "avx2: GPU: computing: lost");
  }
}

// Set before the GPU is there, and after.
void parameters_and_weights_reach_both() {
  World world;
  const auto engine = make(world);
  const double three = 3, five = 5, none = 0;
  engine->set_helicity_weights({&three, 1});
  run(*engine, 100, 10000, 2 * 3);
  CHECK(engine->backend() == "cuda");
  engine->set_parameters({&five, 1}, {&none, 0});
  engine->set_helicity_weights({&five, 1});
  run(*engine, 100, 1000, 5 * 5);
  run(*engine, 1, 5, 5 * 5);
}

}  // namespace

int main() {
  a_short_job_starts_no_gpu();
  a_long_job_uses_the_gpu();
  a_slow_gpu_is_left();
  a_gpu_that_others_use_is_left();
  no_gpu_is_asked_for_once();
  no_event_is_lost_with_the_gpu();
  parameters_and_weights_reach_both();
}
