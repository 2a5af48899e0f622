// Threads that wait for work from one batch to the next, awake for a moment, then asleep.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
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
  void wait_for_work(std::size_t number, std::uint64_t seen);
  void start(std::size_t n_thread);
  void execute(std::size_t number);

  std::vector<std::thread> threads_;  // number k is threads_[k - 1]
  const std::function<void(std::size_t)>* work_ = nullptr;
  // Number of the run and how many threads it has, in one: who does not take part reads nothing else.
  alignas(64) std::atomic<std::uint64_t> start_{0};
  alignas(64) std::atomic<std::size_t> n_running_{0};
  std::mutex mutex_;  // of failed_, and between those who go to sleep and those who wake them
  std::condition_variable work_there_, done_;
  std::exception_ptr failed_;
};

}  // namespace meb
