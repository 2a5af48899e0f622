// MadEvent's SETCLSCALES (unit "clustering") as it is asked without matching: scales of an event
// from its clustering, and which of its legs are jets.
//
// Whatever is not usual is left to the original, which starts anew: fixed scales, matching, a
// clustering that fails, a scale below 2 GeV. COMMON /CL_JETS/, which only matching reads, stays.
#ifndef MEB_GLUE_SCALES_HPP
#define MEB_GLUE_SCALES_HPP

#include <cstdlib>
#include <vector>

#include "clustering.hpp"
#include "options.hpp"
#include "places.hpp"

namespace meb::glue {

class Scales {
public:
  Scales(const Places& places, Clustering& clustering);

  // SETCLSCALES; momenta, event as for Clustering. False: the original has to do it.
  bool set(const double* momenta, const fortran_int* keep_central, fortran_int event);

private:
  // Legs that a line leads to: the one that stands for it, and the other of a pair or 0.
  struct Part {
    fortran_int hard = 0, soft = 0;
    bool operator==(const Part& other) const { return hard == other.hard && soft == other.soft; }
  };
  // What is known of the line from one beam; vertices count from 1, 0 is none.
  struct Beam {
    fortran_int bits;
    int first = 0, central = 0;  // vertex where it first splits, last where it has colour
    bool has_color, is_parton;
  };

  bool is_usual() const;
  bool find_jets(const double* momenta, fortran_int event);
  bool set_parts(const double* momenta);
  bool set_part(const double* momenta, fortran_int mother, fortran_int first, fortran_int second);
  void adopt_flavor(fortran_int mother, fortran_int first, fortran_int second, fortran_int sign);
  void follow_beam(Beam& beam, int side, int vertex, int daughter);
  void pass_final(int vertex);
  void drop_jets(fortran_int mother, int n_colored);
  void prefer_jet(int vertex, fortran_int mother, fortran_int first, fortran_int second);
  bool is_jet_vertex(int vertex) const;
  int count_jets() const;
  void set_transverse_masses();
  void set_factorization(bool keep_central);
  void set_renormalization();
  void set_systematics(fortran_int event);

  fortran_int color(fortran_int flavor) const;
  bool is_colored(fortran_int bits) const { return std::abs(color(flavor(bits))) > 1; }
  bool is_octet(fortran_int bits) const { return std::abs(color(flavor(bits))) == 8; }
  bool is_jet_flavor(fortran_int id) const { return std::abs(id) <= *n_jet_flavor_ || std::abs(id) == 21; }
  bool is_jet(fortran_int bits) const { return is_jet_flavor(flavor(bits)); }
  fortran_int& flavor(fortran_int bits) const { return flavors_[bits - 1]; }
  // Vertices from 1.
  fortran_int mother(int vertex) const { return mother_[vertex - 1]; }
  fortran_int daughter(int vertex, int i) const { return daughters_[n_leg_ * i + vertex - 1]; }
  double& distance(int vertex) const { return distance_[vertex - 1]; }

  Clustering& clustering_;
  bool on_ = false;
  int n_leg_ = 0, n_bits_ = 0, n_graph_ = 0;
  // Of one event.
  std::vector<Part> parts_;         // by bits
  std::vector<char> is_good_jet_;   // by bits: all that is combined in it are jets
  fortran_int* flavors_ = nullptr;  // by bits, of the diagram that was found
  Beam beams_[2];
  int jet_code_ = 1;
  bool raise_code_ = false;
  mutable std::vector<fortran_int> colors_;  // by flavour, where they are known
  // COMMON.
  fortran_int* all_flavors_ = nullptr;  // IPDGCL(bits, graph, process)
  double *distance_ = nullptr, *mass_ = nullptr;
  const double* last_mass_ = nullptr;
  const fortran_int *mother_ = nullptr, *daughters_ = nullptr, *graphs_ = nullptr;
  const fortran_int *process_ = nullptr, *configuration_ = nullptr, *beam_kinds_ = nullptr;
  const fortran_int *matching_ = nullptr, *n_jet_flavor_ = nullptr, *init_mode_ = nullptr, *order_ = nullptr;
  const fortran_int* fixed_[3] = {};  // scales: renormalisation, factorisation 1 and 2
  const fortran_int *n_jet_stored_ = nullptr, *use_syst_ = nullptr;
  fortran_int *one_configuration_ = nullptr, *last_vertex_ = nullptr, *n_jet_ = nullptr, *jets_ = nullptr;
  const double *jet_cut_ = nullptr, *mass_cut_ = nullptr, *factor_ = nullptr;
  double *scale_ = nullptr, *factorization_ = nullptr, *central_ = nullptr, *coupling_ = nullptr;
  fortran_int *n_qcd_ = nullptr, *n_alpha_ = nullptr, *n_density_ = nullptr;
  double *syst_scale_ = nullptr, *weight_factor_ = nullptr;
  double (*alpha_s_)(const double*) = nullptr;
  fortran_int (*get_color_)(const fortran_int*) = nullptr;
};

}  // namespace meb::glue
#endif
