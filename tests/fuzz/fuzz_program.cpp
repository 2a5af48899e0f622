// Damages Programs and loads them: fuzz_program N_ITERATION SEED_FILE...
//
// Whatever the bytes, the loader must refuse them or give a Program that evaluates without touching
// memory it does not own: run it under the address and undefined-behaviour sanitizers. The random
// numbers have a fixed seed, so that a failure comes back; the offending Program is left in
// fuzz_last.meb. LLVMFuzzerTestOneInput serves libFuzzer, with -DMEB_LIBFUZZER.
#include <mebridge/mebridge.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;

// Header of a Program file: magic (8), version (4), CRC-32 of the rest (4).
constexpr std::size_t checksum_at = 12, header_size = 16;

std::size_t size_of(meb_program program, meb_size key) {
  std::size_t value = 0;
  if (meb_program_get_size(nullptr, program, key, &value) != MEB_SUCCESS) std::abort();
  return value;
}

std::uint32_t crc32(const Bytes& bytes, std::size_t from) {
  std::uint32_t crc = ~0u;
  for (std::size_t i = from; i < bytes.size(); ++i) {
    crc ^= bytes[i];
    for (int k = 0; k < 8; ++k) crc = (crc >> 1) ^ (0xedb88320u & (~(crc & 1u) + 1u));
  }
  return ~crc;
}

// Without it the checksum would stop nearly every damaged Program at the door.
void repair_checksum(Bytes& bytes) {
  if (bytes.size() < header_size) return;
  const std::uint32_t crc = crc32(bytes, header_size);
  std::memcpy(bytes.data() + checksum_at, &crc, sizeof crc);
}

// Reads all that a Program tells about itself.
void read_all(meb_program program) {
  std::vector<std::int32_t> helicity(size_of(program, MEB_SIZE_HELICITY) * size_of(program, MEB_SIZE_LEG));
  meb_program_get_helicities(nullptr, program, helicity.data(), helicity.size());
  for (int list = MEB_NAME_PROCESS; list <= MEB_NAME_CUSTOM_FUNCTION; ++list) {
    std::array<char, 64> name;
    std::size_t size = 0;
    for (std::size_t i = 0; i < 1000; ++i)
      if (meb_program_get_name(nullptr, program, static_cast<meb_name>(list), i, name.data(), name.size(), &size) !=
          MEB_SUCCESS)
        break;
  }
}

// Evaluates a few events with every output.
void evaluate(meb_engine engine, meb_program program) {
  constexpr std::size_t n_event = 5;
  const auto extent = [&](meb_size key) { return n_event * size_of(program, key); };
  const std::size_t n_running = size_of(program, MEB_SIZE_RUNNING_COUPLING);
  const std::vector<double> momenta(4 * extent(MEB_SIZE_LEG), 10.0), running(2 * n_running + 1, 0.5);
  const std::vector<double> random(n_event, 0.5);
  const meb_input input_key[] = {MEB_INPUT_MOMENTA, MEB_INPUT_RUNNING_COUPLING_COMMON, MEB_INPUT_RANDOM_HELICITY,
                                 MEB_INPUT_RANDOM_COLOR};
  const void* const input[] = {momenta.data(), running.data(), random.data(), random.data()};
  const std::size_t input_size[] = {momenta.size(), 2 * n_running, n_event, n_event};

  std::vector<double> me(n_event), jamp2(extent(MEB_SIZE_COLOR_FLOW) + 1), amp2(extent(MEB_SIZE_DIAGRAM) + 1),
      by_helicity(extent(MEB_SIZE_HELICITY));
  std::vector<std::int32_t> helicity(n_event), flow(n_event), flag(n_event);
  const meb_output output_key[] = {MEB_OUTPUT_MATRIX_ELEMENT, MEB_OUTPUT_HELICITY, MEB_OUTPUT_COLOR_FLOW,
                                   MEB_OUTPUT_JAMP2,          MEB_OUTPUT_AMP2,     MEB_OUTPUT_MATRIX_ELEMENT_BY_HELICITY,
                                   MEB_OUTPUT_FLAG};
  void* const output[] = {me.data(),   helicity.data(),    flow.data(), jamp2.data(),
                          amp2.data(), by_helicity.data(), flag.data()};
  const std::size_t output_size[] = {n_event,         n_event,            n_event, jamp2.size() - 1,
                                     amp2.size() - 1, by_helicity.size(), n_event};
  meb_engine_evaluate(nullptr, engine, n_event, 4, input_key, input, input_size, 7, output_key, output, output_size);
}

