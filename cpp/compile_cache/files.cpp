#include "compile_cache/files.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

extern char** environ;

namespace meb::compile_cache {
namespace {

class Descriptor {
public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return value_; }

private:
  int value_;
};

bool read_all(int descriptor, std::string& data) {
  struct stat info;
  if (fstat(descriptor, &info) != 0) return false;
  data.reserve(static_cast<std::size_t>(info.st_size) + 1);
  char buffer[65536];
  for (;;) {
    const ssize_t n = read(descriptor, buffer, sizeof buffer);
    if (n == 0) return true;
    if (n > 0) {
      data.append(buffer, static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      return false;
    }
  }
}

bool write_all(int descriptor, std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = write(descriptor, data.data(), data.size());
    if (n >= 0) {
      data.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

std::string stamp(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  return path + ' ' + std::to_string(info.st_size) + ' ' + std::to_string(info.st_mtim.tv_sec) + '.' +
         std::to_string(info.st_mtim.tv_nsec) + '\n';
}

}  // namespace

std::optional<std::string> read_if_there(const std::string& path) {
  const Descriptor descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (descriptor < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw Plain{path + " cannot be read"};
  }
  struct stat info;
  std::string data;
  if (fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) throw Plain{path + " is not a file"};
  if (!read_all(descriptor, data)) throw Plain{path + " cannot be read"};
  return data;
}

std::string read_file(const std::string& path) {
  std::optional<std::string> data = read_if_there(path);
  if (!data) throw Plain{path + " is not there"};
  return std::move(*data);
}

bool write_file(const std::string& path, std::string_view data, mode_t mode) {
  const std::string temporary = path + ".mebridge-" + std::to_string(getpid());
  {
    const Descriptor descriptor(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (descriptor < 0) return false;
    if (!write_all(descriptor, data)) {
      unlink(temporary.c_str());
      return false;
    }
  }
  if (rename(temporary.c_str(), path.c_str()) == 0) return true;
  unlink(temporary.c_str());
  return false;
}

bool is_folder(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool make_folders(const std::string& path) {
  if (is_folder(path)) return true;
  const std::size_t slash = path.find_last_of('/');
  if (slash != std::string::npos && slash > 0 && !make_folders(path.substr(0, slash))) return false;
  return mkdir(path.c_str(), 0700) == 0 || errno == EEXIST;
}

std::string stamp_of_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return stamp(name);
  const char* path = std::getenv("PATH");
  std::string_view rest = path ? path : "";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const std::string candidate = std::string(rest.substr(0, end)) + '/' + name;
    if (end > 0 && access(candidate.c_str(), X_OK) == 0) {
      if (std::string result = stamp(candidate); !result.empty()) return result;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

Output run(const std::vector<std::string>& command) {
  const Descriptor out(memfd_create("out", MFD_CLOEXEC)), err(memfd_create("err", MFD_CLOEXEC));
  posix_spawn_file_actions_t actions;
  if (out < 0 || err < 0 || posix_spawn_file_actions_init(&actions) != 0) throw Plain{"no memory"};
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  pid_t child = 0;
  const int error = posix_spawnp(&child, command[0].c_str(), &actions, nullptr, pointers(command).data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw Plain{command[0] + " cannot be run"};
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw Plain{"the compiler was lost"};
  }
  Output output;
  output.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (lseek(out, 0, SEEK_SET) != 0 || lseek(err, 0, SEEK_SET) != 0 || !read_all(out, output.out) ||
      !read_all(err, output.err))
    throw Plain{"what the compiler said was lost"};
  return output;
}

void become(const std::vector<std::string>& command) { execvp(command[0].c_str(), pointers(command).data()); }

}  // namespace meb::compile_cache
