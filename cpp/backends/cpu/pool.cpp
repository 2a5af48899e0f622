#include "backends/cpu/pool.hpp"

#include <chrono>
#include <utility>

namespace meb {
namespace {

// start_: the lowest bits are the number of threads, 0 to stop.
constexpr unsigned thread_bits = 16;
constexpr std::uint64_t thread_mask = (1u << thread_bits) - 1;

// To be woken costs tens of microseconds, as much as a small batch: the next one often comes sooner.
constexpr std::chrono::microseconds patience{100};

// Whether `ready` comes true soon; other threads that want this core get it.
template <class Ready>
bool comes_soon(Ready ready) {
  const auto begin = std::chrono::steady_clock::now();
  while (!ready()) {
    if (std::chrono::steady_clock::now() - begin > patience) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

ThreadPool::~ThreadPool() {
  start(0);
  for (auto& thread : threads_) thread.join();
}

void ThreadPool::run(std::size_t n_thread, const std::function<void(std::size_t)>& work) {
  if (n_thread == 1) return work(0);
  while (threads_.size() + 1 < n_thread)
    threads_.emplace_back(&ThreadPool::wait_for_work, this, threads_.size() + 1, start_.load());
  work_ = &work;
  failed_ = nullptr;
  n_running_ = n_thread - 1;
  start(n_thread);
  execute(0);
  const auto done = [this] { return n_running_ == 0; };
  if (!comes_soon(done)) {
    std::unique_lock lock(mutex_);
    done_.wait(lock, done);
  }
  if (failed_) std::rethrow_exception(std::exchange(failed_, nullptr));
}

void ThreadPool::start(std::size_t n_thread) {
  {
    const std::lock_guard lock(mutex_);
    start_ = ((start_ >> thread_bits) + 1) << thread_bits | n_thread;
  }
  work_there_.notify_all();
}

void ThreadPool::execute(std::size_t number) {
  try {
    (*work_)(number);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failed_ = std::current_exception();
  }
}

// seen: start_ before the thread was there
void ThreadPool::wait_for_work(std::size_t number, std::uint64_t seen) {
  const auto is_new = [&] { return start_ != seen; };
  while (true) {
    if (!comes_soon(is_new)) {
      std::unique_lock lock(mutex_);
      work_there_.wait(lock, is_new);
    }
    seen = start_;
    const std::uint64_t n_thread = seen & thread_mask;
    if (n_thread == 0) return;
    if (number >= n_thread) continue;
    execute(number);
    if (--n_running_ > 0) continue;
    {
      const std::lock_guard lock(mutex_);
    }
    done_.notify_one();
  }
}

}  // namespace meb
