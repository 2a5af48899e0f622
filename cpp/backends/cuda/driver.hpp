// The CUDA driver and NVRTC, found when they are asked for: this library does not depend on them.
// Types and numbers are those of cuda.h and nvrtc.h, which need not be there.
#pragma once

#include <cstddef>
#include <string>

namespace meb::cuda {

struct Driver {
  using Result = int;
  using DeviceNumber = int;
  using Handle = void*;  // context, module, function, stream
  using Address = unsigned long long;

  Result (*init)(unsigned);
  Result (*driver_version)(int*);
  Result (*device_count)(int*);
  Result (*device_get)(DeviceNumber*, int);
  Result (*device_name)(char*, int, DeviceNumber);
  Result (*device_attribute)(int*, int, DeviceNumber);
  Result (*context_retain)(Handle*, DeviceNumber);
  Result (*context_release)(DeviceNumber);
  Result (*context_state)(DeviceNumber, unsigned* flags, int* active);
  Result (*context_push)(Handle);
  Result (*context_pop)(Handle*);
  Result (*module_load)(Handle*, const void*);
  Result (*module_unload)(Handle);
  Result (*module_function)(Handle*, Handle, const char*);
  Result (*function_attribute)(int*, int, Handle);
  Result (*function_set_attribute)(Handle, int, int);
  Result (*occupancy)(int*, Handle, int, std::size_t);
  Result (*launch)(Handle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Handle, void**,
                   void**);
  Result (*memory_info)(std::size_t*, std::size_t*);
  Result (*allocate)(Address*, std::size_t);
  Result (*free)(Address);
  Result (*allocate_host)(void**, std::size_t);
  Result (*free_host)(void*);
  Result (*upload)(Address, const void*, std::size_t, Handle);
  Result (*download)(void*, Address, std::size_t, Handle);
  Result (*clear)(Address, unsigned char, std::size_t, Handle);
  Result (*stream_create)(Handle*, unsigned);
  Result (*stream_destroy)(Handle);
  Result (*stream_synchronize)(Handle);
  Result (*error_string)(Result, const char**);

  // Throws Error(Status::device, or memory if it ran out) naming what failed.
  void check(Result result, const char* what) const;

  // Throws Error(Status::unsupported) that says what is missing.
  static const Driver& get();
};

struct Nvrtc {
  using Result = int;
  using Program = void*;

  Result (*version)(int*, int*);
  Result (*create)(Program*, const char*, const char*, int, const char* const*, const char* const*);
  Result (*destroy)(Program*);
  Result (*compile)(Program, int, const char* const*);
  Result (*cubin_size)(Program, std::size_t*);
  Result (*cubin)(Program, char*);
  Result (*log_size)(Program, std::size_t*);
  Result (*log)(Program, char*);
  const char* (*error_string)(Result);

  // Null if there is none.
  static const Nvrtc* find();
};

}  // namespace meb::cuda
