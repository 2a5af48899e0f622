#include "densities.hpp"

#include <cstdlib>
#include <cstring>

namespace meb::glue {

Densities::Densities(const Places& places, const Options& options)
    : places_(places),
      options_(options),
      wanted_(options.wants("pdf")),
      label_(places.find<char>("PDLABEL")),
      sub_labels_(places.find<char>("PDSUBLABEL")),
      n_proton_(places.find<fortran_int>("NB_PROTON")),
      n_neutron_(places.find<fortran_int>("NB_NEUTRON")),
      original_(places.procedure<Density>("PDG2PDF")) {}

bool Densities::read(const std::string& path) {
  on_ = false;
  if (!wanted_) return false;
  const std::string objection = grid_.read(path);
  if (!objection.empty()) {
    options_.step_aside("pdf", path + " " + objection);
    return false;
  }
  *places_.find<fortran_int>("NN_MEM") = 0;
  *places_.find<fortran_int>("NN_REP") = 0;
  *places_.find<fortran_int>("NN_NFL") = grid_.has_photon() ? 14 : 13;
  *places_.find<fortran_int>("NN_NX") = grid_.n_x();
  *places_.find<fortran_int>("NN_NQ2") = grid_.n_q2();
  *places_.find<fortran_int>("NN_HASPHOTON") = grid_.has_photon() ? 1 : 0;
  *places_.find<double>("NN_ALPHAS") = grid_.alpha_s();
  on_ = true;
  return true;
}

void Densities::evolve(double* x, double* q, double* density) {
  if (!on_) {
    using Evolve = void (*)(double*, double*, double*);
    places_.procedure<Evolve>("NNEVOLVEPDF")(x, q, density);
    return;
  }
  if (!grid_.evolve(*x, *q, density)) places_.procedure<void (*)()>("NN_FAILURE")();
}

// A proton, not an ion, lepton or photon source.
bool Densities::is_proton(fortran_int hadron, fortran_int beam, double x) const {
  const int b = std::abs(beam) - 1;
  return (hadron == 1 || hadron == -1) && (b == 0 || b == 1) && x > 0 && x <= 1 && n_proton_[b] == 1 &&
         n_neutron_[b] == 0 && std::memcmp(sub_labels_ + 7 * b, "eva    ", 7) != 0;
}

const Densities::Entry* Densities::entry(double x, double scale) {
  for (const Entry& known : entries_)
    if (known.x == x && known.scale == scale) return &known;
  Entry& added = entries_[next_];
  next_ = (next_ + 1) % n_entry;
  added.x = added.moved_x = x;
  added.scale = scale;
  if (grid_.evolve(added.moved_x, scale, added.values, false)) {
    for (double& value : added.values) value = value / added.moved_x;
    return &added;
  }
  places_.procedure<void (*)()>("NN_FAILURE")();
  return nullptr;
}

// CTEQ: what the original said for this point and flavour.
double Densities::remembered(fortran_int flavor, fortran_int* hadron, fortran_int* parton, fortran_int* beam, double* x,
                             double* scale) {
  Remembered* point = remembered_;
  while (point != remembered_ + n_entry && (point->x != *x || point->scale != *scale)) ++point;
  if (point == remembered_ + n_entry) {
    point = &remembered_[next_];
    next_ = (next_ + 1) % n_entry;
    *point = Remembered{};
    point->x = *x;
    point->scale = *scale;
  }
  const int i = flavor + 6;
  if (!point->is_known[i]) {
    point->values[i] = original_(hadron, parton, beam, x, scale);
    point->is_known[i] = true;
  }
  return point->values[i];
}

double Densities::density(fortran_int* hadron, fortran_int* parton, fortran_int* beam, double* x, double* scale) {
  fortran_int flavor = *hadron < 0 ? -*parton : *parton;
  if (std::abs(flavor) == 21) flavor = 0;
  if (std::abs(flavor) == 22 || std::abs(flavor) == 7) flavor = 7;
  const bool is_grid = on_ && std::memcmp(label_, "nn23", 4) == 0;
  const bool is_cteq = wanted_ && std::memcmp(label_, "cteq", 4) == 0;
  if ((!is_grid && !is_cteq) || !is_proton(*hadron, *beam, *x) || (std::abs(flavor) > 6 && flavor != 7))
    return original_(hadron, parton, beam, x, scale);
  if (is_cteq) return remembered(flavor, hadron, parton, beam, x, scale);
  if (*x >= 1 || std::abs(flavor) == 6) return 0;
  return entry(*x, *scale)->values[flavor + 6];
}

}  // namespace meb::glue
