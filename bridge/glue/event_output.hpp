// MadEvent's WRITE_EVENT and READ_EVENT without the scratch file (unit "io").
//
// Events written to the scratch unit are kept in memory; those read from it come from there.
// What goes to events.lhe is formatted here and written through the directory's own Fortran
// unit, one record for each event, so that errors of writing are reported as always.
//
// An event that the scratch file would not give back unchanged ends this: all events kept are
// written to the scratch unit by the directory's own routine, which goes on from there.
#ifndef MEB_GLUE_EVENT_OUTPUT_HPP
#define MEB_GLUE_EVENT_OUTPUT_HPP

#include "event_record.hpp"
#include "options.hpp"
#include "places.hpp"

namespace meb::glue {

class EventOutput {
public:
  EventOutput(const Places& places, const Options& options);

  void write(const EventArguments& event);
  void read(const EventArguments& event, fortran_int* done);

  // UNWGT; call() is the directory's own. While it runs, the text of <mgrwt> need not be made.
  template <class Call>
  void unweight(const double* momenta, Call call) {
    if (!begin_unweight(momenta)) return call();
    *use_syst_ = 0;
    call();
    *use_syst_ = 1;
    silent_ = false;
  }

private:
  enum class Mode { undecided, on, off };

  bool is_on();
  bool begin_unweight(const double* momenta);
  Systematics systematics() const;
  void write_scratch(const EventArguments& event);
  void write_original(const EventArguments& event);
  void step_aside(const std::string& reason);

  const Places& places_;
  const Options& options_;
  Mode mode_ = Mode::undecided;
  TextLengths lengths_;
  EventStore store_;
  std::size_t next_ = 0;               // event that is read next
  const EventRecord* last_ = nullptr;  // event read last
  EventArguments last_arguments_;      // and where it was put
  bool silent_ = false;                // UNWGT runs without systematics
  bool exchanged_ = false;             // its event has the beams exchanged
  const fortran_int *scratch_ = nullptr, *n_event_ = nullptr;
  const fortran_int *zooming_ = nullptr, *init_mode_ = nullptr, *already_set_ = nullptr;
  fortran_int* use_syst_ = nullptr;
  double* bias_weight_ = nullptr;
  // COMMON /TO_SYST/, for one event; n_syst_: dimension of its arrays.
  bool is_one_event_ = false;
  fortran_int n_syst_ = 0;
  const fortran_int *n_qcd_ = nullptr, *n_alpha_ = nullptr, *n_density_ = nullptr;
  const fortran_int *partons_ = nullptr, *hadrons_ = nullptr;
  const double *syst_scale_ = nullptr, *alpha_scales_ = nullptr, *density_x_ = nullptr;
  const double *density_q_ = nullptr, *weight_factor_ = nullptr;
  std::string text_;
};

}  // namespace meb::glue
#endif
