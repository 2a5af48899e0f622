// bridge._core.Engine: checks NumPy arrays by name, never converts them.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <array>
#include <complex>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "register.hpp"

namespace py = pybind11;

namespace meb::python {
namespace {

enum class Kind { real, complex, integer };

// How an argument of evaluate looks: for each event, `extent` times `width` elements
// (no such axis where absent).
struct Field {
  const char* name;
  int key;
  Kind kind;
  std::optional<meb_size> extent = std::nullopt;
  std::size_t width = 0;
  bool each_event = true;
};

constexpr std::array inputs{
    Field{"momenta", MEB_INPUT_MOMENTA, Kind::real, MEB_SIZE_LEG, 4},
    Field{"running_couplings", MEB_INPUT_RUNNING_COUPLING, Kind::complex, MEB_SIZE_RUNNING_COUPLING},
    Field{"channel", MEB_INPUT_CHANNEL, Kind::integer},
    Field{"channel_cut", MEB_INPUT_CHANNEL_CUT, Kind::real, MEB_SIZE_CONFIG},
    Field{"channel_strength", MEB_INPUT_CHANNEL_STRENGTH, Kind::real, MEB_SIZE_CONFIG},
    Field{"random_helicity", MEB_INPUT_RANDOM_HELICITY, Kind::real},
    Field{"random_color", MEB_INPUT_RANDOM_COLOR, Kind::real},
    Field{"color_config", MEB_INPUT_COLOR_CONFIG, Kind::integer},
    Field{"helicity", MEB_INPUT_HELICITY, Kind::integer},
};

// What running_couplings of one axis are: the same for every event.
constexpr Field running_couplings_common{
    "running_couplings", MEB_INPUT_RUNNING_COUPLING_COMMON, Kind::complex, MEB_SIZE_RUNNING_COUPLING, 0, false};

constexpr std::array outputs{
    Field{"matrix_element", MEB_OUTPUT_MATRIX_ELEMENT, Kind::real},
    Field{"helicity", MEB_OUTPUT_HELICITY, Kind::integer},
    Field{"color_flow", MEB_OUTPUT_COLOR_FLOW, Kind::integer},
    Field{"jamp2", MEB_OUTPUT_JAMP2, Kind::real, MEB_SIZE_COLOR_FLOW},
    Field{"amp2", MEB_OUTPUT_AMP2, Kind::real, MEB_SIZE_DIAGRAM},
    Field{"matrix_element_by_helicity", MEB_OUTPUT_MATRIX_ELEMENT_BY_HELICITY, Kind::real, MEB_SIZE_HELICITY},
    Field{"flag", MEB_OUTPUT_FLAG, Kind::integer},
};

[[noreturn]] void reject(std::string_view name, const std::string& expected, const std::string& got) {
  raise(MEB_ERROR_ARGUMENT, std::string(name) + ": expected " + expected + ", got " + got);
}

py::dtype dtype_of(Kind kind) {
  switch (kind) {
    case Kind::real: return py::dtype::of<double>();
    case Kind::complex: return py::dtype::of<std::complex<double>>();
    case Kind::integer: break;
  }
  return py::dtype::of<std::int32_t>();
}

template <std::size_t n>
const Field& find(const std::array<Field, n>& fields, std::string_view name, const char* direction) {
  std::string names;
  for (const Field& field : fields) {
    if (name == field.name) return field;
    names += (names.empty() ? "" : ", ") + std::string(field.name);
  }
  reject(direction, "one of " + names, "'" + std::string(name) + "'");
}

using Shape = std::vector<py::ssize_t>;

Shape shape_of(const Field& field, const Program& program, py::ssize_t n_event) {
  Shape shape;
  if (field.each_event) shape.push_back(n_event);
  if (field.extent) shape.push_back(static_cast<py::ssize_t>(program.size(*field.extent)));
  if (field.width > 0) shape.push_back(static_cast<py::ssize_t>(field.width));
  return shape;
}

// "(n_event, 5, 4)"; n_event as a word if it is not known yet (negative).
std::string text_of(const Shape& shape) {
  std::string text;
  for (const auto extent : shape)
    text += (text.empty() ? "" : ", ") + (extent < 0 ? "n_event" : std::to_string(extent));
  return "(" + text + (shape.size() == 1 ? ",)" : ")");
}

bool has_kind(const py::array& array, Kind kind) {
  const py::dtype dtype = array.dtype(), expected = dtype_of(kind);
  return dtype.is(expected) || dtype.equal(expected);
}

py::array as_array(std::string_view name, const py::handle& object, Kind kind) {
  // the text only where it is needed: to write a dtype takes as long as hundreds of events
  const auto expected = [&] { return "a NumPy array of " + py::str(dtype_of(kind)).cast<std::string>(); };
  if (!py::isinstance<py::array>(object)) reject(name, expected(), py::str(py::type::of(object)).cast<std::string>());
  const auto array = py::reinterpret_borrow<py::array>(object);
  if (!has_kind(array, kind)) reject(name, expected(), py::str(array.dtype()).cast<std::string>());
  if ((array.flags() & py::array::c_style) == 0) reject(name, "a C-contiguous array", "strides of another order");
  return array;
}

Shape shape_of(const py::array& array) { return Shape(array.shape(), array.shape() + array.ndim()); }

std::size_t n_element(const py::array& array, Kind kind) {
  return static_cast<std::size_t>(array.size()) * (kind == Kind::complex ? 2 : 1);
}

// The keyed arrays of one direction, alive while the engine runs.
template <class Key, class Pointer>
struct Arrays {
  std::vector<py::array> arrays;
  std::vector<Key> keys;
  std::vector<Pointer> pointers;
  std::vector<std::size_t> sizes;

