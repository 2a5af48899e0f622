// The threads of a block. On the host, where tests run this code, a block is one thread.
#pragma once

#include "kernels/bundle.hpp"

#if defined(__CUDACC__)
#define MEB_PRAGMA(text) _Pragma(#text)
#define MEB_UNROLL MEB_PRAGMA(unroll)
#define MEB_UNROLL_BY(n) MEB_PRAGMA(unroll n)
#else
#define MEB_UNROLL
#define MEB_UNROLL_BY(n)
#endif

namespace meb::MEB_TARGET {

// A pointer into the memory of the device, which the compiler cannot see from where it is.
template <class T>
MEB_INLINE T* global(T* p) {
#if defined(__CUDACC__)
  __builtin_assume(__isGlobal(p));
#endif
  return p;
}

// One thread by itself.
struct Single {
  static constexpr int width = 1;
  MEB_DEVICE static int lane() { return 0; }
  MEB_DEVICE static unsigned ballot(bool x) { return x; }
  MEB_DEVICE static int first(unsigned) { return 0; }
  template <class T>
  MEB_DEVICE static T from(T x, int) {
    return x;
  }
  template <class T>
  MEB_DEVICE static T sum(T x) {
    return x;
  }
  template <int n, class T>
  MEB_DEVICE static void sum(T*) {}
  template <class T>
  MEB_DEVICE static T cumulate(T x) {
    return x;
  }
#if defined(__CUDACC__)
  MEB_DEVICE static void count(unsigned long long* counter) { atomicAdd(counter, 1ull); }
#else
  static void count(unsigned long long* counter) { ++*counter; }
#endif
};

#if defined(__CUDACC__)

struct Team {
  static constexpr int width = 32;  // of a warp
  MEB_DEVICE static int thread() { return static_cast<int>(threadIdx.x); }
  MEB_DEVICE static int n_thread() { return MEB_THREADS; }
  MEB_DEVICE static int lane() { return thread() & 31; }
  MEB_DEVICE static int warp() { return thread() >> 5; }
  MEB_DEVICE static int n_warp() { return n_thread() >> 5; }
  MEB_DEVICE static std::uint64_t block() { return blockIdx.x; }
  MEB_DEVICE static std::uint64_t n_block() { return gridDim.x; }
  MEB_DEVICE static void sync() { __syncthreads(); }
  MEB_DEVICE static void prefetch(const void* p) { asm volatile("prefetch.global.L2 [%0];" ::"l"(p)); }

  // The rest concerns one warp, all of whose lanes call it.
  MEB_DEVICE static unsigned ballot(bool x) { return __ballot_sync(0xffffffffu, x); }
  MEB_DEVICE static int first(unsigned ballot) { return __ffs(static_cast<int>(ballot)) - 1; }
  template <class T>
  MEB_DEVICE static T from(T x, int lane) {
    return __shfl_sync(0xffffffffu, x, lane);
  }
  template <class T>
  MEB_DEVICE static T sum(T x) {
    for (int k = 16; k > 0; k >>= 1) x += __shfl_xor_sync(0xffffffffu, x, k);
    return x;
  }
  // Of n numbers at once: the exchanges overlap.
  template <int n, class T>
  MEB_DEVICE static void sum(T* x) {
    for (int k = 16; k > 0; k >>= 1)
      for (int i = 0; i < n; ++i) x[i] += __shfl_xor_sync(0xffffffffu, x[i], k);
  }
  // Of four neighbouring lanes.
  template <class T>
  MEB_DEVICE static T sum_of_four(T x) {
    x += __shfl_xor_sync(0xffffffffu, x, 1);
    return x + __shfl_xor_sync(0xffffffffu, x, 2);
  }
  // Sums of 16 numbers over four neighbouring lanes, of which each keeps four: x[0 ... 3] is then the
  // sum of x[4 lane ...].
  MEB_DEVICE static void share_four(double (&x)[16]) {
    const bool high = lane() & 2, odd = lane() & 1;
    MEB_UNROLL
    for (int i = 0; i < 8; ++i) {
      const double mine = high ? x[8 + i] : x[i], other = high ? x[i] : x[8 + i];
      x[i] = mine + __shfl_xor_sync(0xffffffffu, other, 2);
    }
    MEB_UNROLL
    for (int i = 0; i < 4; ++i) {
      const double mine = odd ? x[4 + i] : x[i], other = odd ? x[i] : x[4 + i];
      x[i] = mine + __shfl_xor_sync(0xffffffffu, other, 1);
    }
  }
  // x of this lane and all before
  template <class T>
  MEB_DEVICE static T cumulate(T x) {
    for (int k = 1; k < 32; k <<= 1) {
      const T y = __shfl_up_sync(0xffffffffu, x, static_cast<unsigned>(k));
      if (lane() >= k) x += y;
    }
    return x;
  }
  MEB_DEVICE static void count(unsigned long long* counter) { atomicAdd(counter, 1ull); }
};

#else

struct Team : Single {
  static int thread() { return 0; }
  static int n_thread() { return 1; }
  static int warp() { return 0; }
  static int n_warp() { return 1; }
  static std::uint64_t block() { return 0; }
  static std::uint64_t n_block() { return 1; }
  static void sync() {}
  static void prefetch(const void*) {}
  template <class T>
  static T sum_of_four(T x) {
    return x;
  }
  static void share_four(double (&)[16]) {}
};

#endif

}  // namespace meb::MEB_TARGET
