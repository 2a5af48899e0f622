// The names that the glue's accessor in a process directory calls, by Fortran's conventions:
// everything by reference, a trailing underscore, text lengths (unused) at the end.
#include <cstdint>

#include "clustering.hpp"
#include "densities.hpp"
#include "event_output.hpp"
#include "internal_io.hpp"
#include "mebridge/types.h"
#include "sampling.hpp"
#include "scales.hpp"

namespace {

using namespace meb::glue;

// Leaked on purpose: it must outlive every Fortran unit's own clean-up.
struct Glue {
  Places places;
  Options options;
  EventOutput* output = nullptr;
  Sampling* sampling = nullptr;
  Densities* densities = nullptr;
  Clustering* clustering = nullptr;
  Scales* scales = nullptr;
  InternalIo* internal_io = nullptr;
};

Glue& glue() {
  static Glue* instance = new Glue;
  return *instance;
}

// True if the directory's Fortran computes as this library does: no fused or reordered operations.
bool is_plain(const Glue& glue) {
#if defined(__x86_64__) && !defined(__FMA__)
  return glue.places.integer("PLAIN") == 1;
#else
  (void)glue;
  return false;
#endif
}

}  // namespace

extern "C" {

// Tells of memory [begin, end); loc() of Fortran gives the addresses.
MEB_API void meb_glue_range_(const char* name, const std::int64_t* begin, const std::int64_t* end) {
  glue().places.add(name, reinterpret_cast<void*>(*begin), static_cast<std::size_t>(*end - *begin));
}

// After all ranges.
MEB_API void meb_glue_ready_() {
  Glue& g = glue();
  g.output = new EventOutput(g.places, g.options);
  // Only these compute what decides about events.
  if (!is_plain(g)) g.options.forgo_arithmetic();
  g.sampling = new Sampling(g.places, g.options);
  g.densities = new Densities(g.places, g.options);
  g.clustering = new Clustering(g.places, g.options);
  g.scales = new Scales(g.places, *g.clustering);
}

// 1 if a unit that the accessor does itself is wanted.
MEB_API fortran_int meb_glue_wants_(const char* unit) { return glue().options.wants(unit) ? 1 : 0; }

MEB_API void meb_glue_write_event_(fortran_int* unit, double* momenta, double* weight, fortran_int* n_particle,
                                   fortran_int* codes, fortran_int* number, double* scale, double* alpha_qcd,
                                   double* alpha_qed, char* scales, fortran_int* has_systematics, char* systematics,
                                   fortran_int* n_cluster, char* clusters) {
  glue().output->write({unit, momenta, weight, n_particle, codes, number, scale, alpha_qcd, alpha_qed, scales,
                        has_systematics, systematics, n_cluster, clusters});
}

MEB_API void meb_glue_read_event_(fortran_int* unit, double* momenta, double* weight, fortran_int* n_particle,
                                  fortran_int* codes, fortran_int* number, double* scale, double* alpha_qcd,
                                  double* alpha_qed, char* scales, fortran_int* has_systematics, char* systematics,
                                  fortran_int* n_cluster, char* clusters, fortran_int* done) {
  glue().output->read({unit, momenta, weight, n_particle, codes, number, scale, alpha_qcd, alpha_qed, scales,
                       has_systematics, systematics, n_cluster, clusters},
                      done);
}

// UNWGT up to 3.5; from 3.6 on with helicity, colour flow and event index.
MEB_API void meb_glue_unwgt_(const std::int64_t* real, double* momenta, double* weight, fortran_int* process) {
  using Unwgt = void (*)(double*, double*, fortran_int*);
  glue().output->unweight(momenta, [=] { reinterpret_cast<Unwgt>(*real)(momenta, weight, process); });
}

MEB_API void meb_glue_late_unwgt_(const std::int64_t* real, double* momenta, double* weight, fortran_int* process,
                                  fortran_int* helicity, fortran_int* color, fortran_int* vector_index) {
  using Unwgt = void (*)(double*, double*, fortran_int*, fortran_int*, fortran_int*, fortran_int*);
  glue().output->unweight(
      momenta, [=] { reinterpret_cast<Unwgt>(*real)(momenta, weight, process, helicity, color, vector_index); });
}

MEB_API void meb_glue_sample_get_x_(double* weight, double* x, fortran_int* dimension, fortran_int* configuration,
                                    double* lowest, double* highest) {
  if (glue().sampling->is_on()) return glue().sampling->get(weight, x, dimension, configuration, lowest, highest);
  using Get = void (*)(double*, double*, fortran_int*, fortran_int*, double*, double*);
  glue().places.procedure<Get>("SAMPLE_GET_X")(weight, x, dimension, configuration, lowest, highest);
}

// 1 if the grid is read; 0: by the driver itself.
MEB_API fortran_int meb_glue_read_pdf_(const char* path) { return glue().densities->read(path) ? 1 : 0; }

MEB_API double meb_glue_pdg2pdf_(fortran_int* hadron, fortran_int* parton, fortran_int* beam, double* x,
                                 double* scale) {
  return glue().densities->density(hadron, parton, beam, x, scale);
}

MEB_API void meb_glue_nnevolvepdf_(double* x, double* q, double* density) { glue().densities->evolve(x, q, density); }

// 1 if CLUSTER is done; 0: by the original. event: index in a vector of events, from 1.
MEB_API fortran_int meb_glue_cluster_(const double* momenta, const fortran_int* event) {
  return glue().clustering->cluster(momenta, *event) ? 1 : 0;
}

// 1 if SETCLSCALES is done; 0: by the original.
MEB_API fortran_int meb_glue_set_scales_(const double* momenta, const fortran_int* keep_central,
                                         const fortran_int* event) {
  return glue().scales->set(momenta, keep_central, *event) ? 1 : 0;
}

// The text that the accessor writes or reads next, to see where libgfortran keeps it.
MEB_API void meb_glue_text_learn_(const char* text, const fortran_int* length, const fortran_int* is_read) {
  Glue& g = glue();
  if (g.internal_io == nullptr) g.internal_io = new InternalIo(g.places, g.options);
  g.internal_io->learn(text, static_cast<std::size_t>(*length), *is_read != 0);
}

MEB_API void meb_glue_text_ready_(const fortran_int* passed) { glue().internal_io->finish(*passed != 0); }

MEB_API void meb_glue_io_start_(void* block, const fortran_int* is_read) {
  glue().internal_io->start(block, *is_read != 0);
}

MEB_API void meb_glue_io_end_(void* block, const fortran_int* is_read) {
  glue().internal_io->end(block, *is_read != 0);
}

MEB_API void meb_glue_io_transfer_(void* block, void* integer, const fortran_int* kind, const fortran_int* is_read) {
  glue().internal_io->transfer(block, integer, *kind, *is_read != 0);
}

MEB_API void meb_glue_io_array_(void* block, void* descriptor, const fortran_int* kind, const std::int64_t* length,
                                const fortran_int* is_read) {
  glue().internal_io->transfer_array(block, descriptor, *kind, static_cast<std::size_t>(*length), *is_read != 0);
}

}  // extern "C"
