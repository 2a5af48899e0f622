/* Numbers of the C interface are for ever: append only. Also: the headers are C11 and C++. */
#include <mebridge/mebridge.h>
#include <string.h>

#include "check.h"

static void test_status(void) {
  CHECK(MEB_SUCCESS == 0);
  CHECK(MEB_ERROR_ARGUMENT == 1);
  CHECK(MEB_ERROR_FILE == 2);
  CHECK(MEB_ERROR_PROGRAM == 3);
  CHECK(MEB_ERROR_UNSUPPORTED == 4);
  CHECK(MEB_ERROR_MEMORY == 5);
  CHECK(MEB_ERROR_STATE == 6);
  CHECK(MEB_ERROR_INTERNAL == 7);
  CHECK(MEB_ERROR_DEVICE == 8);
}

static void test_precision(void) {
  CHECK(MEB_PRECISION_DOUBLE == 0);
  CHECK(MEB_PRECISION_SINGLE == 1);
  CHECK(MEB_PRECISION_MIXED == 2);
}

static void test_program(void) {
  CHECK(MEB_SIZE_LEG == 0);
  CHECK(MEB_SIZE_HELICITY == 1);
  CHECK(MEB_SIZE_COLOR_FLOW == 2);
  CHECK(MEB_SIZE_DIAGRAM == 3);
  CHECK(MEB_SIZE_CONFIG == 4);
  CHECK(MEB_SIZE_PARAMETER == 5);
  CHECK(MEB_SIZE_COUPLING == 6);
  CHECK(MEB_SIZE_RUNNING_COUPLING == 7);
  CHECK(MEB_SIZE_CUSTOM_FUNCTION == 8);
  CHECK(MEB_NAME_PROCESS == 0);
  CHECK(MEB_NAME_PARAMETER == 1);
  CHECK(MEB_NAME_COUPLING == 2);
  CHECK(MEB_NAME_RUNNING_COUPLING == 3);
  CHECK(MEB_NAME_DIGEST == 4);
  CHECK(MEB_NAME_CUSTOM_FUNCTION == 5);
}

static void test_engine(void) {
  CHECK(MEB_INPUT_MOMENTA == 0);
  CHECK(MEB_INPUT_RUNNING_COUPLING == 1);
  CHECK(MEB_INPUT_RUNNING_COUPLING_COMMON == 2);
  CHECK(MEB_INPUT_CHANNEL == 3);
  CHECK(MEB_INPUT_CHANNEL_CUT == 4);
  CHECK(MEB_INPUT_RANDOM_HELICITY == 5);
  CHECK(MEB_INPUT_RANDOM_COLOR == 6);
  CHECK(MEB_INPUT_COLOR_CONFIG == 7);
  CHECK(MEB_INPUT_HELICITY == 8);
  CHECK(MEB_OUTPUT_MATRIX_ELEMENT == 0);
  CHECK(MEB_OUTPUT_HELICITY == 1);
  CHECK(MEB_OUTPUT_COLOR_FLOW == 2);
  CHECK(MEB_OUTPUT_JAMP2 == 3);
  CHECK(MEB_OUTPUT_AMP2 == 4);
  CHECK(MEB_OUTPUT_MATRIX_ELEMENT_BY_HELICITY == 5);
  CHECK(MEB_OUTPUT_FLAG == 6);
}

static void test_version(void) {
  char modes[256];
  CHECK(meb_abi_version() == MEB_ABI_VERSION);
  CHECK(meb_has_feature(NULL) == 0);
  CHECK(meb_has_feature("no such feature") == 0);
  CHECK(meb_has_feature("scalar") == 1);
  CHECK(meb_get_modes(modes, sizeof modes) == strlen(modes) + 1);
  CHECK(strstr(modes, "scalar") != NULL);
}

int main(void) {
  test_status();
  test_precision();
  test_program();
  test_engine();
  test_version();
  return EXIT_SUCCESS;
}
