#include "event_output.hpp"

#include <cstring>
#include <new>
#include <vector>

namespace meb::glue {
namespace {

constexpr const char* unit_name = "io";

using Put = void (*)(fortran_int* unit, const char* text, std::size_t length);
using Write = void (*)(fortran_int*, double*, double*, fortran_int*, fortran_int*, fortran_int*, double*, double*,
                       double*, char*, fortran_int*, char*, fortran_int*, char*, std::size_t, std::size_t, std::size_t);
using Read = void (*)(fortran_int*, double*, double*, fortran_int*, fortran_int*, fortran_int*, double*, double*,
                      double*, char*, fortran_int*, char*, fortran_int*, char*, fortran_int*, std::size_t, std::size_t,
                      std::size_t);

}  // namespace

EventOutput::EventOutput(const Places& places, const Options& options) : places_(places), options_(options) {
  lengths_.systematics = static_cast<std::size_t>(places.integer("S_BUFFLEN"));
  lengths_.clusters = static_cast<std::size_t>(places.integer("CLUS_BUFFLEN"));
  scratch_ = places.find<fortran_int>("LUN");
  n_event_ = places.find<fortran_int>("NW");
  use_syst_ = places.find<fortran_int>("USE_SYST");
  bias_weight_ = places.find<double>("BIAS_WEIGHT");
  zooming_ = places.find<fortran_int>("ZOOMING");
  init_mode_ = places.find<fortran_int>("INIT_MODE");
  already_set_ = places.find<fortran_int>("ALREADY_SET");
  is_one_event_ = places.size("S_RWFACT") == sizeof(double);
  n_syst_ = places.integer("N_SYST");
  n_qcd_ = places.find<fortran_int>("N_QCD");
  n_alpha_ = places.find<fortran_int>("N_ALPSEM");
  n_density_ = places.find<fortran_int>("N_PDFRW");
  partons_ = places.find<fortran_int>("I_PDGPDF");
  hadrons_ = places.find<fortran_int>("LPP");
  syst_scale_ = places.find<double>("S_SCALE");
  alpha_scales_ = places.find<double>("S_QALPS");
  density_x_ = places.find<double>("S_XPDF");
  density_q_ = places.find<double>("S_QPDF");
  weight_factor_ = places.find<double>("S_RWFACT");
  if (!options.wants(unit_name) || scratch_ == nullptr) mode_ = Mode::off;
}

bool EventOutput::is_on() {
  if (mode_ != Mode::undecided) return mode_ == Mode::on;
  mode_ = Mode::on;
  if (places_.integer("IMPACT_XSEC") == 0)
    step_aside("a bias module adds weights to the events");
  else if (*places_.find<double>("LHE_VERSION") < 3)
    step_aside("lhe_version is below 3");
  return mode_ == Mode::on;
}

void EventOutput::step_aside(const std::string& reason) {
  options_.step_aside(unit_name, reason);
  mode_ = Mode::off;
}

bool EventOutput::begin_unweight(const double* momenta) {
  if (mode_ == Mode::off || *use_syst_ != 1 || !is_on()) return false;
  if (*zooming_ != 0 || *init_mode_ != 0 || *already_set_ != 0 || !is_one_event_) return false;
  for (const fortran_int n : {*n_alpha_, n_density_[0], n_density_[1]})
    if (n > n_syst_ || n > Systematics::most) return false;
  silent_ = true;
  exchanged_ = momenta[3] < 0;
  return true;
}

Systematics EventOutput::systematics() const {
  Systematics result;
  result.n_qcd = *n_qcd_;
  result.n_alpha = *n_alpha_;
  result.scale = *syst_scale_;
  result.weight_factor = *weight_factor_;
  for (int i = 0; i < result.n_alpha; ++i) result.alpha_scale[i] = alpha_scales_[i];
  for (int b = 0; b < 2; ++b) {
    Systematics::Beam& beam = result.beam[b];
    beam.number = (b == 0) == exchanged_ ? 2 : 1;
    const bool is_elastic = hadrons_[b] == 2 || hadrons_[b] == -2;
    beam.n_density = is_elastic ? 0 : n_density_[b];
    for (int i = 0; i < beam.n_density; ++i) {
      const int k = b * n_syst_ + i;
      beam.parton[i] = partons_[k];
      beam.x[i] = density_x_[k];
      beam.q[i] = density_q_[k];
    }
  }
  return result;
}

void EventOutput::write(const EventArguments& event) {
  if (mode_ != Mode::off && *event.unit == *scratch_ && is_on()) {
    write_scratch(event);
    return;
  }
  if (mode_ == Mode::on && last_ != nullptr && *event.unit != 6 && event.momenta == last_arguments_.momenta &&
      event.codes == last_arguments_.codes) {
    text_.clear();
    write_event_text(text_, *last_, *event.weight, *event.number);
    places_.procedure<Put>("PUT")(event.unit, text_.data(), text_.size());
    return;
  }
  write_original(event);
}

void EventOutput::write_scratch(const EventArguments& event) {
  last_ = nullptr;
  next_ = 0;
  const auto count = static_cast<std::size_t>(*n_event_);
  if (count == 1) store_.clear();
  std::string objection = EventRecord::objection(event, lengths_);
  if (count != store_.size() + 1) objection = "events are counted in another way";
  if (objection.empty()) try {
      const Systematics numbers = silent_ ? systematics() : Systematics{};
      store_.add(event, lengths_, silent_ ? &numbers : nullptr);
      return;
    } catch (const std::bad_alloc&) {
      objection = "no memory for the events";
    }
  step_aside(objection);
  // Put back all that was kept, then this one.
  std::vector<char> scales(lengths_.scales), systematics(n_systematics_line * lengths_.systematics),
      clusters(100 * lengths_.clusters);
  std::vector<double> momenta(5 * 100);
  std::vector<fortran_int> codes(7 * 100);
  double weight, scale, alpha_qcd, alpha_qed;
  fortran_int n_particle, number, has_systematics, n_cluster;
  EventArguments kept;
  kept.unit = event.unit;
  kept.momenta = momenta.data();
  kept.codes = codes.data();
  kept.scales = scales.data();
  kept.systematics = systematics.data();
  kept.clusters = clusters.data();
  kept.weight = &weight;
  kept.scale = &scale;
  kept.alpha_qcd = &alpha_qcd;
  kept.alpha_qed = &alpha_qed;
  kept.n_particle = &n_particle;
  kept.number = &number;
  kept.has_systematics = &has_systematics;
  kept.n_cluster = &n_cluster;
  const bool silent = silent_;
  silent_ = false;
  for (std::size_t i = 0; i < store_.size(); ++i) {
    store_[i].restore(kept, lengths_);
    write_original(kept);
  }
  store_.clear();
  silent_ = silent;
  write_original(event);
}

void EventOutput::write_original(const EventArguments& event) {
  std::vector<char> lines;
  fortran_int yes = 1;
  EventArguments a = event;
  if (silent_) {
    std::string seven[n_systematics_line];
    systematics().write(seven);
    lines.assign(n_systematics_line * lengths_.systematics, ' ');
    for (int i = 0; i < n_systematics_line; ++i)
      std::memcpy(lines.data() + i * lengths_.systematics, seven[i].data(),
                  std::min(seven[i].size(), lengths_.systematics));
    a.systematics = lines.data();
    a.has_systematics = &yes;
  }
  places_.procedure<Write>("WRITE_EVENT")(a.unit, a.momenta, a.weight, a.n_particle, a.codes, a.number, a.scale,
                                          a.alpha_qcd, a.alpha_qed, a.scales, a.has_systematics, a.systematics,
                                          a.n_cluster, a.clusters, lengths_.scales, lengths_.systematics,
                                          lengths_.clusters);
}

void EventOutput::read(const EventArguments& event, fortran_int* done) {
  if (mode_ != Mode::on || *event.unit != *scratch_ || store_.size() == 0) {
    const EventArguments& a = event;
    places_.procedure<Read>("READ_EVENT")(a.unit, a.momenta, a.weight, a.n_particle, a.codes, a.number, a.scale,
                                          a.alpha_qcd, a.alpha_qed, a.scales, a.has_systematics, a.systematics,
                                          a.n_cluster, a.clusters, done, lengths_.scales, lengths_.systematics,
                                          lengths_.clusters);
    return;
  }
  // STORE_EVENTS rewinds, reads all, rewinds and reads all again.
  if (next_ == store_.size()) next_ = 0;
  last_ = &store_[next_++];
  last_arguments_ = event;
  last_->restore(event, lengths_);
  *bias_weight_ = 1;
  *done = 0;
}

}  // namespace meb::glue
