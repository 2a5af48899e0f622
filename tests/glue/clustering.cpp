// Clustering of random 2 -> 3 events, all combinations allowed, against its definition (the
// longitudinally invariant kT measure) and against Lorentz invariance.
//
// The directory's own CLUSTER is compared, byte by byte, by test_glue_real.py.
#include "../../bridge/glue/clustering.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>

namespace {

using meb::glue::fortran_int;
using Vector = std::array<double, 4>;

constexpr int n_leg = 5, n_bits = 32, n_graph = 1;
int n_wrong = 0;

void check(bool holds, const char* what, int event) {
  if (!holds && ++n_wrong < 10) std::printf("event %d: %s\n", event, what);
}

double product(const double* a, const double* b) { return a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3]; }

// What MadEvent keeps in COMMON.
struct Common {
  fortran_int graphs_of[n_bits * (n_graph + 1)] = {}, resonant[n_bits * n_graph] = {};
  double distance[n_leg], z[n_leg], mass[n_leg], last_mass, momenta[5 * n_bits];
  fortran_int mother[n_leg], daughters[2 * n_leg], graphs[n_graph + 1], clustered;
  fortran_int n_resonance, is_resonance[n_bits] = {}, resonances[2 * n_leg], history[4 * n_leg];
  fortran_int process = 1, configuration = 1, beams[2] = {1, 1}, scheme = 1, one_configuration = 0, matching = 0;
  fortran_int n_jet_flavor = 4, n_legs = n_leg, n_process = 1, n_bit = n_bits;
  double radius = 1;
};

double dot(const double* a, const double* b) {
  const double value = product(a, b);
  return std::fabs(value) < 1e-6 ? 0 : value;
}
double no_complaint(const double*, const double*, const double*) {
  ++n_wrong;
  return 0;
}
void no_resonance(fortran_int* n, fortran_int*, fortran_int*, const double*) { *n = 0; }

template <class T>
void place(meb::glue::Places& places, const char* name, T& variable) {
  places.add(name, &variable, sizeof variable);
}

void place_all(meb::glue::Places& places, Common& c) {
  place(places, "ID_CL", c.graphs_of);
  place(places, "RESMAP", c.resonant);
  place(places, "PT2IJCL", c.distance);
  place(places, "ZCL", c.z);
  place(places, "MT2IJ", c.mass);
  place(places, "MT2LAST", c.last_mass);
  place(places, "PCL", c.momenta);
  place(places, "IMOCL", c.mother);
  place(places, "IDACL", c.daughters);
  place(places, "IGRAPHS", c.graphs);
  place(places, "CLUSTERED", c.clustered);
  place(places, "NBW", c.n_resonance);
  place(places, "ISBW", c.is_resonance);
  place(places, "IBWLIST", c.resonances);
  place(places, "ICLUSTER", c.history);
  place(places, "CL_IPROC", c.process);
  place(places, "CL_ICONFIG", c.configuration);
  place(places, "CL_LPP", c.beams);
  place(places, "KTSCHEME", c.scheme);
  place(places, "CHCLUSTER", c.one_configuration);
  place(places, "CL_ICKKW", c.matching);
  place(places, "MAXJETFLAVOR", c.n_jet_flavor);
  place(places, "CL_NEXTERNAL", c.n_legs);
  place(places, "CL_MAXSPROC", c.n_process);
  place(places, "N_MAX_CL", c.n_bit);
  place(places, "DJ_D", c.radius);
  places.add("DOT", reinterpret_cast<void*>(&dot), 1);
  places.add("ZCLUS", reinterpret_cast<void*>(&no_complaint), 1);
  places.add("CHECKBW", reinterpret_cast<void*>(&no_resonance), 1);
}

// Three massless particles in their centre of mass, and the beams.
std::array<Vector, n_leg> random_event(std::mt19937_64& generator) {
  std::uniform_real_distribution<double> uniform(0, 1);
  const double total = 500 + 1000 * uniform(generator);
  const double a = uniform(generator), b = uniform(generator);
  const double x[2] = {a + b > 1 ? a : 1 - a, a + b > 1 ? b : 1 - b};
  const double cosine = 1 - 2 * (x[0] + x[1] - 1) / (x[0] * x[1]), sine = std::sqrt(1 - cosine * cosine);
  const double e[2] = {x[0] * total / 2, x[1] * total / 2};
  const double theta = std::acos(2 * uniform(generator) - 1), phi = 6.28 * uniform(generator);
  const double axis[3] = {std::sin(theta) * std::cos(phi), std::sin(theta) * std::sin(phi), std::cos(theta)};
  const double side[3] = {-std::sin(phi), std::cos(phi), 0};
  std::array<Vector, n_leg> p{};
  p[0] = {total / 2, 0, 0, total / 2};
  p[1] = {total / 2, 0, 0, -total / 2};
  p[2][0] = e[0];
  p[3][0] = e[1];
  p[4][0] = total - e[0] - e[1];
  for (int i = 0; i < 3; ++i) {
    p[2][i + 1] = e[0] * axis[i];
    p[3][i + 1] = e[1] * (cosine * axis[i] + sine * side[i]);
    p[4][i + 1] = -p[2][i + 1] - p[3][i + 1];
  }
  return p;
}

