// mebridge_compile COMPILER ARGUMENTS...: does what the compiler does, from a cache if it can.
//
// A compilation that went well is kept under a key of everything that it depends on (sources.hpp,
// compiler.hpp). Where anything is not understood, or goes wrong, the compiler simply takes the
// place of this program, with the arguments as they were given.
//
//   mebridge_compile --probe   prints its own path if it can be used in makefiles
//
// MEBRIDGE_COMPILE_CACHE        folder of the cache, or 0: no cache
// MEBRIDGE_COMPILE_CACHE_SIZE   its largest size in MB
// MEBRIDGE_COMPILE_LOG          file to which one line is added for each call
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "compile_cache/arguments.hpp"
#include "compile_cache/compiler.hpp"
#include "compile_cache/files.hpp"
#include "compile_cache/sources.hpp"
#include "compile_cache/store.hpp"

namespace meb::compile_cache {
namespace {

constexpr std::uint64_t DEFAULT_SIZE = 1000, MB = 1000000;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string cache_folder() {
  const std::string chosen = variable("MEBRIDGE_COMPILE_CACHE");
  if (chosen == "0") throw Plain{"the cache is switched off"};
  if (!chosen.empty() && chosen != "1") {
    if (chosen[0] != '/') throw Plain{"MEBRIDGE_COMPILE_CACHE is no absolute path"};
    return chosen;
  }
  std::string base = variable("XDG_CACHE_HOME");
  if (base.empty() || base[0] != '/') base = variable("HOME") + "/.cache";
  if (base[0] != '/' || base == "/.cache") throw Plain{"there is no home folder"};
  return base + "/mebridge/compile";
}

std::uint64_t cache_size() {
  const std::uint64_t size = std::strtoull(variable("MEBRIDGE_COMPILE_CACHE_SIZE").c_str(), nullptr, 10);
  return (size > 0 && size < 1000 * MB ? size : DEFAULT_SIZE) * MB;
}

// Never an error: it must not disturb a compilation.
void log(const std::string& what, const std::vector<std::string>& command) {
  const std::string name = variable("MEBRIDGE_COMPILE_LOG");
  if (name.empty()) return;
  std::string line = what + " |";
  for (const std::string& word : command) line += ' ' + word;
  line += '\n';
  const int descriptor = open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor < 0) return;
  if (write(descriptor, line.data(), line.size()) < 0) errno = 0;
  close(descriptor);
}

bool shows_colors() {
  const std::string terminal = variable("TERM");
  return isatty(STDERR_FILENO) != 0 && !terminal.empty() && terminal != "dumb";
}

std::string key_of(const Arguments& arguments, Sources& sources) {
  Hash hash;
  hash.add("mebridge compile cache 1 ");
  for (const std::string& option : arguments.options) hash.add(hash_of(option));
  hash.add(shows_colors() ? "in color " : "plain ");
  add_environment(hash);
  add_compiler(arguments, hash);
  sources.add_to(hash);
  return hash.finish();
}

mode_t file_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

// Objects are new each time; a module is left alone if it stays the same, as by gfortran.
void put_in_place(const Arguments& arguments, const Result& result) {
  for (const auto& [name, bytes] : result.modules) {
    if (read_if_there(name) != bytes && !write_file(name, bytes, file_mode())) throw Plain{name + " cannot be written"};
  }
  if (!write_file(arguments.output, result.object, file_mode())) throw Plain{"the output cannot be written"};
}

void say(const Result& result) {
  std::fwrite(result.out.data(), 1, result.out.size(), stdout);
  std::fflush(stdout);
  std::fwrite(result.err.data(), 1, result.err.size(), stderr);
}

// Keeps others from writing the same modules meanwhile.
void lock_source(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 || flock(descriptor, LOCK_EX | LOCK_NB) != 0) throw Plain{"the source is being compiled"};
}

void add_modules(const Sources& sources, Result& result) {
  for (const std::string& name : sources.modules()) result.modules[name + ".mod"] = read_file(name + ".mod");
  for (const std::string& name : sources.modules()) {
    if (access((name + ".smod").c_str(), F_OK) == 0) throw Plain{"a module with submodules"};
  }
  for (const std::string& name : sources.perhaps_modules()) {
    if (access((name + ".mod").c_str(), F_OK) == 0) throw Plain{"a MODULE that is not understood"};
  }
}

// The object is made under a name that nobody else writes; modules where they belong, since the rest
// of the source may read them. Raises Plain if the compiler fails: it is then run again, as it was asked to.
Result compile(const Arguments& arguments, const Sources& sources) {
  const std::string object = arguments.output + ".mebridge-" + std::to_string(getpid());
  std::vector<std::string> command = {arguments.compiler, "-c"};
  if (shows_colors()) command.push_back("-fdiagnostics-color=always");
  command.insert(command.end(), arguments.options.begin(), arguments.options.end());
  command.insert(command.end(), {"-o", object});
  Output output = run(command);
  Result result;
  result.out = std::move(output.out);
  result.err = std::move(output.err);
  std::optional<std::string> data;
  if (output.status == 0) data = read_if_there(object);
  unlink(object.c_str());
  if (!data) throw Plain{"the compiler failed"};
  result.object = std::move(*data);
  add_modules(sources, result);
  return result;
}

void compile_cached(const std::vector<std::string>& command) {
  const Arguments arguments = understand(command);
  struct stat info;
  if (lstat(arguments.output.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) throw Plain{"the output is no file"};
  const Store store(cache_folder(), cache_size());
  Sources sources(arguments);
  const std::string key = key_of(arguments, sources);
  if (const std::optional<Result> result = store.find(key)) {
    put_in_place(arguments, *result);
    say(*result);
    return log("cached", command);
  }
  if (!sources.modules().empty()) lock_source(arguments.source);
  const Result result = compile(arguments, sources);
  put_in_place(arguments, result);
  say(result);
  // What was read may have changed meanwhile.
  Sources again(arguments);
  if (key_of(arguments, again) == key) store.keep(key, result);
  log("compiled", command);
}

int probe() {
  char path[4096];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof path);
  if (n <= 0 || n == static_cast<ssize_t>(sizeof path)) return 1;
  const std::string name(path, static_cast<std::size_t>(n));
  // Neither make nor the shell must take it for more than one word.
  const bool is_plain =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+@,-") ==
      std::string::npos;
  if (is_plain) std::puts(name.c_str());
  return is_plain ? 0 : 1;
}

int run_main(std::vector<std::string> command) {
  if (command.empty()) {
    std::fputs("usage: mebridge_compile COMPILER ARGUMENTS...\n", stderr);
    return 2;
  }
  if (command[0] == "--probe") return probe();
  try {
    compile_cached(command);
    return 0;
  } catch (const Plain& plain) {
    log("plain (" + plain.reason + ")", command);
  } catch (const std::exception& error) {
    log(std::string("plain (") + error.what() + ")", command);
  }
  become(command);
  std::fprintf(stderr, "%s: %s\n", command[0].c_str(), std::strerror(errno));
  return 127;
}

}  // namespace
}  // namespace meb::compile_cache

int main(int argc, char** argv) { return meb::compile_cache::run_main({argv + 1, argv + argc}); }
