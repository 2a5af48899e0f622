/* The engine: runs a Program over batches of events on one backend. */
#ifndef MEBRIDGE_ENGINE_H
#define MEBRIDGE_ENGINE_H

#include "program.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct meb_engine_t *meb_engine;

/* Inputs of meb_engine_evaluate. n_* as in meb_size. */
typedef enum meb_input {
  /* double[n_event][n_leg][4]: (E, px, py, pz) in GeV; Fortran P(0:3, n_leg, n_event).
   * Required. */
  MEB_INPUT_MOMENTA = 0,
  /* complex double[n_event][n_running_coupling]. Required if there are any,
   * unless MEB_INPUT_RUNNING_COUPLING_COMMON is given. */
  MEB_INPUT_RUNNING_COUPLING = 1,
  /* complex double[n_running_coupling]: the same for every event. */
  MEB_INPUT_RUNNING_COUPLING_COMMON = 2,
  /* int32[n_event]: diagram (from 1) whose multichannel weight AMP2/sum(AMP2)
   * multiplies the matrix element; 0: no weight. Absent: no weight. */
  MEB_INPUT_CHANNEL = 3,
  /* double[n_event][n_config]: GET_CHANNEL_CUT of each config; absent: 1. */
  MEB_INPUT_CHANNEL_CUT = 4,
  /* double[n_event] in [0,1): chooses the helicity. Needed for MEB_OUTPUT_HELICITY. */
  MEB_INPUT_RANDOM_HELICITY = 5,
  /* double[n_event] in [0,1): chooses the colour flow. Needed for MEB_OUTPUT_COLOR_FLOW. */
  MEB_INPUT_RANDOM_COLOR = 6,
  /* int32[n_event]: config (from 1) whose allowed colour flows (ICOLAMP) are
   * chosen from; 0 or absent: all flows are allowed. */
  MEB_INPUT_COLOR_CONFIG = 7,
  /* int32[n_event]: compute this helicity combination (from 1) only; 0: sum.
   * Absent: sum. */
  MEB_INPUT_HELICITY = 8,
  /* double[n_event][n_config]: takes the place of AMP2 * GET_CHANNEL_CUT in the
   * channel weight (sde_strategy 2); not together with MEB_INPUT_CHANNEL_CUT. */
  MEB_INPUT_CHANNEL_STRENGTH = 9
} meb_input;

/* Outputs of meb_engine_evaluate. */
typedef enum meb_output {
  /* double[n_event]: sum over helicities and colours of |M|^2, averaged
   * (divided by the averaging factor), times the channel weight, with the sign of the
   * chosen helicity's term; GeV^(8 - 2 n_leg). */
  MEB_OUTPUT_MATRIX_ELEMENT = 0,
  /* int32[n_event]: chosen helicity combination, from 1, unfiltered numbering;
   * 0 if the matrix element is zero or not finite. */
  MEB_OUTPUT_HELICITY = 1,
  /* int32[n_event]: chosen colour flow, from 1; 0 if the result is not finite. */
  MEB_OUTPUT_COLOR_FLOW = 2,
  /* double[n_event][n_color_flow]: JAMP2, summed over helicities. */
  MEB_OUTPUT_JAMP2 = 3,
  /* double[n_event][n_diagram]: AMP2, summed over helicities (before the
   * channel cut); 0 for diagrams without a config. */
  MEB_OUTPUT_AMP2 = 4,
  /* double[n_event][n_helicity]: each combination's share of the sum, signed,
   * divided by the averaging factor, without channel weight. */
  MEB_OUTPUT_MATRIX_ELEMENT_BY_HELICITY = 5,
  /* int32[n_event]: 0 fine, 1 the result is not finite (the matrix element is
   * then reported as 0). */
  MEB_OUTPUT_FLAG = 6
} meb_output;

/* A new engine for a Program; the Program may be deleted afterwards.
 * backend: "auto", "scalar", "sse4", "avx2", "avx512y", "avx512z", "neon", "cuda"; "adaptive": as
 * "auto", the best mode of the CPU, and after 4 s of evaluations a GPU, where there is one, for
 * the batches for which it is measured to be faster. */
MEB_API meb_status meb_engine_new(meb_error error, meb_program program,
                                  const char *backend, meb_precision precision,
                                  meb_engine *engine);

MEB_API void meb_engine_delete(meb_engine *engine);

/* Threads that share a batch; 1 at first; results do not depend on it. */
MEB_API meb_status meb_engine_set_threads(meb_error error, meb_engine engine,
                                          size_t n_thread);

/* Values of the real parameters and constant couplings, in the Program's order.
 * Must be called before the first evaluation. */
MEB_API meb_status meb_engine_set_parameters(meb_error error, meb_engine engine,
                                             const double *parameter,
                                             size_t n_parameter,
                                             const double *coupling /* [n][2] */,
                                             size_t n_coupling);

/* Non-negative weight of each helicity combination (0 drops it), e.g. beam
 * polarisation; weight[n_helicity]. All 1 at first. */
MEB_API meb_status meb_engine_set_helicity_weights(meb_error error,
                                                   meb_engine engine,
                                                   const double *weight,
                                                   size_t n_helicity);

/* Evaluates n_event events. input_size and output_size are in elements (a complex
 * number counts 2) and must be exact. Nothing is written if the status is an error.
 * Not to be called from two threads with the same engine at the same time. */
MEB_API meb_status meb_engine_evaluate(
    meb_error error, meb_engine engine, size_t n_event, size_t n_input,
    const meb_input *input_key, const void *const *input,
    const size_t *input_size, size_t n_output, const meb_output *output_key,
    void *const *output, const size_t *output_size);

/* The same with all arrays in the memory of the GPU of a "cuda" engine, in the CUDA stream
 * (cudaStream_t; NULL: the default stream). Does not wait for the result. The numbers in the
 * arrays are not checked: an event with a channel or a random number out of range gets
 * flag 1 or colour flow 0. */
MEB_API meb_status meb_engine_evaluate_device(
    meb_error error, meb_engine engine, size_t n_event, size_t n_input,
    const meb_input *input_key, const void *const *input,
    const size_t *input_size, size_t n_output, const meb_output *output_key,
    void *const *output, const size_t *output_size, void *stream);

/* What runs, as text for people: the device and how it is used; as meb_error_get. */
MEB_API size_t meb_engine_get_description(meb_engine engine, char *buffer,
                                          size_t capacity);

/* Name of the backend in use ("avx2", ...), as meb_error_get; returns 0 for a handle that
 * is not an engine. */
MEB_API size_t meb_engine_get_backend(meb_engine engine, char *buffer,
                                      size_t capacity);

/* Events evaluated and events whose result was not finite, so far. */
MEB_API meb_status meb_engine_get_counts(meb_error error, meb_engine engine,
                                         uint64_t *n_event,
                                         uint64_t *n_non_finite);

/* Floating-point operations of one event, with AMP2 if with_amp2 is not 0; functions of a
 * plug-in are not counted. 0: not known for this backend. */
MEB_API meb_status meb_engine_get_operations(meb_error error,
                                             meb_engine engine,
                                             int32_t with_amp2,
                                             double *n_operation);

/* Floating-point operations a second that one core of this machine does at most on a CPU
 * backend ("auto", "avx2", ...): measured anew in some hundredths of a second; with "cuda" of the
 * GPU, from its clock and number of units outside of the tensor cores; 0: not known. */
MEB_API meb_status meb_measure_peak(meb_error error, const char *backend,
                                    meb_precision precision,
                                    double *operations_per_second);

#ifdef __cplusplus
}
#endif
#endif