  void add(const Field& field, const py::array& array, Pointer pointer) {
    arrays.push_back(array);
    keys.push_back(static_cast<Key>(field.key));
    pointers.push_back(pointer);
    sizes.push_back(n_element(array, field.kind));
  }
};

// The same for arrays that only their addresses are known of.
template <class Key, class Pointer>
struct Addresses {
  std::vector<Key> keys;
  std::vector<Pointer> pointers;
  std::vector<std::size_t> sizes;

  void add(const Field& field, const Program& program, std::size_t n_event, std::uintptr_t address) {
    std::size_t size = field.kind == Kind::complex ? 2 : 1;
    for (const auto extent : shape_of(field, program, static_cast<py::ssize_t>(n_event)))
      size *= static_cast<std::size_t>(extent);
    keys.push_back(static_cast<Key>(field.key));
    pointers.push_back(reinterpret_cast<Pointer>(address));
    sizes.push_back(size);
  }
};

class Engine {
public:
  Engine(const Program& program, const std::string& backend, int precision) : program_(program) {
    meb_engine engine = nullptr;
    checked([&](meb_error error) {
      return meb_engine_new(error, program.get(), backend.c_str(), static_cast<meb_precision>(precision), &engine);
    });
    handle_.reset(engine);
  }

  std::string backend() const {
    std::string text(meb_engine_get_backend(handle_.get(), nullptr, 0), '\0');
    meb_engine_get_backend(handle_.get(), text.data(), text.size());
    text.resize(text.size() - 1);
    return text;
  }

  void set_threads(std::size_t n_thread) {
    locked([&](meb_error error) { return meb_engine_set_threads(error, handle_.get(), n_thread); });
  }

  void set_parameters(const py::object& parameters, const py::object& couplings) {
    const py::array real = as_array("parameters", parameters, Kind::real);
    const py::array complex = as_array("couplings", couplings, Kind::complex);
    const auto* values = static_cast<const double*>(real.data());
    const auto* coupling_values = static_cast<const double*>(complex.data());
    const auto n_value = static_cast<std::size_t>(real.size());
    const auto n_coupling = static_cast<std::size_t>(complex.size());
    locked([&](meb_error error) {
      return meb_engine_set_parameters(error, handle_.get(), values, n_value, coupling_values, n_coupling);
    });
  }

  void set_helicity_weights(const py::object& weights) {
    const py::array array = as_array("weights", weights, Kind::real);
    const auto* values = static_cast<const double*>(array.data());
    const auto n_value = static_cast<std::size_t>(array.size());
    locked([&](meb_error error) { return meb_engine_set_helicity_weights(error, handle_.get(), values, n_value); });
  }

  double operations(bool with_amp2) {
    double n = 0;
    locked([&](meb_error error) { return meb_engine_get_operations(error, handle_.get(), with_amp2 ? 1 : 0, &n); });
    return n;
  }

  py::tuple counts() {
    std::uint64_t n_event = 0;
    std::uint64_t n_non_finite = 0;
    locked([&](meb_error error) { return meb_engine_get_counts(error, handle_.get(), &n_event, &n_non_finite); });
    return py::make_tuple(n_event, n_non_finite);
  }

  py::dict evaluate(const py::dict& given, const std::vector<std::string>& wanted, std::size_t repeat) {
    if (!given.contains("momenta")) reject("momenta", "an array", "nothing");
    Arrays<meb_input, const void*> in;
    Arrays<meb_output, void*> out;
    const py::ssize_t n_event = add_inputs(given, in);
    const py::dict result = add_outputs(wanted, n_event, out);
    locked([&](meb_error error) {
      meb_status status = MEB_SUCCESS;
      for (std::size_t k = 0; k < repeat && status == MEB_SUCCESS; ++k)
        status = meb_engine_evaluate(error, handle_.get(), static_cast<std::size_t>(n_event), in.keys.size(),
                                     in.keys.data(), in.pointers.data(), in.sizes.data(), out.keys.size(),
                                     out.keys.data(), out.pointers.data(), out.sizes.data());
      return status;
    });
    return result;
  }

  std::string description() const {
    std::string text(meb_engine_get_description(handle_.get(), nullptr, 0), '\0');
    meb_engine_get_description(handle_.get(), text.data(), text.size());
    text.resize(text.size() - 1);
    return text;
  }