double transverse(const Vector& p) { return p[1] * p[1] + p[2] * p[2]; }

// Of massless particles; a beam on the other side is a little farther.
double distance(const Vector& beam_or_final, const Vector& p, bool is_beam) {
  if (is_beam) return transverse(p) * ((beam_or_final[3] > 0) == (p[3] > 0) ? 1 : 1 + 1e-6);
  const Vector& q = beam_or_final;
  const double cosine = (p[1] * q[1] + p[2] * q[2]) / std::sqrt(transverse(p) * transverse(q));
  const double separation = std::atanh(p[3] / p[0]) - std::atanh(q[3] / q[0]);
  return 2 * std::min(transverse(p), transverse(q)) * (std::cosh(separation) - cosine);
}

void compare(const std::array<Vector, n_leg>& p, const Common& c, int event) {
  double least = 1e37;
  fortran_int bits = 0;
  for (int i = 2; i < n_leg; ++i)
    for (int j = 0; j < i; ++j)
      if (const double d = distance(p[j], p[i], j < 2); d < least) {
        least = d;
        bits = (1 << i) + (1 << j);
      }
  check(c.mother[0] == bits, "another pair is closest", event);
  check(std::fabs(c.distance[0] - least) < 1e-8 * least, "another distance", event);
  for (int vertex = 0; vertex < n_leg - 3; ++vertex)
    check(c.mother[vertex] == c.daughters[vertex] + c.daughters[n_leg + vertex], "legs are lost", event);
  // What is left of the event is at rest and has kept its masses.
  if ((bits & 3) == 0) return;
  const double* mother = c.momenta + 5 * (bits - 1);
  const fortran_int other = bits & 1 ? 2 : 1;
  double sum[4] = {};
  for (int i = 2; i < n_leg; ++i) {
    if ((bits >> i & 1) != 0) continue;
    const double* q = c.momenta + 5 * ((1 << i) - 1);
    for (int k = 0; k < 4; ++k) sum[k] += q[k];
    check(std::fabs(product(q, q)) < 1e-6 * q[0] * q[0], "mass has changed", event);
  }
  const double* beam = c.momenta + 5 * (other - 1);
  for (int k = 0; k < 4; ++k) check(std::fabs(sum[k] - mother[k] - beam[k]) < 1e-8 * sum[0], "not conserved", event);
  if (product(sum, sum) < 101 || (c.mother[1] & 3) == 0) return;
  for (int k = 1; k < 4; ++k) check(std::fabs(sum[k]) < 1e-6 * sum[0], "not at rest", event);
}

}  // namespace

int main() {
  Common common;
  for (int bits = 1; bits <= n_bits; ++bits) {
    common.graphs_of[bits - 1] = 1;
    common.graphs_of[n_bits + bits - 1] = 1;
  }
  meb::glue::Places places;
  place_all(places, common);
  const meb::glue::Options options;
  meb::glue::Clustering clustering(places, options);
  std::mt19937_64 generator(1);
  for (int event = 0; event < 20000; ++event) {
    const auto p = random_event(generator);
    check(clustering.cluster(p[0].data(), 1), "not clustered", event);
    compare(p, common, event);
  }
  // One diagram only, in which legs 3 and 4 meet: these are combined.
  for (int bits = 1; bits <= n_bits; ++bits) common.graphs_of[bits - 1] = bits == 12;
  for (int event = 0; event < 100; ++event) {
    const auto p = random_event(generator);
    clustering.cluster(p[0].data(), 1);
    check(common.mother[0] == 12, "a pair that no diagram has", event);
  }
  // No pair at all, leptons, another measure: for the original.
  const auto p = random_event(generator);
  common.graphs_of[12 - 1] = 0;
  check(!clustering.cluster(p[0].data(), 1), "clustered without a diagram", 0);
  common.graphs_of[12 - 1] = 1;
  common.scheme = 2;
  check(!clustering.cluster(p[0].data(), 1), "clustered with another measure", 0);
  common.scheme = 1;
  common.beams[0] = common.beams[1] = 0;
  check(!clustering.cluster(p[0].data(), 1), "clustered leptons", 0);
  std::printf("%d wrong\n", n_wrong);
  return n_wrong != 0;
}
