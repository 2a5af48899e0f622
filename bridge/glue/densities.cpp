#include "densities.hpp"

namespace meb::glue {

bool Densities::read(const std::string &path) {
  on_ = false;
  if (!options_.wants("pdf")) return false;
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

void Densities::evolve(double *x, double *q, double *density) {
  if (!on_) {
    using Evolve = void (*)(double *, double *, double *);
    places_.procedure<Evolve>("NNEVOLVEPDF")(x, q, density);
    return;
  }
  if (!grid_.evolve(*x, *q, density)) places_.procedure<void (*)()>("NN_FAILURE")();
}

}  // namespace meb::glue
