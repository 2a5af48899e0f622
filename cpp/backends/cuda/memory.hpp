// Memory of a device that grows and is freed with its owner, and the device made current.
#pragma once

#include <algorithm>
#include <memory>

#include "backends/cuda/device.hpp"

namespace meb::cuda {

class Buffer {
public:
  explicit Buffer(std::shared_ptr<Device> device, bool on_host = false)
      : device_(std::move(device)), on_host_(on_host) {}
  ~Buffer() { release(); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  // Room for so many bytes; the content is lost if it grows.
  void* reserve(std::size_t bytes) {
    if (bytes > size_) {
      release();
      const std::size_t wanted = std::max<std::size_t>(bytes, 256);
      data_ = on_host_ ? device_->allocate_host(wanted) : device_->allocate(wanted);
      size_ = wanted;
    }
    return data_;
  }
  void* data() const { return data_; }
  void release() noexcept {
    if (data_) on_host_ ? device_->free_host(data_) : device_->free(data_);
    data_ = nullptr;
    size_ = 0;
  }

private:
  std::shared_ptr<Device> device_;
  bool on_host_;
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

// Makes the device current while it lives.
class Entered {
public:
  explicit Entered(Device& device) : device_(device) { device_.enter(); }
  ~Entered() { device_.leave(); }
  Entered(const Entered&) = delete;
  Entered& operator=(const Entered&) = delete;

private:
  Device& device_;
};

}  // namespace meb::cuda
