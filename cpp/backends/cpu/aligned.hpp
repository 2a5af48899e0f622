// Arrays of pages.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#include "kernels/bundle.hpp"

namespace meb::MEB_TARGET {

// Fixed size, zero at first; not std::vector, whose code all modes would share.
template <class T>
class AlignedArray {
public:
  explicit AlignedArray(std::size_t n)
      : data_(static_cast<T*>(std::aligned_alloc(64, (n * sizeof(T) + 127) / 64 * 64))) {
    if (!data_) throw std::bad_alloc();
    for (std::size_t i = 0; i < n; ++i) data_[i] = T{};
  }
  ~AlignedArray() { std::free(data_); }
  AlignedArray(const AlignedArray&) = delete;
  AlignedArray& operator=(const AlignedArray&) = delete;
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }

private:
  T* data_;
};

}  // namespace meb::MEB_TARGET
