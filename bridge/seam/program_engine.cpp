#include "program_engine.hpp"

namespace meb::seam {
namespace {

// Arrays of one call of meb_engine_evaluate.
class Arrays {
 public:
  template <class T>
  void input(meb_input key, const std::vector<T> &values) {
    input_keys.push_back(key);
    inputs.push_back(values.data());
    input_sizes.push_back(values.size());
  }

  template <class T>
  void output(meb_output key, std::vector<T> &values, std::size_t size) {
    values.resize(size);
    output_keys.push_back(key);
    outputs.push_back(values.data());
    output_sizes.push_back(size);
  }

  std::vector<meb_input> input_keys;
  std::vector<const void *> inputs;
  std::vector<std::size_t> input_sizes;
  std::vector<meb_output> output_keys;
  std::vector<void *> outputs;
  std::vector<std::size_t> output_sizes;
};

// True if the channel weights contain MadEvent's GET_CHANNEL_CUT and it is not always 1.
bool has_channel_cut(const Directory &directory) {
  if (!directory.is_grouped()) return false;
  const auto *least = directory.find<double>("TMIN");
  return directory.integer("SDE_STRAT", 1) != 1 || (least != nullptr && *least != -1);
}

void copy_row(const std::vector<double> &values, std::size_t i, std::size_t size,
              std::vector<double> &row) {
  const double *begin = values.data() + i * size;
  row.assign(begin, begin + size);
}

}  // namespace

ProgramEngine::~ProgramEngine() {
  meb_engine_delete(&engine_);
  meb_program_delete(&program_);
  meb_error_delete(&error_);
}

std::string ProgramEngine::message() const {
  std::string text(meb_error_get(error_, nullptr, 0), '\0');
  meb_error_get(error_, text.data(), text.size());
  while (!text.empty() && text.back() == '\0') text.pop_back();
  return text.empty() ? "unknown error" : text;
}

std::size_t ProgramEngine::size(meb_size key) const {
  std::size_t value = 0;
  meb_program_get_size(error_, program_, key, &value);
  return value;
}

std::string ProgramEngine::name(meb_name list, std::size_t index) const {
  char text[256] = "";
  std::size_t needed = 0;
  meb_program_get_name(error_, program_, list, index, text, sizeof text, &needed);
  return text;
}

std::string ProgramEngine::backend() const {
  char text[64] = "";
  meb_engine_get_backend(engine_, text, sizeof text);
  return text;
}

std::string ProgramEngine::description() const {
  std::string text(meb_engine_get_description(engine_, nullptr, 0), '\0');
  meb_engine_get_description(engine_, text.data(), text.size());
  while (!text.empty() && text.back() == '\0') text.pop_back();
  return text;
}

std::string ProgramEngine::load(const std::string &folder, fortran_int matrix,
                                const Directory &directory, const Options &options,
                                const Log &log) {
  const std::string stem = folder + "/" + directory.matrix_name(matrix);
  const std::string path = stem + ".meb";
  if (meb_program_new_from_file(error_, path.c_str(), &program_) != MEB_SUCCESS)
    return message();
  n_leg_ = size(MEB_SIZE_LEG);
  n_color_flow_ = size(MEB_SIZE_COLOR_FLOW);
  n_config_ = size(MEB_SIZE_CONFIG);
  n_helicity_ = size(MEB_SIZE_HELICITY);
  if (n_leg_ != directory.n_leg) return path + " is for another number of particles";
  if (const auto jamp2 = directory.range("JAMP2"); jamp2.address != nullptr)
    if ((n_color_flow_ + 1) * sizeof(double) > jamp2.size)
      return path + " is for another number of colour flows";
  helicities_.resize(n_helicity_ * n_leg_);
  if (meb_program_get_helicities(error_, program_, helicities_.data(), helicities_.size()) !=
      MEB_SUCCESS)
    return message();
  for (std::size_t i = 0; i < size(MEB_SIZE_RUNNING_COUPLING); ++i) {
    const std::string coupling = name(MEB_NAME_RUNNING_COUPLING, i);
    running_.push_back(static_cast<const std::complex<double> *>(
        directory.parameter(coupling).address));
    if (running_.back() == nullptr) return path + " needs " + coupling;
  }
  const std::string unknown = filter_.load(stem, matrix, helicities_, n_leg_);
  if (!unknown.empty()) return unknown;
  return start(directory, options, log);
}

std::string ProgramEngine::start(const Directory &directory, const Options &options,
                                 const Log &log) {
  options_ = options;
  log_ = log;
  meb_status status = new_engine(options.backend == "auto" ? "adaptive" : options.backend);
  if (status != MEB_SUCCESS && options.backend != "auto") {
    const std::string problem = message();
    status = new_engine("auto");
    if (status == MEB_SUCCESS) log.line(problem + "; instead: " + backend());
  }
  if (status != MEB_SUCCESS) return message();
  on_gpu_ = backend() == "cuda";
  last_description_ = on_gpu_ ? "" : description();
  return set_parameters(directory);
}

// With backend auto the GPU may come and go: one line each time.
void ProgramEngine::log_change() {
  if (options_.backend != "auto") return;
  const bool was_on_gpu = on_gpu_;
  on_gpu_ = backend() == "cuda";
  const std::string now = on_gpu_ ? "" : description();
  if (on_gpu_ && !was_on_gpu) log_.line("from now on: " + description());
  if (!on_gpu_ && now != last_description_) log_.line("from now on: " + now);
  last_description_ = now;
}

meb_status ProgramEngine::new_engine(const std::string &backend) {
  const meb_status status =
      meb_engine_new(error_, program_, backend.c_str(), options_.precision, &engine_);
  if (status != MEB_SUCCESS || options_.threads == 1) return status;
  return meb_engine_set_threads(error_, engine_, options_.threads);
}

// After the GPU failed: the CPU computes this batch, and all later ones. False if there is no way.
bool ProgramEngine::leave_gpu(const Directory &directory, fortran_int mirror) {
  if (backend() != "cuda") return false;
  const std::string problem = message();
  meb_engine_delete(&engine_);
  if (new_engine("auto") != MEB_SUCCESS) return false;
  on_gpu_ = false;
  log_.line(problem + "; from now on: " + backend());
  weights_in_force_.clear();
  return set_parameters(directory).empty() && set_helicities(directory, mirror).empty();
}

// Masses, widths and constant couplings from the COMMON blocks: what the Fortran uses.
std::string ProgramEngine::set_parameters(const Directory &directory) {
  std::vector<double> parameters, couplings;
  for (std::size_t i = 0; i < size(MEB_SIZE_PARAMETER); ++i) {
    const std::string parameter = name(MEB_NAME_PARAMETER, i);
    const auto *value = static_cast<const double *>(directory.parameter(parameter).address);
    if (value == nullptr && parameter != "ZERO") return "no parameter " + parameter;
    parameters.push_back(value == nullptr ? 0.0 : *value);
  }
  for (std::size_t i = 0; i < size(MEB_SIZE_COUPLING); ++i) {
    const std::string coupling = name(MEB_NAME_COUPLING, i);
    const auto *value = static_cast<const double *>(directory.parameter(coupling).address);
    if (value == nullptr) return "no coupling " + coupling;
    couplings.insert(couplings.end(), value, value + 2);
  }
  if (meb_engine_set_parameters(error_, engine_, parameters.data(), parameters.size(),
                                couplings.data(), couplings.size() / 2) != MEB_SUCCESS)
    return message();
  return "";
}

void ProgramEngine::capture(const Directory &, Event &event) const {
  event.couplings.resize(running_.size());
  for (std::size_t i = 0; i < running_.size(); ++i) event.couplings[i] = *running_[i];
}

void ProgramEngine::gather(const Directory &directory, const std::vector<Event *> &events) {
  momenta_.clear();
  couplings_.clear();
  channel_.clear();
  random_helicity_.clear();
  random_color_.clear();
  color_config_.clear();
  for (const Event *event : events) {
    momenta_.insert(momenta_.end(), event->momenta.begin(), event->momenta.end());
    for (const auto &coupling : event->couplings) {
      couplings_.push_back(coupling.real());
      couplings_.push_back(coupling.imag());
    }
    channel_.push_back(event->channel);
    random_helicity_.push_back(event->random_helicity);
    random_color_.push_back(event->random_color);
    color_config_.push_back(event->config);
  }
  channel_cut_.clear();
  if (has_channel_cut(directory)) gather_channel_cuts(directory, events);
}

void ProgramEngine::gather_channel_cuts(const Directory &directory,
                                        const std::vector<Event *> &events) {
  using ChannelCut = double (*)(double *momenta, fortran_int *config);
  const auto cut = reinterpret_cast<ChannelCut>(directory.find<void>("CHANNEL_CUT"));
  for (Event *event : events) {
    directory.event.restore(event->state.data());
    for (std::size_t i = 0; i < n_config_; ++i) {
      auto config = static_cast<fortran_int>(i + 1);
      channel_cut_.push_back(cut(event->momenta.data(), &config));
    }
  }
}

std::string ProgramEngine::evaluate(const Directory &directory,
                                    const std::vector<Event *> &events) {
  const std::size_t n = events.size();
  const std::string problem = set_helicities(directory, events.front()->mirror);
  if (!problem.empty()) return problem;
  gather(directory, events);
  Arrays arrays;
  arrays.input(MEB_INPUT_MOMENTA, momenta_);
  if (!running_.empty()) arrays.input(MEB_INPUT_RUNNING_COUPLING, couplings_);
  arrays.input(MEB_INPUT_CHANNEL, channel_);
  if (!channel_cut_.empty())
    arrays.input(directory.integer("SDE_STRAT", 1) == 1 ? MEB_INPUT_CHANNEL_CUT
                                                        : MEB_INPUT_CHANNEL_STRENGTH,
                 channel_cut_);
  arrays.input(MEB_INPUT_RANDOM_HELICITY, random_helicity_);
  arrays.output(MEB_OUTPUT_MATRIX_ELEMENT, matrix_element_, n);
  arrays.output(MEB_OUTPUT_HELICITY, helicity_, n);
  if (directory.late) {
    arrays.input(MEB_INPUT_RANDOM_COLOR, random_color_);
    arrays.input(MEB_INPUT_COLOR_CONFIG, color_config_);
    arrays.output(MEB_OUTPUT_COLOR_FLOW, color_flow_, n);
  } else {
    arrays.output(MEB_OUTPUT_JAMP2, jamp2_, n * n_color_flow_);
  }
  if (!directory.is_grouped())
    arrays.output(MEB_OUTPUT_MATRIX_ELEMENT_BY_HELICITY, by_helicity_, n * n_helicity_);
  arrays.output(MEB_OUTPUT_FLAG, flag_, n);
  const auto run = [&] {
    return meb_engine_evaluate(
        error_, engine_, n, arrays.inputs.size(), arrays.input_keys.data(), arrays.inputs.data(),
        arrays.input_sizes.data(), arrays.outputs.size(), arrays.output_keys.data(),
        arrays.outputs.data(), arrays.output_sizes.data());
  };
  meb_status status = run();
  if (status != MEB_SUCCESS && leave_gpu(directory, events.front()->mirror)) status = run();
  if (status != MEB_SUCCESS) return message();
  log_change();
  scatter(directory, events);
  return "";
}

void ProgramEngine::scatter(const Directory &directory,
                            const std::vector<Event *> &events) const {
  for (std::size_t i = 0; i < events.size(); ++i) {
    Event &event = *events[i];
    event.ready = flag_[i] == 0;
    event.answer = matrix_element_[i];
    event.helicity = helicity_[i];
    if (!directory.is_grouped()) copy_row(by_helicity_, i, n_helicity_, event.by_helicity);
    if (directory.late)
      event.color = event.config == 0 ? 0 : color_flow_[i];
    else
      copy_row(jamp2_, i, n_color_flow_, event.jamp2);
  }
}

std::string ProgramEngine::set_helicities(const Directory &directory, fortran_int mirror) {
  const std::vector<double> &weights = filter_.weights(directory, mirror);
  if (weights == weights_in_force_) return "";
  weights_in_force_ = weights;
  if (meb_engine_set_helicity_weights(error_, engine_, weights.data(), weights.size()) !=
      MEB_SUCCESS)
    return message();
  return "";
}

}  // namespace meb::seam
