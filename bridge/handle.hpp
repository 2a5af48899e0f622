// Tables of live handles: a handle is looked up before it is used, never trusted.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "engine/error.hpp"

namespace meb::abi {

// The live objects of one handle type. A pointer that is not in the table (NULL, deleted, never
// initialised) is recognised without being read, which a magic number inside the object could not do.
template <class Object>
class Registry {
public:
  Object* add(std::unique_ptr<Object> object) {
    Object* handle = object.get();
    const std::lock_guard lock(mutex_);
    objects_.emplace(handle, std::move(object));
    return handle;
  }

  Object* find(const Object* handle) const {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(handle);
    return found == objects_.end() ? nullptr : found->second.get();
  }

  // Null if the handle is not live.
  std::unique_ptr<Object> remove(const Object* handle) {
    const std::lock_guard lock(mutex_);
    const auto node = objects_.extract(handle);
    return node.empty() ? nullptr : std::move(node.mapped());
  }

private:
  mutable std::mutex mutex_;
  std::unordered_map<const Object*, std::unique_ptr<Object>> objects_;
};

// Never destroyed: the caller's own static destructors may still use handles.
template <class Object>
Registry<Object>& registry() {
  static auto* const table = new Registry<Object>;
  return *table;
}

// The object behind a handle; `what` names it in the message ("program").
template <class Object>
Object& live(Object* handle, const char* what) {
  if (handle == nullptr) throw Error(Status::argument, std::string(what) + ": the handle is NULL");
  Object* object = registry<Object>().find(handle);
  if (object == nullptr)
    throw Error(Status::argument, std::string(what) + ": the handle was deleted or never initialised");
  return *object;
}

}  // namespace meb::abi
