#include "backends/cpu/pool.hpp"

#include <utility>

namespace meb {

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  start_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void ThreadPool::run(std::size_t n_thread, const std::function<void(std::size_t)>& work) {
  if (n_thread == 1) return work(0);
  while (threads_.size() + 1 < n_thread)
    threads_.emplace_back(&ThreadPool::wait_for_work, this, threads_.size() + 1, generation_);
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    n_thread_ = n_thread;
    n_running_ = n_thread - 1;
    failed_ = nullptr;
    ++generation_;
  }
  start_.notify_all();
  execute(0);
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return n_running_ == 0; });
  if (failed_) std::rethrow_exception(std::exchange(failed_, nullptr));
}

void ThreadPool::execute(std::size_t number) {
  try {
    (*work_)(number);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failed_ = std::current_exception();
  }
}

// seen: generations that were there before the thread
void ThreadPool::wait_for_work(std::size_t number, std::size_t seen) {
  std::unique_lock lock(mutex_);
  while (true) {
    start_.wait(lock, [&] { return stop_ || generation_ != seen; });
    if (stop_) return;
    seen = generation_;
    if (number >= n_thread_) continue;
    lock.unlock();
    execute(number);
    lock.lock();
    if (--n_running_ == 0) done_.notify_one();
  }
}

}  // namespace meb