void run(meb_program program) {
  // Larger ones are legitimate but slow under the sanitizers.
  if (size_of(program, MEB_SIZE_HELICITY) > 4096) return;
  meb_engine engine = nullptr;
  if (meb_engine_new(nullptr, program, "scalar", MEB_PRECISION_DOUBLE, &engine) != MEB_SUCCESS) return;
  const std::size_t n_parameter = size_of(program, MEB_SIZE_PARAMETER);
  const std::size_t n_coupling = size_of(program, MEB_SIZE_COUPLING);
  const std::vector<double> parameter(n_parameter + 1, 1.0), coupling(2 * n_coupling + 1, 0.5);
  if (meb_engine_set_parameters(nullptr, engine, parameter.data(), n_parameter, coupling.data(), n_coupling) ==
      MEB_SUCCESS)
    evaluate(engine, program);
  meb_engine_delete(&engine);
}

// True if the loader took the bytes.
bool load(const Bytes& bytes) {
  meb_program program = nullptr;
  const meb_status status = meb_program_new_from_memory(nullptr, bytes.data(), bytes.size(), &program);
  if (status == MEB_ERROR_INTERNAL) std::abort();
  if (status != MEB_SUCCESS) return false;
  read_all(program);
  run(program);
  meb_program_delete(&program);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, data + size);
  repair_checksum(bytes);
  load(bytes);
  return 0;
}

#ifndef MEB_LIBFUZZER
namespace {

class Mutator {
public:
  Bytes operator()(Bytes bytes) {
    const std::size_t n = 1 + below(4);
    for (std::size_t i = 0; i < n && !bytes.empty(); ++i) change(bytes);
    if (below(8) != 0) repair_checksum(bytes);
    return bytes;
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

private:
  void change(Bytes& bytes) {
    const std::size_t at = below(bytes.size());
    switch (below(7)) {
      case 0: bytes[at] ^= static_cast<std::uint8_t>(1u << below(8)); break;
      case 1: bytes[at] = static_cast<std::uint8_t>(below(256)); break;
      case 2:
      case 3: overwrite(bytes, at); break;
      case 4: bytes.resize(at); break;
      case 5: bytes.erase(bytes.begin() + offset(at), bytes.begin() + offset(std::min(bytes.size(), at + below(64)))); break;
      default: copy(bytes, at); break;
    }
  }
  // A 32-bit number that is likely to overflow something, or to be a valid index.
  void overwrite(Bytes& bytes, std::size_t at) {
    constexpr std::array<std::uint32_t, 10> numbers{0,          1,          2,          3,          0x7f,
                                                    0xffff,     0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    const std::uint32_t number = below(2) != 0 ? numbers[below(numbers.size())] : static_cast<std::uint32_t>(below(64));
    at &= ~std::size_t{3};
    std::memcpy(bytes.data() + at, &number, std::min(sizeof number, bytes.size() - at));
  }
  void copy(Bytes& bytes, std::size_t at) {
    const std::size_t n = std::min(below(64), bytes.size() - at);
    const Bytes chunk(bytes.begin() + offset(at), bytes.begin() + offset(at + n));
    bytes.insert(bytes.begin() + offset(below(bytes.size())), chunk.begin(), chunk.end());
  }
  static std::ptrdiff_t offset(std::size_t at) { return static_cast<std::ptrdiff_t>(at); }

  std::mt19937_64 random_{20240229};
};

Bytes read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

void save(const Bytes& bytes) {
  std::ofstream("fuzz_last.meb", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s N_ITERATION SEED_FILE...\n", argv[0]);
    return EXIT_FAILURE;
  }
  const long n_iteration = std::strtol(argv[1], nullptr, 10);
  std::vector<Bytes> seeds;
  for (int i = 2; i < argc; ++i) {
    seeds.push_back(read_file(argv[i]));
    if (!load(seeds.back())) {
      std::fprintf(stderr, "%s: not a Program\n", argv[i]);
      return EXIT_FAILURE;
    }
  }
  Mutator mutate;
  long n_taken = 0;
  for (long i = 0; i < n_iteration; ++i) {
    const Bytes bytes = mutate(seeds[mutate.below(seeds.size())]);
    save(bytes);
    n_taken += load(bytes) ? 1 : 0;
  }
  std::remove("fuzz_last.meb");
  std::printf("%ld damaged Programs, %ld loaded and evaluated, the others refused\n", n_iteration, n_taken);
  return EXIT_SUCCESS;
}
#endif