  // What an array on a device must look like: (type, shape); n_event and whether couplings are common decide.
  py::tuple layout(const std::string& name, py::ssize_t n_event, bool common) const {
    const Field* field = nullptr;
    for (const Field& f : inputs)
      if (name == f.name) field = &f;
    for (const Field& f : outputs)
      if (field == nullptr && name == f.name) field = &f;
    if (field == nullptr) reject("name", "an input or output", "'" + name + "'");
    if (common && field->key == MEB_INPUT_RUNNING_COUPLING) field = &running_couplings_common;
    return py::make_tuple(dtype_of(field->kind), py::tuple(py::cast(shape_of(*field, program_, n_event))));
  }

  // Addresses of arrays on the device by name, of the layout above; common: of the couplings.
  void evaluate_device(std::size_t n_event, const py::dict& given, const py::dict& wanted, bool common,
                       std::uintptr_t stream) {
    Addresses<meb_input, const void*> in;
    Addresses<meb_output, void*> out;
    for (const auto& [name, address] : given) {
      const Field& named = find(inputs, name.cast<std::string>(), "inputs");
      in.add(common && named.key == MEB_INPUT_RUNNING_COUPLING ? running_couplings_common : named, program_, n_event,
             address.cast<std::uintptr_t>());
    }
    for (const auto& [name, address] : wanted)
      out.add(find(outputs, name.cast<std::string>(), "outputs"), program_, n_event, address.cast<std::uintptr_t>());
    locked([&](meb_error error) {
      return meb_engine_evaluate_device(error, handle_.get(), n_event, in.keys.size(), in.keys.data(),
                                        in.pointers.data(), in.sizes.data(), out.keys.size(), out.keys.data(),
                                        out.pointers.data(), out.sizes.data(), reinterpret_cast<void*>(stream));
    });
  }

private:
  // Runs a call without the GIL. Safe: the call touches no Python object, the arrays it reads and
  // writes are kept alive by the caller, and the mutex keeps other threads off this engine.
  template <class Call>
  void locked(Call&& call) {
    checked([&](meb_error error) {
      const py::gil_scoped_release released;
      const std::lock_guard lock(mutex_);
      return call(error);
    });
  }

  py::ssize_t add_inputs(const py::dict& given, Arrays<meb_input, const void*>& in) const {
    const py::array momenta = as_array("momenta", given["momenta"], Kind::real);
    const py::ssize_t n_event = momenta.ndim() > 0 ? momenta.shape(0) : -1;
    for (const auto& [name, object] : given) {
      const Field& named = find(inputs, name.cast<std::string>(), "inputs");
      const py::array array = as_array(named.name, object, named.kind);
      const bool common = named.key == MEB_INPUT_RUNNING_COUPLING && array.ndim() == 1;
      const Field& field = common ? running_couplings_common : named;
      const bool defines = field.key == MEB_INPUT_MOMENTA;
      if (shape_of(array) != shape_of(field, program_, n_event))
        reject(field.name, "shape " + text_of(shape_of(field, program_, defines ? -1 : n_event)),
               text_of(shape_of(array)));
      in.add(field, array, array.data());
    }
    return n_event;
  }

  py::dict add_outputs(const std::vector<std::string>& wanted, py::ssize_t n_event,
                       Arrays<meb_output, void*>& out) const {
    py::dict result;
    for (const std::string& name : wanted) {
      const Field& field = find(outputs, name, "outputs");
      py::array array(dtype_of(field.kind), shape_of(field, program_, n_event));
      out.add(field, array, array.mutable_data());
      result[field.name] = array;
    }
    return result;
  }

  const Program& program_;  // kept alive by keep_alive below
  EngineHandle handle_;
  std::mutex mutex_;
};

}  // namespace

void register_engine(py::module_& module) {
  module.def(
      "measure_peak",
      [](const std::string& backend, int precision) {
        double rate = 0;
        checked([&](meb_error error) {
          return meb_measure_peak(error, backend.c_str(), static_cast<meb_precision>(precision), &rate);
        });
        return rate;
      },
      py::arg("backend"), py::arg("precision"));
  py::class_<Engine>(module, "Engine")
      .def(py::init<const Program&, const std::string&, int>(), py::arg("program"), py::arg("backend"),
           py::arg("precision"), py::keep_alive<1, 2>())
      .def_property_readonly("backend", &Engine::backend)
      .def("set_threads", &Engine::set_threads, py::arg("n_thread"))
      .def("set_parameters", &Engine::set_parameters, py::arg("parameters"), py::arg("couplings"))
      .def("set_helicity_weights", &Engine::set_helicity_weights, py::arg("weights"))
      .def("counts", &Engine::counts)
      .def("operations", &Engine::operations, py::arg("with_amp2"))
      .def("evaluate", &Engine::evaluate, py::arg("inputs"), py::arg("outputs"), py::arg("repeat"))
      .def_property_readonly("description", &Engine::description)
      .def("layout", &Engine::layout, py::arg("name"), py::arg("n_event"), py::arg("common"))
      .def("evaluate_device", &Engine::evaluate_device, py::arg("n_event"), py::arg("inputs"), py::arg("outputs"),
           py::arg("common"), py::arg("stream"));
}

}  // namespace meb::python
