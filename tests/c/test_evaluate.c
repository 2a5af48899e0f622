/* test_evaluate PROGRAM: wrong arrays, keys and order of calls; truncated and corrupt Programs. */
#include <mebridge/mebridge.h>
#include <string.h>

#include "check.h"

enum { n_event = 3 };

static meb_error error;
static meb_program program;
static meb_engine engine;
static size_t n_leg, n_running;

static size_t size_of(meb_size key) {
  size_t value = 0;
  CHECK(meb_program_get_size(error, program, key, &value) == MEB_SUCCESS);
  return value;
}

/* Zeros; at least one element, so that the pointer is never NULL. */
static double *zeros(size_t n) {
  double *values = (double *)calloc(n + 1, sizeof *values);
  CHECK(values != NULL);
  return values;
}

static meb_status run(size_t n_input, const meb_input *key, const void *const *input, const size_t *size) {
  double matrix_element[n_event];
  const meb_output output_key = MEB_OUTPUT_MATRIX_ELEMENT;
  void *const output = matrix_element;
  const size_t output_size = n_event;
  return meb_engine_evaluate(error, engine, n_event, n_input, key, input, size, 1, &output_key, &output,
                             &output_size);
}

/* Runs with momenta, couplings and one more input. */
static meb_status run_with(meb_input key, const void *data, size_t size) {
  double *momenta = zeros(n_event * n_leg * 4);
  double *running = zeros(2 * n_running);
  const meb_input keys[] = {MEB_INPUT_MOMENTA, MEB_INPUT_RUNNING_COUPLING_COMMON, key};
  const void *const inputs[] = {momenta, running, data};
  const size_t sizes[] = {n_event * n_leg * 4, 2 * n_running, size};
  const meb_status status = run(3, keys, inputs, sizes);
  free(momenta);
  free(running);
  return status;
}

static void test_program(void) {
  size_t size = 0;
  char name[4] = {'x', 'x', 'x', 'x'};
  int32_t helicity;
  CHECK(meb_program_get_size(error, program, (meb_size)99, &size) == MEB_ERROR_ARGUMENT);
  CHECK(meb_program_get_size(error, program, MEB_SIZE_LEG, NULL) == MEB_ERROR_ARGUMENT);
  CHECK(meb_program_get_name(error, program, (meb_name)99, 0, name, 4, &size) == MEB_ERROR_ARGUMENT);
  CHECK(meb_program_get_name(error, program, MEB_NAME_PROCESS, 1, name, 4, &size) == MEB_ERROR_ARGUMENT);
  CHECK(meb_program_get_name(error, program, MEB_NAME_PROCESS, 0, name, 3, &size) == MEB_SUCCESS);
  CHECK(strlen(name) == 2 && name[3] == 'x' && size > 3);
  CHECK(meb_program_get_helicities(error, program, &helicity, 1) == MEB_ERROR_ARGUMENT);
  CHECK(meb_program_get_helicities(error, program, NULL, 100000) == MEB_ERROR_ARGUMENT);
}

static void test_engine_new(void) {
  meb_engine none;
  CHECK(meb_engine_new(error, program, "no such backend", MEB_PRECISION_DOUBLE, &none) == MEB_ERROR_UNSUPPORTED);
  CHECK(none == NULL);
  CHECK(meb_engine_new(error, program, "auto", (meb_precision)99, &none) == MEB_ERROR_ARGUMENT);
  CHECK(meb_engine_set_threads(error, engine, 0) == MEB_ERROR_ARGUMENT);
  CHECK(meb_engine_set_threads(error, engine, 2) == MEB_SUCCESS);
}

static void test_parameters(void) {
  const size_t n_parameter = size_of(MEB_SIZE_PARAMETER), n_coupling = size_of(MEB_SIZE_COUPLING);
  double *parameter = zeros(n_parameter), *coupling = zeros(2 * n_coupling);
  CHECK(run(0, NULL, NULL, NULL) == MEB_ERROR_STATE);
  CHECK(meb_engine_set_parameters(error, engine, parameter, n_parameter + 1, coupling, n_coupling) ==
        MEB_ERROR_ARGUMENT);
  CHECK(meb_engine_set_parameters(error, engine, parameter, n_parameter, coupling, n_coupling + 1) ==
        MEB_ERROR_ARGUMENT);
  for (size_t i = 0; i < n_parameter; ++i) parameter[i] = 1;
  CHECK(meb_engine_set_parameters(error, engine, parameter, n_parameter, coupling, n_coupling) == MEB_SUCCESS);
  free(parameter);
  free(coupling);
}

