#include "fortran_format.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace meb::text {
namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr int lowest_power = -330, highest_power = 350;

// 10^k = mantissa x 2^exponent, with the mantissa's highest bit set, cut off below.
struct Power {
  std::uint64_t mantissa;
  int exponent;
};

class Powers {
public:
  Powers() {
    // Each step multiplies or divides by ten and loses less than one unit of 2^-127: after
    // 350 steps still less than 2^-118, far below the 64 bits kept.
    Wide mantissa = Wide{1} << 127;
    int exponent = -127;
    for (int k = 0; k <= highest_power; ++k) {
      keep(k, mantissa, exponent);
      // times 10 = times 1.25 times 8
      const Wide sum = mantissa + (mantissa >> 2);
      exponent += 3;
      if (sum < mantissa) {
        mantissa = (sum >> 1) | (Wide{1} << 127);
        ++exponent;
      } else {
        mantissa = sum;
      }
    }
    mantissa = Wide{1} << 127;
    exponent = -127;
    for (int k = 0; k >= lowest_power; --k) {
      keep(k, mantissa, exponent);
      const Wide quotient = mantissa / 10, rest = mantissa % 10;
      const int shift = (quotient >> 124) != 0 ? 3 : 4;
      mantissa = (quotient << shift) + (rest << shift) / 10;
      exponent -= shift;
    }
  }

  const Power& operator[](int k) const { return table_[k - lowest_power]; }

private:
  void keep(int k, Wide mantissa, int exponent) {
    table_[k - lowest_power] = {static_cast<std::uint64_t>(mantissa >> 64), exponent + 64};
  }

  Power table_[highest_power - lowest_power + 1];
};

const Powers& powers() {
  static const Powers table;
  return table;
}

constexpr std::uint64_t tens[] = {1ull,
                                  10ull,
                                  100ull,
                                  1000ull,
                                  10000ull,
                                  100000ull,
                                  1000000ull,
                                  10000000ull,
                                  100000000ull,
                                  1000000000ull,
                                  10000000000ull,
                                  100000000000ull,
                                  1000000000000ull,
                                  10000000000000ull,
                                  100000000000000ull,
                                  1000000000000000ull,
                                  10000000000000000ull,
                                  100000000000000000ull};
constexpr int most_digits = 13;  // of the fast way

Decimal exact_decimal(double value, int n_digit) {
  char text[40];
  const auto end =
      std::to_chars(text, text + sizeof text, std::fabs(value), std::chars_format::scientific, n_digit - 1);
  Decimal result;
  const char* c = text;
  for (; *c != 'e'; ++c)
    if (*c != '.') result.digits = 10 * result.digits + static_cast<unsigned>(*c - '0');
  *end.ptr = 0;
  result.exponent = std::atoi(c + 1) + 1;
  return result;
}

// mantissa x 2^exponent x 10^k, cut off to a whole number, and the 64 bits after the point.
bool scaled(std::uint64_t mantissa, int exponent, int k, std::uint64_t& whole, std::uint64_t& fraction) {
  const Power& power = powers()[k];
  const Wide product = static_cast<Wide>(mantissa) * power.mantissa;
  const int shift = -(exponent + power.exponent);  // bits after the point
  if (shift < 65 || shift > 126) return false;
  whole = static_cast<std::uint64_t>(product >> shift);
  fraction = static_cast<std::uint64_t>(product >> (shift - 64));
  return true;
}

char* stars(char* to, int width) {
  std::memset(to, '*', static_cast<std::size_t>(width));
  return to + width;
}

char* right(char* to, const char* text, int length, int width) {
  if (length > width) return stars(to, width);
  std::memset(to, ' ', static_cast<std::size_t>(width - length));
  std::memcpy(to + width - length, text, static_cast<std::size_t>(length));
  return to + width;
}

char* write_not_finite(char* to, double value, int width) {
  if (std::isnan(value)) return right(to, "NaN", 3, width);
  const bool negative = std::signbit(value);
  if (width > 8 || (width == 8 && !negative))
    return negative ? right(to, "-Infinity", 9, width) : right(to, "Infinity", 8, width);
  return negative ? right(to, "-Inf", 4, width) : right(to, "Inf", 3, width);
}

// n digits of a number below 10^n
inline void put_digits(char* to, std::uint64_t number, int n) {
  static const char pairs[] =
      "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243"
      "4445464748495051525354555657585960616263646566676869707172737475767778798081828384858687"
      "888990919293949596979899";
  while (n >= 2) {
    n -= 2;
    std::memcpy(to + n, pairs + 2 * (number % 100), 2);
    number /= 100;
  }
  if (n == 1) *to = static_cast<char>('0' + number % 10);
}

}  // namespace

