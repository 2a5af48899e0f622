// bridge._core.Program, and the translation of status to exception.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>
#include <string_view>

#include "register.hpp"

namespace py = pybind11;

namespace meb::python {

void raise(meb_status status, const std::string& message) {
  const py::object classes = py::module_::import("bridge.exceptions").attr("BY_STATUS");
  py::set_error(classes[py::int_(static_cast<int>(status))], message.c_str());
  throw py::error_already_set();
}

std::string message_of(const Error& error) {
  std::string text(meb_error_get(error.get(), nullptr, 0), '\0');
  meb_error_get(error.get(), text.data(), text.size());
  text.resize(text.size() - 1);
  return text;
}

std::size_t Program::size(meb_size key) const {
  std::size_t value = 0;
  checked([&](meb_error error) { return meb_program_get_size(error, get(), key, &value); });
  return value;
}

std::string Program::name(meb_name list, std::size_t index) const {
  std::size_t size = 0;
  checked([&](meb_error error) { return meb_program_get_name(error, get(), list, index, nullptr, 0, &size); });
  std::string text(size, '\0');
  checked([&](meb_error error) {
    return meb_program_get_name(error, get(), list, index, text.data(), text.size(), nullptr);
  });
  text.resize(size - 1);
  return text;
}

namespace {

Program from_file(const std::string& path) {
  meb_program program = nullptr;
  checked([&](meb_error error) { return meb_program_new_from_file(error, path.c_str(), &program); });
  return Program(ProgramHandle(program));
}

Program from_bytes(const py::bytes& data) {
  const std::string_view bytes = data;
  meb_program program = nullptr;
  checked([&](meb_error error) {
    return meb_program_new_from_memory(error, bytes.data(), bytes.size(), &program);
  });
  return Program(ProgramHandle(program));
}

template <meb_size key>
std::size_t size_of(const Program& program) {
  return program.size(key);
}

template <meb_name list>
std::string name_of(const Program& program) {
  return program.name(list, 0);
}

template <meb_name list, meb_size key>
py::tuple names_of(const Program& program) {
  py::tuple names(program.size(key));
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = program.name(list, i);
  return names;
}

void set_plugin(Program& program, const std::string& path) {
  checked([&](meb_error error) { return meb_program_set_plugin(error, program.get(), path.c_str()); });
}

void compile_cuda(Program& program, int precision, const std::string& architecture, const std::string& folder) {
  checked([&](meb_error error) {
    const py::gil_scoped_release released;
    return meb_program_compile_cuda(error, program.get(), static_cast<meb_precision>(precision), architecture.c_str(),
                                    folder.c_str());
  });
}

py::array helicities_of(const Program& program) {
  py::array_t<std::int32_t> values({program.size(MEB_SIZE_HELICITY), program.size(MEB_SIZE_LEG)});
  checked([&](meb_error error) {
    return meb_program_get_helicities(error, program.get(), values.mutable_data(),
                                      static_cast<std::size_t>(values.size()));
  });
  return values;
}

}  // namespace

void register_program(py::module_& module) {
  py::class_<Program>(module, "Program")
      .def_static("from_file", &from_file, py::arg("path"))
      .def_static("from_bytes", &from_bytes, py::arg("data"))
      .def_property_readonly("n_leg", &size_of<MEB_SIZE_LEG>)
      .def_property_readonly("n_helicity", &size_of<MEB_SIZE_HELICITY>)
      .def_property_readonly("n_flow", &size_of<MEB_SIZE_COLOR_FLOW>)
      .def_property_readonly("n_diagram", &size_of<MEB_SIZE_DIAGRAM>)
      .def_property_readonly("n_config", &size_of<MEB_SIZE_CONFIG>)
      .def_property_readonly("parameters", &names_of<MEB_NAME_PARAMETER, MEB_SIZE_PARAMETER>)
      .def_property_readonly("couplings", &names_of<MEB_NAME_COUPLING, MEB_SIZE_COUPLING>)
      .def_property_readonly("running_couplings",
                             &names_of<MEB_NAME_RUNNING_COUPLING, MEB_SIZE_RUNNING_COUPLING>)
      .def_property_readonly("process", &name_of<MEB_NAME_PROCESS>)
      .def_property_readonly("digest", &name_of<MEB_NAME_DIGEST>)
      .def_property_readonly("custom_functions", &names_of<MEB_NAME_CUSTOM_FUNCTION, MEB_SIZE_CUSTOM_FUNCTION>)
      .def("set_plugin", &set_plugin, py::arg("path"))
      .def("compile_cuda", &compile_cuda, py::arg("precision"), py::arg("architecture"), py::arg("folder"))
      .def("helicities", &helicities_of);
}

}  // namespace meb::python
