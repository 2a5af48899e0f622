// What the binding files share.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <type_traits>

#include "mebridge/mebridge.h"

namespace meb::python {

void register_program(pybind11::module_& module);
void register_engine(pybind11::module_& module);
void register_rambo(pybind11::module_& module);

// Raises the class that bridge.exceptions keeps for a status; needs the GIL.
[[noreturn]] void raise(meb_status status, const std::string& message);

template <class Handle, void (*delete_handle)(Handle*)>
struct Deleter {
  void operator()(Handle handle) const { delete_handle(&handle); }
};

template <class Handle, void (*delete_handle)(Handle*)>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Deleter<Handle, delete_handle>>;

using Error = Owned<meb_error, meb_error_delete>;
using ProgramHandle = Owned<meb_program, meb_program_delete>;
using EngineHandle = Owned<meb_engine, meb_engine_delete>;

std::string message_of(const Error& error);

// Runs a call of the C interface and raises its failure; needs the GIL.
template <class Call>
void checked(Call&& call) {
  const Error error(meb_error_new());
  const meb_status status = call(error.get());
  if (status != MEB_SUCCESS) raise(status, message_of(error));
}

// bridge._core.Program
class Program {
public:
  explicit Program(ProgramHandle handle) : handle_(std::move(handle)) {}
  meb_program get() const { return handle_.get(); }
  std::size_t size(meb_size key) const;
  std::string name(meb_name list, std::size_t index) const;

private:
  ProgramHandle handle_;
};

}  // namespace meb::python
