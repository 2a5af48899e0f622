// Threads that wait for work from one batch to the next.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace meb {

class ThreadPool {
public:
  ThreadPool() = default;
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // work(0) ... work(n_thread - 1), each in a thread of its own, 0 in the caller's; rethrows what one
  // of them threw. Not to be called from two threads at the same time.
  void run(std::size_t n_thread, const std::function<void(std::size_t)>& work);

private:
  void wait_for_work(std::size_t number, std::size_t seen);
  void execute(std::size_t number);

  std::mutex mutex_;
  std::condition_variable start_, done_;
  std::vector<std::thread> threads_;  // number k is threads_[k - 1]
  const std::function<void(std::size_t)>* work_ = nullptr;
  std::size_t generation_ = 0, n_thread_ = 0, n_running_ = 0;
  std::exception_ptr failed_;
  bool stop_ = false;
};

}  // namespace meb
