// BLAKE2b with 256 bits (RFC 7693), unkeyed.
#ifndef MEB_COMPILE_CACHE_HASH_HPP
#define MEB_COMPILE_CACHE_HASH_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace meb::compile_cache {

class Hash {
public:
  Hash();
  void add(std::string_view bytes);
  // The value so far. Nothing can be added after it.
  std::string finish();

private:
  void compress(bool is_last);

  std::array<std::uint64_t, 8> state_;
  std::array<unsigned char, 128> block_;
  std::size_t n_in_block_ = 0;
  std::uint64_t n_byte_ = 0;
};

// The 32 bytes of a hash.
std::string hash_of(std::string_view bytes);
std::string to_hex(std::string_view bytes);

}  // namespace meb::compile_cache
#endif
