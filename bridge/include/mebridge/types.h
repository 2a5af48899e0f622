/* Status codes, error handle, numbers that never change, library version.
 *
 * Conventions of every header of mebridge:
 *  - each fallible call returns a meb_status and, when the error handle is not
 *    NULL, fills it with a message that says what to do;
 *  - a handle is made by meb_<thing>_new*, freed by meb_<thing>_delete, which
 *    sets it to NULL; deleting NULL is allowed;
 *  - every array comes with its extent, counted in elements;
 *  - complex numbers are pairs of doubles (real, imaginary).
 */
#ifndef MEBRIDGE_TYPES_H
#define MEBRIDGE_TYPES_H

#include <stddef.h>
#include <stdint.h>

#if defined(MEB_BUILDING) && defined(__GNUC__)
#define MEB_API __attribute__((visibility("default")))
#else
#define MEB_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Version of this interface: grows by one whenever something is added. */
#define MEB_ABI_VERSION 2

typedef enum meb_status {
  MEB_SUCCESS = 0,
  MEB_ERROR_ARGUMENT = 1,    /* NULL, wrong size, unknown key or name */
  MEB_ERROR_FILE = 2,        /* a file cannot be read */
  MEB_ERROR_PROGRAM = 3,     /* a Program is corrupt, truncated or too new */
  MEB_ERROR_UNSUPPORTED = 4, /* this CPU or this library cannot do it */
  MEB_ERROR_MEMORY = 5,      /* out of memory */
  MEB_ERROR_STATE = 6,       /* called in the wrong order (parameters not set) */
  MEB_ERROR_INTERNAL = 7,    /* a defect of mebridge: please report it */
  MEB_ERROR_DEVICE = 8       /* the GPU failed; make a new engine */
} meb_status;

typedef enum meb_precision {
  MEB_PRECISION_DOUBLE = 0,
  MEB_PRECISION_SINGLE = 1,
  MEB_PRECISION_MIXED = 2 /* double amplitudes, single colour sum */
} meb_precision;

/* Carries the message of the last failed call it was given to. */
typedef struct meb_error_t *meb_error;

MEB_API meb_error meb_error_new(void);
MEB_API void meb_error_delete(meb_error *error);

/* Copies the message, cut to fit, with its final NUL, into buffer[capacity];
 * buffer may be NULL. Returns the size of the whole message, NUL included. */
MEB_API size_t meb_error_get(meb_error error, char *buffer, size_t capacity);

/* The MEB_ABI_VERSION the library was built with. */
MEB_API int32_t meb_abi_version(void);

/* 1 if this build and this machine have the feature: "scalar", "sse4", "avx2",
 * "avx512y", "avx512z", "neon", "cuda"; else 0. */
MEB_API int32_t meb_has_feature(const char *name);

/* Names of the CPU modes usable here, best last, separated by one space;
 * buffer and result as in meb_error_get. */
MEB_API size_t meb_get_modes(char *buffer, size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
