/* Flat phase space: RAMBO, R. Kleiss, W. J. Stirling and S. D. Ellis, Comput. Phys. Commun. 40
 * (1986) 359. The same random numbers give the same momenta on every backend, to rounding. */
#ifndef MEBRIDGE_RAMBO_H
#define MEBRIDGE_RAMBO_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct meb_rambo_t *meb_rambo;

/* A new generator for 1 or 2 incoming and 2 to 14 outgoing particles of these masses, GeV.
 * backend: as for meb_engine_new. */
MEB_API meb_status meb_rambo_new(meb_error error, const char *backend,
                                 size_t n_incoming, const double *incoming_mass,
                                 size_t n_outgoing, const double *outgoing_mass,
                                 meb_rambo *rambo);

MEB_API void meb_rambo_delete(meb_rambo *rambo);

/* Threads that share a batch on the CPU; 1 at first; results do not depend on it. */
MEB_API meb_status meb_rambo_set_threads(meb_error error, meb_rambo rambo,
                                         size_t n_thread);

/* Name of the backend in use, as meb_error_get; returns 0 for a handle that is not one. */
MEB_API size_t meb_rambo_get_backend(meb_rambo rambo, char *buffer,
                                     size_t capacity);

/* Makes n_event points; sizes are in elements and must be exact.
 * random: double[n_event][n_outgoing][4] in [0,1): cos theta, phi and two for the energy.
 * sqrt_s: double[n_event] or double[1], GeV, above the masses of either side.
 * momenta: double[n_event][n_leg][4], incoming legs first: (E, px, py, pz) in GeV, in the rest
 * frame, beams along +z and -z.
 * weight: double[n_event], its mean is the volume of phase space, GeV^(2 n_outgoing - 4):
 * integral of (2 pi)^4 delta^4(P - sum p) times d^3p / ((2 pi)^3 2 E) of each particle. 0 for a
 * point that is not finite, which numbers that are almost the same can lead to.
 * Not to be called from two threads with the same generator at the same time. */
MEB_API meb_status meb_rambo_generate(meb_error error, meb_rambo rambo,
                                      size_t n_event, const double *random,
                                      size_t random_size, const double *sqrt_s,
                                      size_t sqrt_s_size, double *momenta,
                                      size_t momenta_size, double *weight,
                                      size_t weight_size);

/* The same with all arrays in the memory of the GPU of a "cuda" generator, in the CUDA stream
 * (cudaStream_t; NULL: the default stream). Does not wait for the result. The numbers are not
 * checked: below the threshold momenta are NaN and the weight is 0. */
MEB_API meb_status meb_rambo_generate_device(
    meb_error error, meb_rambo rambo, size_t n_event, const double *random,
    size_t random_size, const double *sqrt_s, size_t sqrt_s_size, double *momenta,
    size_t momenta_size, double *weight, size_t weight_size, void *stream);

#ifdef __cplusplus
}
#endif
#endif
