/* NULL, deleted and never initialised handles and pointers are errors, not crashes. */
#include <mebridge/mebridge.h>
#include <string.h>

#include "check.h"

static meb_error error;

static void check_message(const char *part) {
  char message[512];
  meb_error_get(error, message, sizeof message);
  if (strstr(message, part) == NULL) {
    fprintf(stderr, "expected '%s' in '%s'\n", part, message);
    exit(EXIT_FAILURE);
  }
}

static void test_error(void) {
  meb_error none = NULL;
  char text[4] = "???";
  CHECK(meb_error_get(NULL, text, sizeof text) == 1);
  CHECK(text[0] == '\0');
  CHECK(meb_error_get(error, NULL, 0) == 1);
  meb_error_delete(&none);
  meb_error_delete(NULL);
}

static void test_error_is_cut_to_fit(void) {
  char small[5] = {'x', 'x', 'x', 'x', 'x'};
  meb_program program;
  CHECK(meb_program_new_from_file(error, NULL, &program) == MEB_ERROR_ARGUMENT);
  const size_t size = meb_error_get(error, NULL, 0);
  CHECK(size > sizeof small);
  CHECK(meb_error_get(error, small, 4) == size);
  CHECK(small[3] == '\0' && small[4] == 'x');
}

static void test_program(void) {
  meb_program program = NULL;
  size_t size = 0;
  char name[8];
  int32_t helicity[8];
  CHECK(meb_program_new_from_file(error, "x", NULL) == MEB_ERROR_ARGUMENT);
  check_message("program");
  CHECK(meb_program_new_from_file(NULL, NULL, &program) == MEB_ERROR_ARGUMENT);
  CHECK(meb_program_new_from_memory(error, NULL, 0, &program) == MEB_ERROR_ARGUMENT);
  check_message("data");
  CHECK(meb_program_get_size(error, program, MEB_SIZE_LEG, &size) == MEB_ERROR_ARGUMENT);
  check_message("program: the handle is NULL");
  CHECK(meb_program_get_name(error, program, MEB_NAME_PROCESS, 0, name, sizeof name, NULL) == MEB_ERROR_ARGUMENT);
  CHECK(meb_program_get_helicities(error, program, helicity, 8) == MEB_ERROR_ARGUMENT);
  meb_program_delete(&program);
  meb_program_delete(NULL);
}

static void test_rambo(void) {
  meb_rambo rambo = NULL;
  const double mass[2] = {0, 0}, random[8] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8}, energy = 100;
  double momenta[16], weight = 0;
  CHECK(meb_rambo_new(error, "auto", 2, mass, 2, mass, NULL) == MEB_ERROR_ARGUMENT);
  check_message("rambo");
  CHECK(meb_rambo_new(error, "auto", 2, NULL, 2, mass, &rambo) == MEB_ERROR_ARGUMENT);
  check_message("incoming_mass");
  CHECK(meb_rambo_new(error, "no such", 2, mass, 2, mass, &rambo) == MEB_ERROR_UNSUPPORTED);
  CHECK(meb_rambo_generate(error, rambo, 0, NULL, 0, &energy, 1, NULL, 0, NULL, 0) == MEB_ERROR_ARGUMENT);
  check_message("rambo: the handle is NULL");
  CHECK(meb_rambo_get_backend(rambo, NULL, 0) == 0);
  CHECK(meb_rambo_new(error, "auto", 2, mass, 2, mass, &rambo) == MEB_SUCCESS);
  CHECK(meb_rambo_set_threads(error, rambo, 0) == MEB_ERROR_ARGUMENT);
  CHECK(meb_rambo_generate(error, rambo, 1, random, 7, &energy, 1, momenta, 16, &weight, 1) == MEB_ERROR_ARGUMENT);
  check_message("random");
  CHECK(meb_rambo_generate(error, rambo, 1, random, 8, NULL, 1, momenta, 16, &weight, 1) == MEB_ERROR_ARGUMENT);
  check_message("sqrt_s");
  CHECK(meb_rambo_generate(error, rambo, 1, random, 8, &energy, 1, momenta, 15, &weight, 1) == MEB_ERROR_ARGUMENT);
  check_message("momenta");
  CHECK(meb_rambo_generate(error, rambo, 1, random, 8, &energy, 1, momenta, 16, &weight, 2) == MEB_ERROR_ARGUMENT);
  check_message("weight");
  CHECK(meb_rambo_generate(error, rambo, 1, random, 8, &energy, 1, momenta, 16, &weight, 1) == MEB_SUCCESS);
  CHECK(momenta[0] == 50 && momenta[3] == 50 && momenta[7] == -50 && weight > 0);
  meb_rambo_delete(&rambo);
  meb_rambo_delete(NULL);
  CHECK(rambo == NULL);
}

