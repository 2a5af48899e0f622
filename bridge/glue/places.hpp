// Addresses and sizes of the directory's variables and procedures, as its accessor tells them.
#ifndef MEB_GLUE_PLACES_HPP
#define MEB_GLUE_PLACES_HPP

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace meb::glue {

using fortran_int = std::int32_t;

class Places {
public:
  void add(const std::string& name, void* address, std::size_t size) { places_[name] = {address, size}; }

  template <class T>
  T* find(const std::string& name) const {
    const auto entry = places_.find(name);
    return entry == places_.end() ? nullptr : static_cast<T*>(entry->second.address);
  }

  // A procedure; nullptr if the accessor was made without it.
  template <class Function>
  Function procedure(const std::string& name) const {
    return reinterpret_cast<Function>(find<void>(name));
  }

  std::size_t size(const std::string& name) const {
    const auto entry = places_.find(name);
    return entry == places_.end() ? 0 : entry->second.size;
  }

  fortran_int integer(const std::string& name, fortran_int otherwise = 0) const {
    const auto* value = find<fortran_int>(name);
    return value == nullptr ? otherwise : *value;
  }

private:
  struct Place {
    void* address;
    std::size_t size;
  };
  std::map<std::string, Place> places_;
};

}  // namespace meb::glue
#endif
