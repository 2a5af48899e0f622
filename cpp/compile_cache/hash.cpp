#include "compile_cache/hash.hpp"

#include <algorithm>
#include <cstring>

namespace meb::compile_cache {
namespace {

constexpr std::size_t SIZE = 32;
constexpr std::array<std::uint64_t, 8> START = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                                0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                                0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
constexpr unsigned char ORDER[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

std::uint64_t rotate(std::uint64_t x, int n) { return x >> n | x << (64 - n); }

std::uint64_t load(const unsigned char* bytes) {
  std::uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | bytes[i];
  return value;
}

void mix(std::uint64_t& a, std::uint64_t& b, std::uint64_t& c, std::uint64_t& d, std::uint64_t x, std::uint64_t y) {
  a += b + x;
  d = rotate(d ^ a, 32);
  c += d;
  b = rotate(b ^ c, 24);
  a += b + y;
  d = rotate(d ^ a, 16);
  c += d;
  b = rotate(b ^ c, 63);
}

}  // namespace

Hash::Hash() : state_(START), block_{} { state_[0] ^= 0x01010000 ^ SIZE; }

void Hash::compress(bool is_last) {
  std::uint64_t m[16], v[16];
  for (int i = 0; i < 16; ++i) m[i] = load(&block_[8 * i]);
  std::copy(state_.begin(), state_.end(), v);
  std::copy(START.begin(), START.end(), v + 8);
  v[12] ^= n_byte_;
  if (is_last) v[14] = ~v[14];
  for (int round = 0; round < 12; ++round) {
    const unsigned char* s = ORDER[round % 10];
    mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
    mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
    mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
    mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
    mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
    mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
    mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
    mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
  }
  for (int i = 0; i < 8; ++i) state_[i] ^= v[i] ^ v[i + 8];
}

void Hash::add(std::string_view bytes) {
  while (!bytes.empty()) {
    if (n_in_block_ == block_.size()) {  // only now: the last block is compressed in finish()
      compress(false);
      n_in_block_ = 0;
    }
    const std::size_t n = std::min(bytes.size(), block_.size() - n_in_block_);
    std::memcpy(&block_[n_in_block_], bytes.data(), n);
    n_in_block_ += n;
    n_byte_ += n;
    bytes.remove_prefix(n);
  }
}

std::string Hash::finish() {
  std::fill(block_.begin() + n_in_block_, block_.end(), 0);
  compress(true);
  std::string value;
  for (std::size_t i = 0; i < SIZE; ++i) value += static_cast<char>(state_[i / 8] >> (8 * (i % 8)) & 0xff);
  return value;
}

std::string hash_of(std::string_view bytes) {
  Hash hash;
  hash.add(bytes);
  return hash.finish();
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  for (const unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace meb::compile_cache
