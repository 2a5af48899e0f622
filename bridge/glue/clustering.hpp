// MadEvent's CLUSTER (unit "clustering"): the kT-like clustering that scales and jets are taken
// from, in hadron collisions. The same arithmetic in the same order, without a call for each
// scalar product and with the rapidity of a particle computed once for all its pairs.
//
// Where the original would stop or say something, it is left to do so.
#ifndef MEB_GLUE_CLUSTERING_HPP
#define MEB_GLUE_CLUSTERING_HPP

#include <vector>

#include "options.hpp"
#include "places.hpp"

namespace meb::glue {

class Clustering {
public:
  Clustering(const Places& places, const Options& options);

  // CLUSTER: momenta [leg][E, px, py, pz] in GeV; event counts from 1 (1 up to 3.5).
  // False: the original has to do it.
  bool cluster(const double* momenta, fortran_int event);

private:
  // What is left to combine: leg (of the first particle in it) and its bits.
  struct Line {
    fortran_int leg, bits;
    double rapidity;
    bool has_rapidity;
  };
  // Two lines, the earlier first, and how far they are apart.
  struct Pair {
    int first = -1, second = -1;
    double distance = 1e37, z = 0;
  };
  // Rotation in a plane, as CONSTR makes it: its normal, the square of that, the cosine, and the
  // sine over the normal's length.
  struct Rotation {
    double normal[3], square, cosine, slope;
  };

  bool is_usual() const;
  void start(const double* momenta);
  bool may_combine(fortran_int bits, bool is_first) const;
  bool is_allowed(fortran_int graph) const;
  void narrow_graphs(fortran_int bits);
  Pair closest(bool is_first);
  double final_distance(Line& a, Line& b);
  double rapidity(Line& line);
  double beam_distance(fortran_int bits) const;
  double square_of_sum(const double* a, const double* b) const;
  double z(const double* outgoing, const double* incoming, const double* other, double before);
  void record(int step, const Pair& pair, fortran_int mother);
  void combine_initial(int step, const Pair& pair, fortran_int mother);
  void combine_final(int step, fortran_int mother);
  void set_rotation(const double* p);
  void rotate(const double* p, double direction, double* to) const;
  double common_mass(int step) const;
  void finish(int step, bool is_final);

  double* momentum(fortran_int bits) const { return momenta_ + 5 * (bits - 1); }
  fortran_int graph_of(fortran_int bits, fortran_int i) const {
    return graphs_of_[*process_ - 1 + n_process_ * (bits - 1 + n_bits_ * i)];
  }

  using Dot = double (*)(const double*, const double*);
  using Z = double (*)(const double*, const double*, const double*);
  using Resonances = void (*)(fortran_int*, fortran_int*, fortran_int*, const double*);

  bool on_ = false;
  int n_leg_ = 0, n_process_ = 0, n_bits_ = 0;
  // Of one event: lines left, the boost and rotation done last.
  std::vector<Line> lines_;
  double boost_[4];
  Rotation rotation_;
  // COMMON of cluster.inc, from the first element.
  fortran_int* graphs_of_ = nullptr;  // ID_CL(process, bits, 0:)
  const fortran_int* resonant_ = nullptr;
  double *distance_ = nullptr, *z_ = nullptr, *mass_ = nullptr, *last_mass_ = nullptr;
  double* momenta_ = nullptr;  // PCL(0:4, bits)
  fortran_int *mother_ = nullptr, *daughters_ = nullptr, *graphs_ = nullptr, *clustered_ = nullptr;
  fortran_int *n_resonance_ = nullptr, *is_resonance_ = nullptr, *resonances_ = nullptr;
  fortran_int *history_ = nullptr, *histories_ = nullptr;  // ICLUSTER(4, step) of this event; of the first
  // Choices.
  const fortran_int *process_ = nullptr, *configuration_ = nullptr, *beams_ = nullptr;
  const fortran_int *scheme_ = nullptr, *one_configuration_ = nullptr, *matching_ = nullptr;
  const fortran_int* n_jet_flavor_ = nullptr;
  const double* radius_ = nullptr;
  Dot dot_ = nullptr;
  Z original_z_ = nullptr;
  Resonances find_resonances_ = nullptr;
};

}  // namespace meb::glue
#endif