static void test_weights(void) {
  const size_t n_helicity = size_of(MEB_SIZE_HELICITY);
  double *weight = zeros(n_helicity);
  for (size_t i = 0; i < n_helicity; ++i) weight[i] = 1;
  CHECK(meb_engine_set_helicity_weights(error, engine, weight, n_helicity + 1) == MEB_ERROR_ARGUMENT);
  CHECK(meb_engine_set_helicity_weights(error, engine, NULL, n_helicity) == MEB_ERROR_ARGUMENT);
  weight[0] = -1;
  CHECK(meb_engine_set_helicity_weights(error, engine, weight, n_helicity) == MEB_ERROR_ARGUMENT);
  weight[0] = 1;
  CHECK(meb_engine_set_helicity_weights(error, engine, weight, n_helicity) == MEB_SUCCESS);
  free(weight);
}

static void test_inputs(void) {
  const double half[n_event] = {0.5, 0.5, 0.5}, one[n_event] = {0.5, 1.0, 0.5};
  const int32_t zero[n_event] = {0, 0, 0}, large[n_event] = {0, 1 << 20, 0}, negative[n_event] = {0, 0, -1};
  CHECK(run_with(MEB_INPUT_RANDOM_HELICITY, half, n_event) == MEB_SUCCESS);
  CHECK(run_with(MEB_INPUT_RANDOM_HELICITY, half, n_event - 1) == MEB_ERROR_ARGUMENT);
  CHECK(run_with(MEB_INPUT_RANDOM_HELICITY, NULL, n_event) == MEB_ERROR_ARGUMENT);
  CHECK(run_with(MEB_INPUT_RANDOM_HELICITY, one, n_event) == MEB_ERROR_ARGUMENT);
  CHECK(run_with(MEB_INPUT_RANDOM_COLOR, one, n_event) == MEB_ERROR_ARGUMENT);
  CHECK(run_with(MEB_INPUT_RANDOM_COLOR, (const char *)half + 1, n_event) == MEB_ERROR_ARGUMENT);
  CHECK(run_with(MEB_INPUT_CHANNEL, zero, n_event) == MEB_SUCCESS);
  CHECK(run_with(MEB_INPUT_CHANNEL, large, n_event) == MEB_ERROR_ARGUMENT);
  CHECK(run_with(MEB_INPUT_COLOR_CONFIG, large, n_event) == MEB_ERROR_ARGUMENT);
  CHECK(run_with(MEB_INPUT_HELICITY, large, n_event) == MEB_ERROR_ARGUMENT);
  CHECK(run_with(MEB_INPUT_HELICITY, negative, n_event) == MEB_ERROR_ARGUMENT);
  CHECK(run_with((meb_input)99, zero, n_event) == MEB_ERROR_ARGUMENT);
  CHECK(run_with((meb_input)-1, zero, n_event) == MEB_ERROR_ARGUMENT);
  CHECK(run_with(MEB_INPUT_MOMENTA, half, n_event) == MEB_ERROR_ARGUMENT);
  CHECK(run(1, NULL, NULL, NULL) == MEB_ERROR_ARGUMENT);
  CHECK(run(0, NULL, NULL, NULL) == MEB_ERROR_ARGUMENT); /* momenta are missing */
}

static meb_status run_output(meb_output key, void *data, size_t size, size_t n_output) {
  double *momenta = zeros(n_event * n_leg * 4), *running = zeros(2 * n_running);
  const meb_input keys[] = {MEB_INPUT_MOMENTA, MEB_INPUT_RUNNING_COUPLING_COMMON};
  const void *const inputs[] = {momenta, running};
  const size_t sizes[] = {n_event * n_leg * 4, 2 * n_running};
  const meb_output output_keys[] = {key, key};
  void *const outputs[] = {data, data};
  const size_t output_sizes[] = {size, size};
  const meb_status status = meb_engine_evaluate(error, engine, n_event, 2, keys, inputs, sizes, n_output,
                                                output_keys, outputs, output_sizes);
  free(momenta);
  free(running);
  return status;
}

