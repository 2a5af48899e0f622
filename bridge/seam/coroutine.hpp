// One call that can be suspended: runs on a stack of its own.
//
// All suspended calls share that one stack. Whoever suspends a call copies the live part
// of the stack away and copies it back, to the same addresses, before resuming: a call is
// suspended a few frames deep, so that is a kilobyte or two, and the stack stays in cache.
#ifndef MEB_SEAM_COROUTINE_HPP
#define MEB_SEAM_COROUTINE_HPP

#include <cstddef>
#include <vector>

namespace meb::seam {

class Coroutine {
 public:
  using Body = void (*)(void *argument);

  // A suspended call: the live part of its stack.
  class Frame {
    friend class Coroutine;
    std::vector<std::byte> bytes_;
    std::size_t size_ = 0;

   public:
    std::size_t size() const { return size_; }
  };

  Coroutine() = default;
  Coroutine(const Coroutine &) = delete;
  Coroutine &operator=(const Coroutine &) = delete;
  ~Coroutine();

  // Reserves the stack; pages are only used when touched. False if there is no memory.
  bool reserve(std::size_t bytes);

  // Runs body(argument) until it returns (false) or suspends (true).
  bool start(Body body, void *argument);

  // Suspends the running call: returns from start() or resume().
  void suspend();

  // Goes on with a call kept in frame; result as of start().
  bool resume(const Frame &frame);

  // Copies the live stack of the call just suspended.
  void keep(Frame &frame) const;

  bool running() const { return running_; }

 private:
  static void enter();
  bool run();

  std::byte *memory_ = nullptr;
  std::size_t reserved_ = 0;
  std::byte *top_ = nullptr;
  void *inside_ = nullptr;   // stack pointer of the suspended call
  void *outside_ = nullptr;  // stack pointer of whoever called start() or resume()
  Body body_ = nullptr;
  void *argument_ = nullptr;
  bool running_ = false;
  bool finished_ = false;
};

}  // namespace meb::seam
#endif
