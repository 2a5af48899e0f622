#include "clustering.hpp"

#include <algorithm>
#include <cmath>

namespace meb::glue {
namespace {

constexpr const char* unit_name = "clustering";
constexpr int n_beam = 2;
constexpr double never = 1e37;              // distance of what cannot be combined
constexpr double prefer_beam = 1e0 + 1e-6;  // against combining with the beam behind
constexpr double least_boost = 100;         // GeV^2: mass of a system that may be brought to rest
constexpr double along_beam[3] = {0, 0, 1};

void cross(const double* a, const double* b, double* to) {
  to[0] = a[1] * b[2] - a[2] * b[1];
  to[1] = a[2] * b[0] - a[0] * b[2];
  to[2] = a[0] * b[1] - a[1] * b[0];
}

// BOOSTX: momenta given where q rests, to where q is given.
class Boost {
public:
  explicit Boost(const double* q)
      : q_(q),
        square_(q[1] * q[1] + q[2] * q[2] + q[3] * q[3]),
        mass_(std::sqrt(std::max(q[0] * q[0] - square_, 1e-99))) {}

  void operator()(const double* p, double* to) const {
    if (square_ == 0) {
      std::copy(p, p + 4, to);
      return;
    }
    const double product = p[1] * q_[1] + p[2] * q_[2] + p[3] * q_[3];
    const double factor = ((q_[0] - mass_) * product / square_ + p[0]) / mass_;
    to[0] = (p[0] * q_[0] + product) / mass_;
    for (int i = 1; i < 4; ++i) to[i] = p[i] + q_[i] * factor;
  }

private:
  const double *q_, square_, mass_;
};

double invariant(const double* q) { return q[0] * q[0] - q[1] * q[1] - q[2] * q[2] - q[3] * q[3]; }

}  // namespace

Clustering::Clustering(const Places& places, const Options& options) {
  graphs_of_ = places.find<fortran_int>("ID_CL");
  if (graphs_of_ == nullptr || !options.wants(unit_name)) return;
  n_leg_ = places.integer("CL_NEXTERNAL");
  n_process_ = places.integer("CL_MAXSPROC");
  n_bits_ = places.integer("N_MAX_CL");
  resonant_ = places.find<fortran_int>("RESMAP");
  distance_ = places.find<double>("PT2IJCL");
  z_ = places.find<double>("ZCL");
  mass_ = places.find<double>("MT2IJ");
  last_mass_ = places.find<double>("MT2LAST");
  momenta_ = places.find<double>("PCL");
  mother_ = places.find<fortran_int>("IMOCL");
  daughters_ = places.find<fortran_int>("IDACL");
  graphs_ = places.find<fortran_int>("IGRAPHS");
  clustered_ = places.find<fortran_int>("CLUSTERED");
  n_resonance_ = places.find<fortran_int>("NBW");
  is_resonance_ = places.find<fortran_int>("ISBW");
  resonances_ = places.find<fortran_int>("IBWLIST");
  histories_ = places.find<fortran_int>("ICLUSTER");
  process_ = places.find<fortran_int>("CL_IPROC");
  configuration_ = places.find<fortran_int>("CL_ICONFIG");
  beams_ = places.find<fortran_int>("CL_LPP");
  scheme_ = places.find<fortran_int>("KTSCHEME");
  one_configuration_ = places.find<fortran_int>("CHCLUSTER");
  matching_ = places.find<fortran_int>("CL_ICKKW");
  n_jet_flavor_ = places.find<fortran_int>("MAXJETFLAVOR");
  radius_ = places.find<double>("DJ_D");
  dot_ = places.procedure<Dot>("DOT");
  original_z_ = places.procedure<Z>("ZCLUS");
  find_resonances_ = places.procedure<Resonances>("CHECKBW");
  lines_.reserve(static_cast<std::size_t>(n_leg_));
  on_ = n_leg_ > 3;
}

// Hadrons, and neither CKKW nor its measure.
bool Clustering::is_usual() const {
  return on_ && (beams_[0] != 0 || beams_[1] != 0) && *scheme_ != 2 && *matching_ != 2;
}

bool Clustering::is_allowed(fortran_int graph) const {
  if (*one_configuration_ != 0 && graph != *configuration_) return false;
  for (fortran_int i = 0; i < *n_resonance_; ++i)
    if (resonant_[resonances_[2 * i] - 1 + n_bits_ * (graph - 1)] == 0) return false;
  return true;
}

// FINDMT: if a diagram has a propagator with these legs; after the first step, one of those that
// are still possible. Both lists ascend.
bool Clustering::may_combine(fortran_int bits, bool is_first) const {
  const fortran_int n = graph_of(bits, 0);
  if (is_first) {
    for (fortran_int i = 1; i <= n; ++i)
      if (is_allowed(graph_of(bits, i))) return true;
    return false;
  }
  for (fortran_int i = 1, k = 1; i <= n && k <= graphs_[0];) {
    const fortran_int graph = graph_of(bits, i);
    if (graph == graphs_[k]) return true;
    graph < graphs_[k] ? ++i : ++k;
  }
  return false;
}

// FINDMT for the pair that is combined: the diagrams that remain.
void Clustering::narrow_graphs(fortran_int bits) {
  const fortran_int n = graph_of(bits, 0), before = graphs_[0];
  fortran_int found = 0;
  if (before == 0) {
    for (fortran_int i = 1; i <= n; ++i)
      if (is_allowed(graph_of(bits, i))) graphs_[++found] = graph_of(bits, i);
  } else {
    for (fortran_int i = 1, k = 1; i <= n && k <= before;) {
      const fortran_int graph = graph_of(bits, i);
      if (graph == graphs_[k]) {
        graphs_[++found] = graph;
        ++i;
        ++k;
      } else {
        graph < graphs_[k] ? ++i : ++k;
      }
    }
  }
  graphs_[0] = found;
}

// SUMDOT; tiny squares are the original's business.
double Clustering::square_of_sum(const double* a, const double* b) const {
  double sum[4];
  for (int i = 0; i < 4; ++i) sum[i] = a[i] + b[i];
  const double square = invariant(sum);
  return std::fabs(square) < 1e-6 ? dot_(sum, sum) : square;
}

// DJB for hadrons.
double Clustering::beam_distance(fortran_int bits) const {
  const double* p = momentum(bits);
  return (p[0] - p[3]) * (p[0] + p[3]);
}

double Clustering::rapidity(Line& line) {
  if (!line.has_rapidity) {
    const double* p = momentum(line.bits);
    const double size = std::sqrt((p[1] * p[1] + p[2] * p[2]) + p[3] * p[3]);
    line.rapidity = 0.5 * std::log((size + p[3]) / (size - p[3]));
    line.has_rapidity = true;
  }
  return line.rapidity;
}

// DJ for hadrons.
double Clustering::final_distance(Line& a, Line& b) {
  const double *p = momentum(a.bits), *q = momentum(b.bits);
  const auto is_heavy = [&](double square) {
    return (square >= 3 && *n_jet_flavor_ > 4) || (square >= 1 && *n_jet_flavor_ > 3);
  };
  if (p[4] < 1 && is_heavy(q[4])) return beam_distance(a.bits) * prefer_beam;
  if (q[4] < 1 && is_heavy(p[4])) return beam_distance(b.bits) * prefer_beam;
  const double p_square = p[1] * p[1] + p[2] * p[2], q_square = q[1] * q[1] + q[2] * q[2];
  const double cosine = (p[1] * q[1] + p[2] * q[2]) / std::sqrt(p_square * q_square);
  return std::max(p[4], q[4]) +
         std::min(p_square, q_square) * 2 * (std::cosh(rapidity(a) - rapidity(b)) - cosine) / (*radius_ * *radius_);
}

// ZCLUS; before: squared mass of both incoming lines. What it complains about is its own business.
double Clustering::z(const double* outgoing, const double* incoming, const double* other, double before) {
  double left[4];
  for (int i = 0; i < 4; ++i) left[i] = incoming[i] - outgoing[i];
  const double after = square_of_sum(left, other);
  if (after < 1) return 0;
  const double fraction = after / before;
  return fraction > 1 || fraction < 0 ? original_z_(outgoing, incoming, other) : fraction;
}

// The pair with the least distance; first is -1 if there is none.
Clustering::Pair Clustering::closest(bool is_first) {
  Pair best;
  best.distance = never;
  for (Line& line : lines_) line.has_rapidity = false;
  const double* beams[n_beam] = {momentum(lines_[0].bits), momentum(lines_[1].bits)};
  const double before = square_of_sum(beams[0], beams[1]);
  for (int i = n_beam; i < static_cast<int>(lines_.size()); ++i) {
    const double* p = momentum(lines_[i].bits);
    for (int j = 0; j < i; ++j) {
      const fortran_int bits = lines_[i].bits + lines_[j].bits;
      if (!may_combine(bits, is_first)) continue;
      double distance, z_value = 0;
      if (j >= n_beam) {
        const double* q = momentum(lines_[j].bits);
        distance = is_resonance_[bits - 1] != 0 ? square_of_sum(p, q) : final_distance(lines_[i], lines_[j]);
      } else {
        distance = beam_distance(lines_[i].bits);
        z_value = z(p, beams[j], beams[1 - j], before);
        if (std::signbit(p[3]) != std::signbit(beams[j][3])) distance = distance * prefer_beam;
      }
      if (distance < best.distance) {
        best.first = j;
        best.second = i;
        best.distance = distance;
        best.z = z_value;
      }
    }
  }
  return best;
}

// Legs, masses and resonances.
void Clustering::start(const double* momenta) {
  *clustered_ = 0;
  std::fill(boost_, boost_ + 4, 0);
  find_resonances_(n_resonance_, resonances_, is_resonance_, momenta);
  lines_.clear();
  for (int i = 0; i < n_leg_; ++i) {
    const fortran_int bits = 1 << i;
    lines_.push_back({i + 1, bits, 0, false});
    mass_[i] = 0;
    const double* p = momenta + 4 * i;
    double* to = momentum(bits);
    std::copy(p, p + 4, to);
    const double square = invariant(p);
    to[4] = std::fabs(square) < 1e-6 ? dot_(p, p) : square;
  }
  *last_mass_ = 0;
  graphs_[0] = 0;
}

void Clustering::record(int step, const Pair& pair, fortran_int mother) {
  const Line &first = lines_[pair.first], &second = lines_[pair.second];
  mother_[step] = mother;
  daughters_[step] = first.bits;
  daughters_[n_leg_ + step] = second.bits;
  distance_[step] = pair.distance;
  z_[step] = pair.z;
  fortran_int* history = history_ + 4 * step;
  history[0] = first.leg;
  history[1] = second.leg;
  history[2] = 0;
  history[3] = 0;
  if (is_resonance_[mother - 1] == 0) return;
  for (fortran_int i = 0; i < *n_resonance_; ++i)
    if (resonances_[2 * i] == mother) {
      history[3] = resonances_[2 * i + 1];
      return;
    }
}

// ROTATE. p may be `to`.
void Clustering::rotate(const double* p, double direction, double* to) const {
  const Rotation& r = rotation_;
  if (r.square == 0) {
    std::copy(p, p + 4, to);
    return;
  }
  const double* n = r.normal;
  const double along = (n[0] * p[1] + n[1] * p[2] + n[2] * p[3]) / r.square;
  double parallel[3], rest[3], turned[3];
  for (int i = 0; i < 3; ++i) {
    parallel[i] = n[i] * along;
    rest[i] = p[i + 1] - parallel[i];
  }
  cross(n, rest, turned);
  const double sine = direction * r.slope;
  to[0] = p[0];
  for (int i = 0; i < 3; ++i) to[i + 1] = parallel[i] + r.cosine * rest[i] + sine * turned[i];
}

// CONSTR: the rotation of p to the beam.
void Clustering::set_rotation(const double* p) {
  Rotation& r = rotation_;
  const double* axis = along_beam;
  r.cosine = p[1] * axis[0] + p[2] * axis[1] + p[3] * axis[2];
  r.cosine = r.cosine / std::sqrt(p[1] * p[1] + p[2] * p[2] + p[3] * p[3]);
  const double cosine = r.cosine - 1 > 0 ? 0 : r.cosine;
  const double sine = std::sqrt(1 - cosine * cosine);
  cross(p + 1, axis, r.normal);
  r.square = r.normal[0] * r.normal[0] + r.normal[1] * r.normal[1] + r.normal[2] * r.normal[2];
  if (r.square <= 1e-34) r.square = 0;
  r.slope = sine / std::sqrt(r.square);
}

// The mass of two that are combined.
double Clustering::common_mass(int step) const {
  const double first = momentum(daughters_[step])[4], second = momentum(daughters_[n_leg_ + step])[4];
  return first > 0 || second > 0 ? std::max(first, second) : 0;
}

// A line from a beam: the system left is brought to rest and turned until its beams lie along z.
void Clustering::combine_initial(int step, const Pair& pair, fortran_int mother) {
  const fortran_int second = daughters_[n_leg_ + step];
  const Line& other = lines_[1 - pair.first];
  mass_[step] = beam_distance(second);
  history_[4 * step + 2] = other.leg;
  double* p = momentum(mother);
  const double *from = momentum(daughters_[step]), *out = momentum(second), *beam = momentum(other.bits);
  for (int i = 0; i < 4; ++i) {
    p[i] = from[i] - out[i];
    boost_[i] = -p[i] - beam[i];
  }
  boost_[0] = -boost_[0];
  p[4] = common_mass(step);
  if (!(invariant(boost_) > least_boost) || lines_.size() <= 4) return;
  double moved[4];
  const Boost boost(boost_);
  boost(p, moved);
  set_rotation(moved);
  const auto move = [&](double* q) {
    boost(q, moved);
    rotate(moved, 1, q);
  };
  for (const Line& line : lines_) move(momentum(line.bits));
  move(p);
}

void Clustering::combine_final(int step, fortran_int mother) {
  double* p = momentum(mother);
  const double *a = momentum(daughters_[step]), *b = momentum(daughters_[n_leg_ + step]);
  for (int i = 0; i < 4; ++i) p[i] = a[i] + b[i];
  p[4] = is_resonance_[mother - 1] != 0 ? distance_[step] : common_mass(step);
}

// The last vertex, of the three lines left; step: that of the vertex before.
void Clustering::finish(int step, bool is_final) {
  const Line& left = lines_[2];
  if (is_final) {
    *last_mass_ = std::sqrt(beam_distance(daughters_[step]) * beam_distance(daughters_[n_leg_ + step]));
    if (invariant(boost_) > least_boost) {
      double* p = momentum(left.bits);
      double turned[4];
      rotate(p, -1, turned);
      for (int i = 1; i < 4; ++i) boost_[i] = -boost_[i];
      Boost{boost_}(turned, p);
    }
  }
  const int last = step + 1;
  daughters_[last] = lines_[0].bits;
  daughters_[n_leg_ + last] = lines_[1].bits;
  mother_[last] = left.bits;
  distance_[last] = beam_distance(left.bits);
  z_[last] = 1;
  fortran_int* history = history_ + 4 * last;
  history[0] = 1;
  history[1] = 3;
  history[2] = 2;
  history[3] = 0;
  for (fortran_int i = 1; i <= graphs_[0]; ++i)
    if (graphs_[i] == *configuration_) {
      graphs_[0] = 1;
      graphs_[1] = *configuration_;
    }
  *clustered_ = 1;
}

bool Clustering::cluster(const double* momenta, fortran_int event) {
  if (!is_usual()) return false;
  history_ = histories_ + 4 * n_leg_ * (event - 1);
  start(momenta);
  for (int step = 0;; ++step) {
    const Pair pair = closest(step == 0);
    if (pair.first < 0) return false;
    const fortran_int mother = lines_[pair.first].bits + lines_[pair.second].bits;
    record(step, pair, mother);
    narrow_graphs(mother);
    if (graphs_[0] == 0) return false;
    const bool is_final = pair.first >= n_beam;
    if (is_final)
      combine_final(step, mother);
    else
      combine_initial(step, pair, mother);
    lines_[pair.first].bits = mother;
    lines_.erase(lines_.begin() + pair.second);
    if (lines_.size() <= 3) {
      finish(step, is_final);
      return true;
    }
  }
}

}  // namespace meb::glue
