// Fortran's edit descriptors Ew.d[Ee], Fw.0 and Iw, to the byte as libgfortran writes them
// (gfortran 5 to 14, default rounding and sign modes).
//
// Digits are those of the exact binary value, rounded to nearest; exact ties go to the even
// digit. They come from one 64 x 64 bit multiplication by a power of ten; where its error
// could decide the rounding, from std::to_chars, which is exact (Adams, PLDI 2018).
#ifndef MEB_TEXT_FORTRAN_FORMAT_HPP
#define MEB_TEXT_FORTRAN_FORMAT_HPP

#include <cstdint>

namespace meb::text {

// |value| = 0.ddd x 10^exponent with `digits` as an integer of exactly the digits asked for.
struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
};

// The n_digit (1 to 17) leading decimal digits of a finite value that is not zero.
Decimal to_decimal(double value, int n_digit);

// The double nearest to digits x 10^exponent; digits below 2^53.
double from_decimal(std::uint64_t digits, int exponent);

// What a value becomes when it is written with n_digit digits and read again. Finite values.
double through_decimal(double value, int n_digit);

// Each writes `width` characters at `to` and returns the end. n_exponent 0: not given.
char* write_e(char* to, double value, int width, int n_digit, int n_exponent = 0);
char* write_i(char* to, std::int64_t value, int width);
// Fw.0 of a whole number, as in F4.0 of REAL(helicity).
char* write_f0(char* to, std::int64_t value, int width);

}  // namespace meb::text
#endif
