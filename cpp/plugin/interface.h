/* What a plug-in exports: Lorentz functions that the library does not hold, compiled for every
 * SIMD mode, as one object named meb_plugin. The plug-in and the engine both include this. */
#ifndef MEB_PLUGIN_INTERFACE_H
#define MEB_PLUGIN_INTERFACE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows with every change here or in the layout of pages (kernels/bundle.hpp). */
#define MEB_PLUGIN_VERSION 1
#define MEB_PLUGIN_MAGIC "MEBPLUG"
#define MEB_PLUGIN_SYMBOL "meb_plugin"

/* One function for all helicity states of its result. A real number is a page (a SIMD vector) of
 * double or float, a complex number two of them; all are aligned to the page. */
typedef struct meb_plugin_call {
  const void *const *wave;     /* [n_in]: complex [state][component] each */
  const void *const *momentum; /* [n_in]: real (E, px, py, pz) that flow with the wave, GeV */
  const void *const *coupling; /* [n_coupling]: complex */
  double mass, width;          /* GeV */
  const uint32_t *index;       /* [n_state][n_in]: states of the inputs */
  size_t n_state;
  void *out;                   /* complex [n_state][component] */
  int32_t accumulate;          /* 1: add to what is there */
} meb_plugin_call;

typedef void (*meb_plugin_function)(const meb_plugin_call *call);

typedef struct meb_plugin_mode {
  const char *name;
  uint32_t lanes_double, lanes_single;
  const meb_plugin_function *function_double, *function_single; /* [n_function] */
} meb_plugin_mode;

typedef struct meb_plugin_table {
  char magic[8];
  uint32_t version, size_of_call;
  uint32_t n_function, n_mode;
  const char *const *name; /* [n_function]; as the Programs' lists have them */
  const meb_plugin_mode *const *mode; /* [n_mode] */
} meb_plugin_table;

#ifdef __cplusplus
}
#endif
#endif