static void test_engine(void) {
  meb_engine engine = NULL;
  uint64_t n_event = 0, n_non_finite = 0;
  const double value = 1;
  CHECK(meb_engine_new(error, NULL, "auto", MEB_PRECISION_DOUBLE, &engine) == MEB_ERROR_ARGUMENT);
  check_message("program: the handle is NULL");
  CHECK(meb_engine_new(error, NULL, "auto", MEB_PRECISION_DOUBLE, NULL) == MEB_ERROR_ARGUMENT);
  check_message("engine");
  CHECK(meb_engine_new(error, NULL, NULL, MEB_PRECISION_DOUBLE, &engine) == MEB_ERROR_ARGUMENT);
  check_message("backend");
  CHECK(meb_engine_set_threads(error, engine, 1) == MEB_ERROR_ARGUMENT);
  CHECK(meb_engine_set_parameters(error, engine, &value, 1, NULL, 0) == MEB_ERROR_ARGUMENT);
  CHECK(meb_engine_set_helicity_weights(error, engine, &value, 1) == MEB_ERROR_ARGUMENT);
  CHECK(meb_engine_evaluate(error, engine, 0, 0, NULL, NULL, NULL, 0, NULL, NULL, NULL) == MEB_ERROR_ARGUMENT);
  check_message("engine: the handle is NULL");
  CHECK(meb_engine_get_counts(error, engine, &n_event, &n_non_finite) == MEB_ERROR_ARGUMENT);
  CHECK(meb_engine_get_backend(engine, NULL, 0) == 0);
  meb_engine_delete(&engine);
  meb_engine_delete(NULL);
}

static void test_never_initialised(void) {
  static char garbage[64] = "not a handle";
  meb_program program = (meb_program)(void *)garbage;
  meb_engine engine = (meb_engine)(void *)garbage;
  meb_error wrong = (meb_error)(void *)garbage;
  size_t size = 0;
  CHECK(meb_program_get_size(error, program, MEB_SIZE_LEG, &size) == MEB_ERROR_ARGUMENT);
  check_message("never initialised");
  CHECK(meb_engine_set_threads(wrong, engine, 1) == MEB_ERROR_ARGUMENT);
  CHECK(meb_error_get(wrong, NULL, 0) == 1);
  meb_program_delete(&program);
  meb_engine_delete(&engine);
  meb_error_delete(&wrong);
  CHECK(program == NULL && engine == NULL && wrong == NULL);
}

static void test_bad_files(void) {
  meb_program program;
  static const char text[] = "this is not a Program, though it is long enough to hold a header of one";
  CHECK(meb_program_new_from_file(error, "/no/such/file", &program) == MEB_ERROR_FILE);
  check_message("/no/such/file");
  CHECK(program == NULL);
  CHECK(meb_program_new_from_file(error, "/", &program) == MEB_ERROR_FILE);
  CHECK(meb_program_new_from_memory(error, text, sizeof text, &program) == MEB_ERROR_PROGRAM);
  CHECK(meb_program_new_from_memory(error, text, 0, &program) == MEB_ERROR_PROGRAM);
  CHECK(program == NULL);
}

int main(void) {
  error = meb_error_new();
  CHECK(error != NULL);
  test_error();
  test_error_is_cut_to_fit();
  test_program();
  test_rambo();
  test_engine();
  test_never_initialised();
  test_bad_files();
  meb_error_delete(&error);
  CHECK(error == NULL);
  return EXIT_SUCCESS;
}
