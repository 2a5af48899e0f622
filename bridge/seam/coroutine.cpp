#include "coroutine.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>

// void meb_seam_switch(void **from, void *to): saves what the ABI says a call preserves,
// leaves the stack pointer in *from and goes on where `to` was saved. No system call,
// unlike swapcontext, which changes the signal mask.
#if defined(__x86_64__)
asm(R"(
.text
.p2align 4
.hidden meb_seam_switch
.globl meb_seam_switch
.type meb_seam_switch, @function
meb_seam_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size meb_seam_switch, .-meb_seam_switch
)");
#elif defined(__aarch64__)
asm(R"(
.text
.p2align 4
.hidden meb_seam_switch
.globl meb_seam_switch
.type meb_seam_switch, %function
meb_seam_switch:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size meb_seam_switch, .-meb_seam_switch
)");
#else
#error "mebridge: the seam needs a stack switch for this processor"
#endif

extern "C" void meb_seam_switch(void **from, void *to);

namespace meb::seam {
namespace {

// enter() has no argument: it finds its coroutine here. MadEvent is not thread-safe and
// neither is the seam; only the engine has threads.
Coroutine *current = nullptr;

// The frame meb_seam_switch expects, such that it "returns" to `entry`.
void *first_frame(std::byte *top, void (*entry)()) {
#if defined(__x86_64__)
  constexpr std::size_t words = 8, entry_word = 6;  // leaves rsp % 16 == 8 at entry
#else
  constexpr std::size_t words = 20, entry_word = 11;
#endif
  auto *frame = reinterpret_cast<void **>(top) - words;
  std::memset(frame, 0, words * sizeof *frame);
  frame[entry_word] = reinterpret_cast<void *>(entry);
  return frame;
}

}  // namespace

Coroutine::~Coroutine() {
  if (memory_ != nullptr) munmap(memory_, reserved_);
}

bool Coroutine::reserve(std::size_t bytes) {
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
  // A stack that overflows must stop the program, not write over its neighbour.
  mprotect(memory, 4096, PROT_NONE);
  memory_ = static_cast<std::byte *>(memory);
  reserved_ = bytes;
  top_ = memory_ + bytes;
  return true;
}

void Coroutine::enter() {
  Coroutine *self = current;
  self->body_(self->argument_);
  self->finished_ = true;
  void *unused = nullptr;
  meb_seam_switch(&unused, self->outside_);
}

bool Coroutine::run() {
  current = this;
  finished_ = false;
  running_ = true;
  meb_seam_switch(&outside_, inside_);
  running_ = false;
  return !finished_;
}

bool Coroutine::start(Body body, void *argument) {
  body_ = body;
  argument_ = argument;
  inside_ = first_frame(top_, &Coroutine::enter);
  return run();
}

void Coroutine::suspend() { meb_seam_switch(&inside_, outside_); }

bool Coroutine::resume(const Frame &frame) {
  inside_ = top_ - frame.size_;
  std::memcpy(inside_, frame.bytes_.data(), frame.size_);
  return run();
}

void Coroutine::keep(Frame &frame) const {
  frame.size_ = static_cast<std::size_t>(top_ - static_cast<std::byte *>(inside_));
  if (frame.bytes_.size() < frame.size_) frame.bytes_.resize(frame.size_ + 1024);
  std::memcpy(frame.bytes_.data(), inside_, frame.size_);
}

}  // namespace meb::seam
