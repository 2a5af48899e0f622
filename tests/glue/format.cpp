// The formatter under test by C names, for test_format.f90.
#include "text/fortran_format.hpp"

extern "C" {

void meb_test_write_e(char* to, double value, int width, int n_digit, int n_exponent) {
  meb::text::write_e(to, value, width, n_digit, n_exponent);
}

void meb_test_write_i(char* to, int value, int width) { meb::text::write_i(to, value, width); }

void meb_test_write_f0(char* to, int value, int width) { meb::text::write_f0(to, value, width); }

double meb_test_through(double value, int n_digit) { return meb::text::through_decimal(value, n_digit); }
}
