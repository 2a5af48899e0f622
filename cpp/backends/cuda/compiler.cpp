#include "backends/cuda/compiler.hpp"

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "backends/cuda/device.hpp"
#include "backends/cuda/driver.hpp"
#include "engine/error.hpp"

namespace meb::cuda {
namespace {

struct Source {
  const char* name;
  const char* text;
};

constexpr Source sources[] = {
#include "cuda_sources.inc"
};

// FNV-1a, 128 bits as two of 64 with different starts.
class Digest {
public:
  void add(const std::string& text) {
    for (const char c : text + '\0') {
      a_ = (a_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
      b_ = (b_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u + (a_ >> 29);
    }
  }
  std::string text() const {
    char buffer[33];
    std::snprintf(buffer, sizeof buffer, "%016llx%016llx", static_cast<unsigned long long>(a_),
                  static_cast<unsigned long long>(b_));
    return buffer;
  }

private:
  std::uint64_t a_ = 0xcbf29ce484222325u, b_ = 0x84222325cbf29ce4u;
};

std::string compiler_version() {
  const Nvrtc* nvrtc = Nvrtc::find();
  int major = 0, minor = 0;
  if (nvrtc) nvrtc->version(&major, &minor);
  return nvrtc ? std::to_string(major) + "." + std::to_string(minor) : "";
}

// Where a gridpack may carry kernels: beside its library, see docs/cuda.md.
std::string carried_folder() {
  const char* folder = std::getenv("MEBRIDGE_CUDA_KERNELS");
  return folder ? folder : "";
}

std::vector<char> read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Whole or not at all, also if several jobs write it.
void write(const std::filesystem::path& path, const std::vector<char>& content) {
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  const std::filesystem::path part = path.string() + "." + std::to_string(getpid());
  {
    std::ofstream file(part, std::ios::binary);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!file.good()) {
      file.close();
      std::filesystem::remove(part, ignored);
      return;
    }
  }
  std::filesystem::rename(part, path, ignored);
}

std::vector<char> run_nvrtc(const Nvrtc& nvrtc, const std::string& file, const std::string& generated,
                            const std::vector<std::string>& options, const std::string& architecture) {
  std::vector<const char*> texts, names;
  const char* main = nullptr;
  for (const Source& s : sources) {
    texts.push_back(s.text);
    names.push_back(s.name);
    if (file == s.name) main = s.text;
  }
  texts.push_back(generated.c_str());
  names.push_back("generated.cuh");
  if (!main) throw Error(Status::internal, file + " is not in this library");
  Nvrtc::Program program = nullptr;
  nvrtc.create(&program, main, file.c_str(), static_cast<int>(texts.size()), texts.data(), names.data());
  std::vector<std::string> all = options;
  all.insert(all.end(), {"-std=c++20", "--gpu-architecture=" + architecture, "-lineinfo"});
  std::vector<const char*> pointers;
  for (const auto& o : all) pointers.push_back(o.c_str());
  const int result = nvrtc.compile(program, static_cast<int>(pointers.size()), pointers.data());
  std::size_t size = 0;
  if (result != 0) {
    nvrtc.log_size(program, &size);
    std::string log(size, ' ');
    nvrtc.log(program, log.data());
    nvrtc.destroy(&program);
    throw Error(Status::internal, "GPU: " + file + " does not compile: " + nvrtc.error_string(result) + "\n" + log);
  }
  nvrtc.cubin_size(program, &size);
  std::vector<char> cubin(size);
  nvrtc.cubin(program, cubin.data());
  nvrtc.destroy(&program);
  return cubin;
}

}  // namespace

std::string kernel_file(const KernelRequest& request) {
  if (request.n_outgoing > 0) return "backends/cuda/device/phase_space.cu";
  return request.thread_design ? "backends/cuda/device/thread.cu" : "backends/cuda/device/block.cu";
}

const char* kernel_name(const KernelRequest& request) {
  if (request.n_outgoing > 0) return "meb_phase_space";
  return request.thread_design ? "meb_thread" : "meb_block";
}

std::vector<std::string> kernel_options(const KernelRequest& request) {
  if (request.n_outgoing > 0)
    return {"-DMEB_THREADS=" + std::to_string(request.n_thread),
            "-DMEB_OUTGOING=" + std::to_string(request.n_outgoing)};
  std::vector<std::string> options = {"-DMEB_REAL=" + std::string(request.single ? "float" : "double"),
                                      "-DMEB_THREADS=" + std::to_string(request.n_thread),
                                      "-DMEB_BLOCKS=" + std::to_string(request.n_resident)};
  if (!request.thread_design) options.push_back("-DMEB_OPS=" + std::to_string(request.op_mask) + "u");
  return options;
}

std::string kernel_folder() {
  if (const char* folder = std::getenv("MEBRIDGE_CUDA_CACHE")) return folder;
  if (const char* cache = std::getenv("XDG_CACHE_HOME")) return std::string(cache) + "/mebridge/cuda";
  if (const char* home = std::getenv("HOME")) return std::string(home) + "/.cache/mebridge/cuda";
  return "";
}

std::vector<char> compile(const std::string& file, const std::string& generated,
                          const std::vector<std::string>& options, const std::string& architecture,
                          std::string folder) {
  Digest digest;
  for (const Source& s : sources) digest.add(s.text);
  digest.add(file);
  digest.add(generated);
  for (const auto& o : options) digest.add(o);
  const std::string content = digest.text() + "-" + architecture;
  // a carried kernel may come from another compiler than the one that is here
  if (const auto carried = carried_folder(); !carried.empty())
    if (auto cubin = read(carried + "/" + content + ".cubin"); !cubin.empty()) return cubin;
  const Nvrtc* nvrtc = Nvrtc::find();
  // those made for elsewhere must be found by any compiler
  const bool own = folder.empty();
  if (own) folder = kernel_folder();
  const std::string path =
      folder + "/" + content + (own ? std::string("-").append(compiler_version()) : std::string()) + ".cubin";
  if (!folder.empty())
    if (auto cubin = read(path); !cubin.empty()) return cubin;
  if (!nvrtc)
    throw Error(Status::unsupported,
                "backend 'cuda' is not usable here: NVRTC (libnvrtc.so, of the CUDA toolkit or "
                "pip install nvidia-cuda-nvrtc) is not found and no compiled kernel is kept; MEBRIDGE_NVRTC names it");
  auto cubin = run_nvrtc(*nvrtc, file, generated, options, architecture);
  if (!folder.empty()) write(path, cubin);
  return cubin;
}

}  // namespace meb::cuda
