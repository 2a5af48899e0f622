// What the kernels need of the standard library: NVRTC has none.
#pragma once

#if defined(__CUDACC_RTC__)
namespace std {
using ::size_t;
using int8_t = signed char;
using uint8_t = unsigned char;
using int16_t = short;
using uint16_t = unsigned short;
using int32_t = int;
using uint32_t = unsigned int;
using int64_t = long long;
using uint64_t = unsigned long long;

__device__ inline double sqrt(double x) { return ::sqrt(x); }
__device__ inline float sqrt(float x) { return ::sqrtf(x); }
__device__ inline double log(double x) { return ::log(x); }
__device__ inline double fabs(double x) { return ::fabs(x); }
__device__ inline float fabs(float x) { return ::fabsf(x); }
__device__ inline double copysign(double x, double y) { return ::copysign(x, y); }
__device__ inline float copysign(float x, float y) { return ::copysignf(x, y); }
__device__ inline double nan(const char*) { return __longlong_as_double(0x7ff8000000000000ll); }
__device__ inline bool isfinite(double x) { return ::isfinite(x); }
__device__ inline void memcpy(void* to, const void* from, size_t n) { ::memcpy(to, from, n); }
}  // namespace std
#else
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#endif
