// One Program and the engine that runs it, bound to a process directory.
#ifndef MEB_SEAM_PROGRAM_ENGINE_HPP
#define MEB_SEAM_PROGRAM_ENGINE_HPP

#include <complex>
#include <string>
#include <vector>

#include "directory.hpp"
#include "event.hpp"
#include "helicity_filter.hpp"
#include "log.hpp"
#include "mebridge/mebridge.h"
#include "options.hpp"

namespace meb::seam {

class ProgramEngine {
 public:
  ProgramEngine() : error_(meb_error_new()) {}
  ProgramEngine(const ProgramEngine &) = delete;
  ProgramEngine &operator=(const ProgramEngine &) = delete;
  ~ProgramEngine();

  // Empty, or why the Program cannot be used here.
  std::string load(const std::string &folder, fortran_int matrix, const Directory &directory,
                   const Options &options, const Log &log);

  // Takes the couplings that change from event to event.
  void capture(const Directory &directory, Event &event) const;

  // Sets the events' results; empty, or why it failed. The events are of one mirror.
  std::string evaluate(const Directory &directory, const std::vector<Event *> &events);

  std::size_t n_color_flow() const { return n_color_flow_; }
  int helicity(fortran_int combination, std::size_t leg) const {
    return helicities_[(static_cast<std::size_t>(combination) - 1) * n_leg_ + leg];
  }
  std::string backend() const;
  bool on_gpu() const { return on_gpu_; }
  bool depends_on_mirror(const Directory &directory) const {
    return !directory.late && !filter_.is_fixed();
  }

 private:
  std::string message() const;
  std::string description() const;
  std::size_t size(meb_size key) const;
  std::string name(meb_name list, std::size_t index) const;
  std::string start(const Directory &directory, const Options &options, const Log &log);
  meb_status new_engine(const std::string &backend);
  void log_change();
  bool leave_gpu(const Directory &directory, fortran_int mirror);
  std::string set_parameters(const Directory &directory);
  void gather(const Directory &directory, const std::vector<Event *> &events);
  void gather_channel_cuts(const Directory &directory, const std::vector<Event *> &events);
  void scatter(const Directory &directory, const std::vector<Event *> &events) const;
  std::string set_helicities(const Directory &directory, fortran_int mirror);

  Options options_;
  Log log_{default_log};
  meb_error error_ = nullptr;
  meb_program program_ = nullptr;
  meb_engine engine_ = nullptr;
  std::size_t n_leg_ = 0, n_color_flow_ = 0, n_config_ = 0, n_helicity_ = 0;
  std::vector<std::int32_t> helicities_;
  std::vector<const std::complex<double> *> running_;  // where each running coupling is

  bool on_gpu_ = false;
  std::string last_description_;  // of the CPU engine, with the reason why no GPU is in use

  HelicityFilter filter_;
  std::vector<double> weights_in_force_;

  // A batch, in the engine's layout.
  std::vector<double> momenta_, couplings_, channel_cut_, random_helicity_, random_color_;
  std::vector<std::int32_t> channel_, color_config_;
  std::vector<double> matrix_element_, jamp2_, by_helicity_;
  std::vector<std::int32_t> helicity_, color_flow_, flag_;
};

}  // namespace meb::seam
#endif
