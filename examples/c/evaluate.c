/* Prints the matrix element of each event: evaluate PROGRAM VALUES MOMENTA
 *
 * VALUES:  lines "NAME real imaginary", one for each parameter and coupling of the Program.
 * MOMENTA: lines "E px py pz" in GeV, n_leg for each event. */
#include <mebridge/mebridge.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { name_capacity = 128 };

static meb_error error;

/* Every call of the library goes through here: its message says what to do. */
static void check(meb_status status) {
  char message[1024];
  if (status == MEB_SUCCESS) return;
  meb_error_get(error, message, sizeof message);
  fprintf(stderr, "%s\n", message);
  exit(EXIT_FAILURE);
}

static void fail(const char *what, const char *name) {
  fprintf(stderr, "%s: %s\n", name, what);
  exit(EXIT_FAILURE);
}

static void *allocate(size_t n, size_t size) {
  void *memory = calloc(n > 0 ? n : 1, size);
  if (memory == NULL) fail("out of memory", "evaluate");
  return memory;
}

static FILE *open_file(const char *path) {
  FILE *file = fopen(path, "r");
  if (file == NULL) fail("cannot be read", path);
  return file;
}

static size_t size_of(meb_program program, meb_size key) {
  size_t value;
  check(meb_program_get_size(error, program, key, &value));
  return value;
}

/* Looks a name up in the file of values. */
static void find_value(const char *path, const char *name, double value[2]) {
  char found[name_capacity];
  FILE *file = open_file(path);
  while (fscanf(file, "%127s %lf %lf", found, &value[0], &value[1]) == 3) {
    if (strcmp(found, name) == 0) {
      fclose(file);
      return;
    }
  }
  fail("no value", name);
}

/* Values of a list of names: width is 1 for real numbers, 2 for complex ones. */
static double *read_values(meb_program program, meb_name list, size_t n, size_t width, const char *path) {
  double *values = allocate(n * width, sizeof *values);
  for (size_t i = 0; i < n; ++i) {
    char name[name_capacity];
    double value[2];
    check(meb_program_get_name(error, program, list, i, name, sizeof name, NULL));
    find_value(path, name, value);
    memcpy(values + i * width, value, width * sizeof *values);
  }
  return values;
}

static double *read_momenta(const char *path, size_t n_leg, size_t *n_event) {
  size_t n = 0, capacity = 1024;
  double *momenta = allocate(capacity, sizeof *momenta);
  FILE *file = open_file(path);
  while (fscanf(file, "%lf", &momenta[n]) == 1) {
    if (++n < capacity) continue;
    momenta = realloc(momenta, (capacity *= 2) * sizeof *momenta);
    if (momenta == NULL) fail("out of memory", "evaluate");
  }
  fclose(file);
  if (n % (4 * n_leg) != 0) fail("not a whole number of events", path);
  *n_event = n / (4 * n_leg);
  return momenta;
}

static void evaluate(meb_engine engine, size_t n_leg, size_t n_event, const double *momenta, size_t n_running,
                     const double *running, double *matrix_element) {
  const meb_input input_key[] = {MEB_INPUT_MOMENTA, MEB_INPUT_RUNNING_COUPLING_COMMON};
  const void *input[] = {momenta, running};
  const size_t input_size[] = {n_event * n_leg * 4, 2 * n_running};
  const meb_output output_key[] = {MEB_OUTPUT_MATRIX_ELEMENT};
  void *output[] = {matrix_element};
  const size_t output_size[] = {n_event};
  check(meb_engine_evaluate(error, engine, n_event, 2, input_key, input, input_size, 1, output_key, output,
                            output_size));
}

int main(int argc, char **argv) {
  meb_program program;
  meb_engine engine;
  size_t n_event;
  if (argc != 4) fail("usage: evaluate PROGRAM VALUES MOMENTA", argv[0]);

  error = meb_error_new();
  check(meb_program_new_from_file(error, argv[1], &program));
  check(meb_engine_new(error, program, "auto", MEB_PRECISION_DOUBLE, &engine));

  const size_t n_parameter = size_of(program, MEB_SIZE_PARAMETER);
  const size_t n_coupling = size_of(program, MEB_SIZE_COUPLING);
  const size_t n_running = size_of(program, MEB_SIZE_RUNNING_COUPLING);
  const size_t n_leg = size_of(program, MEB_SIZE_LEG);
  double *parameter = read_values(program, MEB_NAME_PARAMETER, n_parameter, 1, argv[2]);
  double *coupling = read_values(program, MEB_NAME_COUPLING, n_coupling, 2, argv[2]);
  double *running = read_values(program, MEB_NAME_RUNNING_COUPLING, n_running, 2, argv[2]);
  check(meb_engine_set_parameters(error, engine, parameter, n_parameter, coupling, n_coupling));

  double *momenta = read_momenta(argv[3], n_leg, &n_event);
  double *matrix_element = allocate(n_event, sizeof *matrix_element);
  evaluate(engine, n_leg, n_event, momenta, n_running, running, matrix_element);
  for (size_t i = 0; i < n_event; ++i) printf("%.17e\n", matrix_element[i]);

  free(parameter);
  free(coupling);
  free(running);
  free(momenta);
  free(matrix_element);
  meb_engine_delete(&engine);
  meb_program_delete(&program);
  meb_error_delete(&error);
  return EXIT_SUCCESS;
}
