// The private extension module bridge._core, a face of the C interface; the user layer is in Python.
#include <pybind11/pybind11.h>

#include <string>

#include "mebridge/mebridge.h"
#include "register.hpp"

namespace {

std::string modes() {
  std::string text(meb_get_modes(nullptr, 0), '\0');
  meb_get_modes(text.data(), text.size());
  text.resize(text.size() - 1);
  return text;
}

}  // namespace

PYBIND11_MODULE(_core, module) {
  module.doc() = "Private binding of libmebridge; use bridge.Program and bridge.Engine.";
  module.def("abi_version", [] { return meb_abi_version(); });
  module.def("has_feature", [](const std::string& name) { return meb_has_feature(name.c_str()) != 0; });
  module.def("modes", [] { return pybind11::cast(modes()).attr("split")(); });
  meb::python::register_program(module);
  meb::python::register_engine(module);
  meb::python::register_rambo(module);
}
