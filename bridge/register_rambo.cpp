// bridge._core.Rambo: addresses and sizes; bridge.rambo checks the arrays behind them.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "register.hpp"

namespace py = pybind11;

namespace meb::python {
namespace {

using RamboHandle = Owned<meb_rambo, meb_rambo_delete>;

class Rambo {
public:
  Rambo(const std::string& backend, const std::vector<double>& incoming, const std::vector<double>& outgoing)
      : n_outgoing_(outgoing.size()), n_leg_(incoming.size() + outgoing.size()) {
    meb_rambo rambo = nullptr;
    checked([&](meb_error error) {
      return meb_rambo_new(error, backend.c_str(), incoming.size(), incoming.data(), outgoing.size(), outgoing.data(),
                           &rambo);
    });
    handle_.reset(rambo);
  }

  std::string backend() const {
    std::string text(meb_rambo_get_backend(handle_.get(), nullptr, 0), '\0');
    meb_rambo_get_backend(handle_.get(), text.data(), text.size());
    text.resize(text.size() - 1);
    return text;
  }

  void set_threads(std::size_t n_thread) {
    checked([&](meb_error error) { return meb_rambo_set_threads(error, handle_.get(), n_thread); });
  }

  // Addresses of C-contiguous arrays of double, alive during the call. on_device: of a GPU, used in the stream.
  void generate(std::size_t n_event, std::uintptr_t random, std::uintptr_t sqrt_s, std::size_t n_sqrt_s,
                std::uintptr_t momenta, std::uintptr_t weight, bool on_device, std::uintptr_t stream) {
    const auto* random_at = reinterpret_cast<const double*>(random);
    const auto* sqrt_s_at = reinterpret_cast<const double*>(sqrt_s);
    auto* momenta_at = reinterpret_cast<double*>(momenta);
    auto* weight_at = reinterpret_cast<double*>(weight);
    const std::size_t n_random = 4 * n_outgoing_ * n_event, n_momentum = 4 * n_leg_ * n_event;
    // Without the GIL: the call touches no Python object, and the mutex keeps other threads off this generator.
    checked([&](meb_error error) {
      const py::gil_scoped_release released;
      const std::lock_guard lock(mutex_);
      return on_device ? meb_rambo_generate_device(error, handle_.get(), n_event, random_at, n_random, sqrt_s_at,
                                                   n_sqrt_s, momenta_at, n_momentum, weight_at, n_event,
                                                   reinterpret_cast<void*>(stream))
                       : meb_rambo_generate(error, handle_.get(), n_event, random_at, n_random, sqrt_s_at, n_sqrt_s,
                                            momenta_at, n_momentum, weight_at, n_event);
    });
  }

private:
  std::size_t n_outgoing_, n_leg_;
  RamboHandle handle_;
  std::mutex mutex_;
};

}  // namespace

void register_rambo(py::module_& module) {
  py::class_<Rambo>(module, "Rambo")
      .def(py::init<const std::string&, const std::vector<double>&, const std::vector<double>&>(), py::arg("backend"),
           py::arg("incoming"), py::arg("outgoing"))
      .def_property_readonly("backend", &Rambo::backend)
      .def("set_threads", &Rambo::set_threads, py::arg("n_thread"))
      .def("generate", &Rambo::generate, py::arg("n_event"), py::arg("random"), py::arg("sqrt_s"), py::arg("n_sqrt_s"),
           py::arg("momenta"), py::arg("weight"), py::arg("on_device"), py::arg("stream"));
}

}  // namespace meb::python
