#include "compile_cache/store.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <string_view>
#include <vector>

#include "compile_cache/files.hpp"
#include "compile_cache/hash.hpp"

namespace meb::compile_cache {
namespace {

constexpr std::string_view MAGIC = "mebridge compiled 1\n";
constexpr std::size_t N_DIGEST = 32;
constexpr int N_FOLDER = 16;
constexpr std::time_t HOUR = 3600;

void put(std::string& to, std::string_view bytes) {
  std::uint64_t n = bytes.size();
  for (int i = 0; i < 8; ++i, n >>= 8) to += static_cast<char>(n & 0xff);
  to += bytes;
}

// Reads what `put` has written. The digest has been checked: no length is wrong.
std::string take(std::string_view& from) {
  std::uint64_t n = 0;
  for (int i = 7; i >= 0; --i) n = n << 8 | static_cast<unsigned char>(from[static_cast<std::size_t>(i)]);
  from.remove_prefix(8);
  std::string bytes(from.substr(0, n));
  from.remove_prefix(n);
  return bytes;
}

std::string pack(const std::string& key, const Result& result) {
  std::string data(MAGIC);
  put(data, key);
  put(data, result.object);
  put(data, result.out);
  put(data, result.err);
  for (const auto& [name, bytes] : result.modules) {
    put(data, name);
    put(data, bytes);
  }
  return data + hash_of(data);
}

std::optional<Result> unpack(const std::string& key, std::string_view data) {
  if (data.size() < MAGIC.size() + N_DIGEST || data.substr(0, MAGIC.size()) != MAGIC) return std::nullopt;
  const std::string_view digest = data.substr(data.size() - N_DIGEST);
  data.remove_suffix(N_DIGEST);
  if (hash_of(data) != digest) return std::nullopt;
  data.remove_prefix(MAGIC.size());
  if (take(data) != key) return std::nullopt;
  Result result;
  result.object = take(data);
  result.out = take(data);
  result.err = take(data);
  while (!data.empty()) {
    const std::string name = take(data);
    result.modules[name] = take(data);
  }
  return result;
}

struct File {
  std::string path;
  std::uint64_t n_byte;
  std::time_t used;
};

std::vector<File> files_in(const std::string& folder) {
  std::vector<File> files;
  DIR* const stream = opendir(folder.c_str());
  if (stream == nullptr) return files;
  while (const dirent* entry = readdir(stream)) {
    const std::string path = folder + '/' + entry->d_name;
    struct stat info;
    if (lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode))
      files.push_back({path, static_cast<std::uint64_t>(info.st_size), info.st_mtime});
  }
  closedir(stream);
  return files;
}

// Those that a compilation left that was killed.
void remove_old(const std::string& folder) {
  for (const File& file : files_in(folder)) {
    if (file.used + HOUR < std::time(nullptr)) unlink(file.path.c_str());
  }
}

}  // namespace

Store::Store(std::string folder, std::uint64_t n_byte_most) : folder_(std::move(folder)), n_byte_most_(n_byte_most) {
  if (!make_folders(folder_ + "/new")) throw Plain{folder_ + " cannot be made"};
}

std::string Store::path_of(const std::string& key) const {
  const std::string name = to_hex(key);
  return folder_ + '/' + name.substr(0, 1) + '/' + name.substr(1);
}

std::string Store::temporary() const {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return folder_ + "/new/" + std::to_string(getpid()) + '-' + std::to_string(now.tv_sec) + '-' +
         std::to_string(now.tv_nsec);
}

std::optional<Result> Store::find(const std::string& key) const {
  const std::string path = path_of(key);
  try {
    const std::optional<std::string> data = read_if_there(path);
    if (!data) return std::nullopt;
    std::optional<Result> result = unpack(key, *data);
    if (result) {
      utimensat(AT_FDCWD, path.c_str(), nullptr, 0);  // used now
    } else {
      unlink(path.c_str());
    }
    return result;
  } catch (const Plain&) {
    return std::nullopt;
  }
}

void Store::keep(const std::string& key, const Result& result) const {
  const std::string path = path_of(key), temporary_path = temporary();
  const std::string folder = path.substr(0, path.find_last_of('/'));
  if (!make_folders(folder) || !write_file(temporary_path, pack(key, result), 0600)) return;
  if (rename(temporary_path.c_str(), path.c_str()) != 0) unlink(temporary_path.c_str());
  make_room(folder);
}

void Store::make_room(const std::string& folder) const {
  std::vector<File> files = files_in(folder);
  const std::uint64_t n_most = n_byte_most_ / N_FOLDER;
  std::uint64_t n_byte = 0;
  for (const File& file : files) n_byte += file.n_byte;
  if (n_byte <= n_most) return;
  remove_old(folder_ + "/new");
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.used < b.used; });
  for (const File& file : files) {
    if (n_byte <= n_most - n_most / 8) break;
    if (unlink(file.path.c_str()) == 0) n_byte -= file.n_byte;
  }
}

}  // namespace meb::compile_cache
