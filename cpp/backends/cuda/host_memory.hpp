// What devices have in common whose memory is the host's.
#pragma once

#include <cstdlib>
#include <cstring>
#include <new>

#include "backends/cuda/device.hpp"

namespace meb::cuda {

class HostMemoryDevice : public Device {
public:
  int n_multiprocessor() const override { return 1; }
  void enter() override {}
  void leave() override {}
  void* allocate(std::size_t bytes) override { return allocate_host(bytes); }
  void free(void* memory) noexcept override { std::free(memory); }
  void* allocate_host(std::size_t bytes) override {
    void* memory = std::malloc(bytes ? bytes : 1);
    if (!memory) throw std::bad_alloc();
    return memory;
  }
  void free_host(void* memory) noexcept override { std::free(memory); }
  void upload(void* to, const void* from, std::size_t bytes, Stream) override { std::memcpy(to, from, bytes); }
  void download(void* to, const void* from, std::size_t bytes, Stream) override { std::memcpy(to, from, bytes); }
  void clear(void* memory, std::size_t bytes, Stream) override { std::memset(memory, 0, bytes); }
  Stream make_stream() override { return nullptr; }
  void free_stream(Stream) noexcept override {}
  void synchronize(Stream) override {}
};

}  // namespace meb::cuda