static void test_outputs(void) {
  double values[n_event] = {-1, -1, -1};
  int32_t numbers[n_event] = {-1, -1, -1};
  CHECK(run_output(MEB_OUTPUT_MATRIX_ELEMENT, values, n_event + 1, 1) == MEB_ERROR_ARGUMENT);
  CHECK(run_output(MEB_OUTPUT_MATRIX_ELEMENT, NULL, n_event, 1) == MEB_ERROR_ARGUMENT);
  CHECK(run_output(MEB_OUTPUT_MATRIX_ELEMENT, values, n_event, 2) == MEB_ERROR_ARGUMENT);
  CHECK(run_output(MEB_OUTPUT_HELICITY, numbers, n_event, 1) == MEB_ERROR_ARGUMENT); /* no random number */
  CHECK(run_output((meb_output)99, values, n_event, 1) == MEB_ERROR_ARGUMENT);
  CHECK(values[0] == -1 && numbers[0] == -1);
  CHECK(run_output(MEB_OUTPUT_FLAG, numbers, n_event, 1) == MEB_SUCCESS);
  CHECK(numbers[0] == 0 || numbers[0] == 1);
}

static void test_counts_and_backend(void) {
  uint64_t n = 0, n_non_finite = 0;
  char name[16];
  CHECK(meb_engine_get_counts(error, engine, &n, &n_non_finite) == MEB_SUCCESS);
  CHECK(n > 0 && n_non_finite <= n);
  CHECK(meb_engine_get_counts(error, engine, NULL, &n) == MEB_ERROR_ARGUMENT);
  CHECK(meb_engine_get_backend(engine, name, sizeof name) == strlen(name) + 1);
  CHECK(meb_has_feature(name) == 1);
}

static void test_no_events(void) {
  CHECK(meb_engine_evaluate(error, engine, 0, 0, NULL, NULL, NULL, 0, NULL, NULL, NULL) == MEB_SUCCESS);
  CHECK(meb_engine_evaluate(error, engine, SIZE_MAX, 0, NULL, NULL, NULL, 0, NULL, NULL, NULL) ==
        MEB_ERROR_ARGUMENT);
}

/* Every truncation, and one flipped bit in every byte, of the file are refused or harmless. */
static void test_damaged(const char *path) {
  static unsigned char bytes[1 << 20];
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL);
  const size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  const size_t step = size / 2000 + 1;
  meb_program damaged;
  for (size_t n = 0; n < size; n += step)
    CHECK(meb_program_new_from_memory(error, bytes, n, &damaged) == MEB_ERROR_PROGRAM);
  for (size_t i = 0; i < size; i += step) {
    bytes[i] ^= 1;
    CHECK(meb_program_new_from_memory(error, bytes, size, &damaged) == MEB_ERROR_PROGRAM);
    bytes[i] ^= 1;
  }
  CHECK(meb_program_new_from_memory(error, bytes, size, &damaged) == MEB_SUCCESS);
  meb_program_delete(&damaged);
}

/* A copy of a deleted handle is recognised. */
static void test_deleted(void) {
  meb_engine copy = engine;
  meb_engine_delete(&engine);
  CHECK(engine == NULL);
  CHECK(meb_engine_set_threads(error, copy, 1) == MEB_ERROR_ARGUMENT);
  meb_engine_delete(&copy);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  error = meb_error_new();
  CHECK(meb_program_new_from_file(error, argv[1], &program) == MEB_SUCCESS);
  CHECK(meb_engine_new(error, program, "auto", MEB_PRECISION_DOUBLE, &engine) == MEB_SUCCESS);
  n_leg = size_of(MEB_SIZE_LEG);
  n_running = size_of(MEB_SIZE_RUNNING_COUPLING);
  test_program();
  test_engine_new();
  test_parameters();
  test_weights();
  test_inputs();
  test_outputs();
  test_counts_and_backend();
  test_no_events();
  test_damaged(argv[1]);
  meb_program_delete(&program); /* the engine goes on without it */
  CHECK(run(1, NULL, NULL, NULL) == MEB_ERROR_ARGUMENT);
  test_deleted();
  meb_error_delete(&error);
  return EXIT_SUCCESS;
}