Decimal to_decimal(double value, int n_digit) {
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const int biased = static_cast<int>((bits >> 52) & 0x7ff);
  if (biased == 0 || n_digit > most_digits) return exact_decimal(value, n_digit);
  const std::uint64_t mantissa = (std::uint64_t{1} << 63) | ((bits << 12) >> 1);
  const int exponent = biased - 1023 - 63;
  // floor(log10(2^e)) or one less than the wanted floor(log10(value)).
  int magnitude = static_cast<int>((static_cast<std::int64_t>(biased - 1023) * 78913) >> 18);
  for (int attempt = 0; attempt < 2; ++attempt, ++magnitude) {
    std::uint64_t whole, fraction;
    if (!scaled(mantissa, exponent, n_digit - 1 - magnitude, whole, fraction)) break;
    if (whole >= tens[n_digit]) continue;
    // The product lacks less than 2^-62 of itself: less than 2^-16 of a digit, up to 13 digits.
    constexpr std::uint64_t half = std::uint64_t{1} << 63, margin = std::uint64_t{1} << 48;
    if (fraction > half - margin && fraction < half + margin) break;
    if (fraction > ~margin || (whole < tens[n_digit - 1])) break;
    whole += fraction >> 63;
    if (whole == tens[n_digit]) return {tens[n_digit - 1], magnitude + 2};
    return {whole, magnitude + 1};
  }
  return exact_decimal(value, n_digit);
}

double from_decimal(std::uint64_t digits, int exponent) {
  static const double exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  // Both are exact, so that one operation rounds once (Clinger, PLDI 1990).
  if (exponent >= 0 && exponent <= 22) return static_cast<double>(digits) * exact[exponent];
  if (exponent < 0 && exponent >= -22) return static_cast<double>(digits) / exact[-exponent];
  char text[40];
  char* end = std::to_chars(text, text + 24, digits).ptr;
  *end++ = 'e';
  end = std::to_chars(end, text + sizeof text, exponent).ptr;
  double value = 0;
  if (std::from_chars(text, end, value).ec == std::errc::result_out_of_range) value = exponent < 0 ? 0 : HUGE_VAL;
  return value;
}

double through_decimal(double value, int n_digit) {
  if (value == 0) return value;
  const Decimal decimal = to_decimal(value, n_digit);
  return std::copysign(from_decimal(decimal.digits, decimal.exponent - n_digit), value);
}

char* write_e(char* to, double value, int width, int n_digit, int n_exponent) {
  if (!std::isfinite(value)) return write_not_finite(to, value, width);
  const bool negative = std::signbit(value);
  const Decimal decimal = value == 0 ? Decimal{} : to_decimal(value, n_digit);
  const int size = std::abs(decimal.exponent);
  // Three digits of an exponent take the place of the letter, unless their number is given.
  const int needed = size > 99 ? 3 : size > 9 ? 2 : 1;
  if (n_exponent != 0 && needed > n_exponent) return stars(to, width);
  const int n_power = n_exponent != 0 ? n_exponent : size > 99 ? 3 : 2;
  const bool letter = n_exponent != 0 || size <= 99;
  const int least = (negative ? 1 : 0) + 1 + n_digit + (letter ? 1 : 0) + 1 + n_power;
  if (least > width) return stars(to, width);
  const bool leading_zero = least < width;
  int blanks = width - least - (leading_zero ? 1 : 0);
  while (blanks-- > 0) *to++ = ' ';
  if (negative) *to++ = '-';
  if (leading_zero) *to++ = '0';
  *to++ = '.';
  put_digits(to, decimal.digits, n_digit);
  to += n_digit;
  if (letter) *to++ = 'E';
  *to++ = decimal.exponent < 0 ? '-' : '+';
  put_digits(to, static_cast<unsigned>(size), n_power);
  return to + n_power;
}

char* write_i(char* to, std::int64_t value, int width) {
  char text[24];
  const char* end = std::to_chars(text, text + sizeof text, value).ptr;
  return right(to, text, static_cast<int>(end - text), width);
}

char* write_f0(char* to, std::int64_t value, int width) {
  char text[24];
  char* end = std::to_chars(text, text + sizeof text - 1, value).ptr;
  *end++ = '.';
  return right(to, text, static_cast<int>(end - text), width);
}

}  // namespace meb::text
