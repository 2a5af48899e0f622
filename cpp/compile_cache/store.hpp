// Results of compilations in a folder: one file for each, named by its key.
//
// A file appears whole or not at all, and carries a digest of all its bytes: a damaged one is
// removed and counts as not there. Several programs may use the folder at the same time.
#ifndef MEB_COMPILE_CACHE_STORE_HPP
#define MEB_COMPILE_CACHE_STORE_HPP

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace meb::compile_cache {

struct Result {
  std::string object;
  // Of Fortran modules, by the name of their file.
  std::map<std::string, std::string> modules;
  std::string out, err;
};

class Store {
public:
  // Raises Plain if the folder cannot be made.
  Store(std::string folder, std::uint64_t n_byte_most);

  std::optional<Result> find(const std::string& key) const;
  // Keeps it if that is possible, then removes those not used for longest if there is no room.
  void keep(const std::string& key, const Result& result) const;

private:
  std::string temporary() const;
  std::string path_of(const std::string& key) const;
  void make_room(const std::string& folder) const;

  std::string folder_;
  std::uint64_t n_byte_most_;
};

}  // namespace meb::compile_cache
#endif
