/* A Program: the file that says what the engine computes for one subprocess. */
#ifndef MEBRIDGE_PROGRAM_H
#define MEBRIDGE_PROGRAM_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct meb_program_t *meb_program;

/* Sizes of a Program, for meb_program_get_size. */
typedef enum meb_size {
  MEB_SIZE_LEG = 0,              /* external legs */
  MEB_SIZE_HELICITY = 1,         /* helicity combinations, unfiltered */
  MEB_SIZE_COLOR_FLOW = 2,       /* colour flows */
  MEB_SIZE_DIAGRAM = 3,          /* extent of AMP2: largest diagram number */
  MEB_SIZE_CONFIG = 4,           /* integration channels (LMAXCONFIGS in use) */
  MEB_SIZE_PARAMETER = 5,        /* real parameters: masses and widths */
  MEB_SIZE_COUPLING = 6,         /* complex couplings constant in a run */
  MEB_SIZE_RUNNING_COUPLING = 7, /* complex couplings that change with alpha_s */
  MEB_SIZE_CUSTOM_FUNCTION = 8   /* Lorentz functions of the plug-in; 0: it needs none */
} meb_size;

/* Which list meb_program_get_name reads. */
typedef enum meb_name {
  MEB_NAME_PROCESS = 0,          /* index 0: the process, as text */
  MEB_NAME_PARAMETER = 1,        /* real parameters, Fortran names, upper case */
  MEB_NAME_COUPLING = 2,
  MEB_NAME_RUNNING_COUPLING = 3,
  MEB_NAME_DIGEST = 4,           /* index 0: digest of the source it was made from */
  MEB_NAME_CUSTOM_FUNCTION = 5   /* "ROUTINE SPINS>SPIN N_COUPLING KIND DIGEST" */
} meb_name;

/* Reads and checks a Program file. If it needs a plug-in, mebridge_plugin.so is looked for in
 * the folder of the file, in ../../lib of that, and in the folder of this library; where there
 * is none, meb_engine_new fails and says so. */
MEB_API meb_status meb_program_new_from_file(meb_error error, const char *path,
                                             meb_program *program);

/* The same from size bytes in memory, which are copied. */
MEB_API meb_status meb_program_new_from_memory(meb_error error,
                                               const void *data, size_t size,
                                               meb_program *program);

/* Gives a Program its plug-in, a shared library that `mebridge inject` compiles: its code runs
 * in this process. Engines made before keep what they have. */
MEB_API meb_status meb_program_set_plugin(meb_error error, meb_program program,
                                          const char *path);

MEB_API void meb_program_delete(meb_program *program);

MEB_API meb_status meb_program_get_size(meb_error error, meb_program program,
                                        meb_size key, size_t *value);

/* Name number index (from 0) of a list; buffer[capacity] is filled as by
 * meb_error_get and *size set to what the whole name needs. */
MEB_API meb_status meb_program_get_name(meb_error error, meb_program program,
                                        meb_name list, size_t index,
                                        char *buffer, size_t capacity,
                                        size_t *size);

/* Helicities in the order of the generated Fortran:
 * helicity[n_helicity][n_leg], capacity = n_helicity * n_leg. */
MEB_API meb_status meb_program_get_helicities(meb_error error,
                                              meb_program program,
                                              int32_t *helicity,
                                              size_t capacity);

/* Compiles the GPU kernels of a Program, all helicities in the sum, for an
 * architecture ("sm_80", "sm_90", ...) that need not be here, into a folder that
 * MEBRIDGE_CUDA_KERNELS names where they are to run. Needs NVRTC, not a GPU. */
MEB_API meb_status meb_program_compile_cuda(meb_error error,
                                            meb_program program,
                                            meb_precision precision,
                                            const char *architecture,
                                            const char *folder);

#ifdef __cplusplus
}
#endif
#endif
