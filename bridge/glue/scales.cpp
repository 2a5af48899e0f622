#include "scales.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace meb::glue {
namespace {

constexpr fortran_int gluon = 21, photon = 22;
constexpr double four_pi = 4 * 3.14159265358979323846;
constexpr double least_scale = 4;          // GeV^2
constexpr fortran_int most_cached = 1024;  // flavours
constexpr fortran_int unknown = -1000;

bool is_beam(fortran_int leg) { return leg == 1 || leg == 2; }
bool is_boson(fortran_int flavor) { return flavor == gluon || flavor == photon; }
fortran_int bits_of(fortran_int leg) { return 1 << (leg - 1); }
double sum_transverse(const double* p) { return p[1] * p[1] + p[2] * p[2]; }
fortran_int unit_of(fortran_int value) { return value < 0 ? -1 : 1; }

}  // namespace

Scales::Scales(const Places& places, Clustering& clustering) : clustering_(clustering) {
  all_flavors_ = places.find<fortran_int>("IPDGCL");
  if (all_flavors_ == nullptr) return;
  n_leg_ = places.integer("CL_NEXTERNAL");
  n_bits_ = places.integer("N_MAX_CL");
  n_graph_ = places.integer("N_MAX_CG");
  distance_ = places.find<double>("PT2IJCL");
  mass_ = places.find<double>("MT2IJ");
  last_mass_ = places.find<double>("MT2LAST");
  mother_ = places.find<fortran_int>("IMOCL");
  daughters_ = places.find<fortran_int>("IDACL");
  graphs_ = places.find<fortran_int>("IGRAPHS");
  process_ = places.find<fortran_int>("CL_IPROC");
  configuration_ = places.find<fortran_int>("CL_ICONFIG");
  beam_kinds_ = places.find<fortran_int>("CL_LPP");
  matching_ = places.find<fortran_int>("CL_ICKKW");
  n_jet_flavor_ = places.find<fortran_int>("MAXJETFLAVOR");
  init_mode_ = places.find<fortran_int>("CL_INIT_MODE");
  order_ = places.find<fortran_int>("NQCD");
  fixed_[0] = places.find<fortran_int>("FIXED_REN_SCALE");
  fixed_[1] = places.find<fortran_int>("FIXED_FAC_SCALE1");
  fixed_[2] = places.find<fortran_int>("FIXED_FAC_SCALE2");
  n_jet_stored_ = places.find<fortran_int>("NJETSTORE");
  use_syst_ = places.find<fortran_int>("CL_USE_SYST");
  one_configuration_ = places.find<fortran_int>("CHCLUSTER");
  last_vertex_ = places.find<fortran_int>("JLAST");
  n_jet_ = places.find<fortran_int>("NJETS");
  jets_ = places.find<fortran_int>("IQJETS");
  jet_cut_ = places.find<double>("XQCUT");
  mass_cut_ = places.find<double>("XMTC");
  factor_ = places.find<double>("SCALEFACT");
  scale_ = places.find<double>("CL_SCALE");
  factorization_ = places.find<double>("CL_Q2FACT");
  central_ = places.find<double>("Q2BCK");
  coupling_ = places.find<double>("CL_G");
  n_qcd_ = places.find<fortran_int>("CL_N_QCD");
  n_alpha_ = places.find<fortran_int>("CL_N_ALPSEM");
  n_density_ = places.find<fortran_int>("CL_N_PDFRW");
  syst_scale_ = places.find<double>("CL_S_SCALE");
  weight_factor_ = places.find<double>("CL_S_RWFACT");
  alpha_s_ = places.procedure<double (*)(const double*)>("ALPHAS");
  get_color_ = places.procedure<fortran_int (*)(const fortran_int*)>("GET_COLOR");
  colors_.assign(2 * most_cached + 1, unknown);
  on_ = n_leg_ > 3;
}

// Scales from the clustering, of which none is set yet; no matching; the jets of this configuration
// are known: the original finds them with its first event.
bool Scales::is_usual() const {
  return on_ && *matching_ == 0 && *jet_cut_ <= 0 && *mass_cut_ == 0 && *init_mode_ == 0 && *fixed_[0] == 0 &&
         *fixed_[1] == 0 && *fixed_[2] == 0 && *scale_ == 0 && factorization_[0] == 0 && factorization_[1] == 0 &&
         n_jet_stored_[*configuration_ - 1] != -1;
}

fortran_int Scales::color(fortran_int flavor) const {
  if (std::abs(flavor) > most_cached) return get_color_(&flavor);
  fortran_int& known = colors_[static_cast<std::size_t>(flavor + most_cached)];
  if (known != unknown) return known;
  const fortran_int found = get_color_(&flavor);
  if (found != 0) known = found;  // 0: it complains, each time
  return found;
}

// A jet that radiates a gluon or photon keeps its flavour; sign: of one from the final state that
// goes into a beam.
void Scales::adopt_flavor(fortran_int mother, fortran_int first, fortran_int second, fortran_int sign) {
  const fortran_int a = flavor(first), b = flavor(second);
  if (a < gluon && is_jet_flavor(a) && is_boson(b)) flavor(mother) = sign * a;
  if (b < gluon && is_jet_flavor(b) && is_boson(a)) flavor(mother) = b;
}

// IPARTUPDATE: the external legs that stand for a mother. False: a vertex of a kind unknown to it.
bool Scales::set_part(const double* momenta, fortran_int mother, fortran_int first, fortran_int second) {
  const Part one = parts_[first], two = parts_[second];
  Part& part = parts_[mother];
  const fortran_int a = flavor(first), b = flavor(second);
  if (is_beam(one.hard) || is_beam(two.hard)) {
    part.soft = 0;
    if (one.hard <= 2 && two.hard <= 2) return true;
    part.hard = is_beam(two.hard) ? two.hard : one.hard;
    if (is_jet(mother))
      is_beam(two.hard) ? adopt_flavor(mother, first, second, -1) : adopt_flavor(mother, second, first, -1);
    return true;
  }
  if (is_jet(mother)) adopt_flavor(mother, first, second, 1);
  const fortran_int m = flavor(mother);
  const bool is_first = sum_transverse(momenta + 4 * (one.hard - 1)) > sum_transverse(momenta + 4 * (two.hard - 1));
  const Part harder = is_first ? one : two;
  const Part both = is_first ? Part{one.hard, two.hard} : Part{two.hard, one.hard};
  if (m == gluon && a == gluon && b == gluon) {
    part = harder;
    return true;
  }
  if (m == gluon && std::abs(a) <= 6 && std::abs(b) <= 6) {
    part = both;
    return true;
  }
  const fortran_int m_color = color(m), a_color = color(a), b_color = color(b);
  const fortran_int m_size = std::abs(m_color), a_size = std::abs(a_color), b_size = std::abs(b_color);
  if (m_color == 8 && a_size == 3 && b_size == 3) {
    part = both;
  } else if (m == gluon && (a == gluon || b == gluon)) {
    const fortran_int other = a == gluon ? b_size : a_size;
    part = other > 1 ? harder : a == gluon ? one : two;
  } else if (m == gluon) {
    part = harder;
  } else if (m == a || m == a + unit_of(b)) {
    part = {one.hard, 0};
  } else if (m == b || m == b + unit_of(a)) {
    part = {two.hard, 0};
  } else if (m_size == 3 && a_size == 3 && b_color == 1) {
    part = {one.hard, 0};
  } else if (m_size == 3 && b_size == 3 && a_color == 1) {
    part = {two.hard, 0};
  } else if (m_size == 3 && b_size == 8 && a_size == 3) {
    part = {two.hard, 0};
  } else if (m_size == 3 && b_size == 3 && a_color == 8) {
    part = {one.hard, 0};
  } else if (m_color == 1 || m_color == 2 || a_color == 2 || b_color == 2) {
    part = {one.hard, two.hard};
  } else if (m_size == 3 && a_size == 3 && b_size == 3) {
    part = {one.hard, 0};
  } else if (m_size == 6 && a_size == 3 && b_size == 3) {
    part = both;
  } else if (m_size == 8 && a_size == 1 && b_size == 8) {
    part = two;
  } else if (m_size == 8 && a_size == 8 && b_size == 1) {
    part = one;
  } else {
    return false;
  }
  return true;
}

bool Scales::set_parts(const double* momenta) {
  parts_.assign(static_cast<std::size_t>(n_bits_ + 1), Part{});
  for (fortran_int leg = 1; leg <= n_leg_; ++leg) parts_[bits_of(leg)] = {leg, 0};
  for (int vertex = 1; vertex <= n_leg_ - 3; ++vertex)
    if (!set_part(momenta, mother(vertex), daughter(vertex, 0), daughter(vertex, 1))) return false;
  return true;
}

// A vertex on the line from a beam; side, daughter: 0 or 1.
void Scales::follow_beam(Beam& beam, int side, int vertex, int i) {
  const bool is_last = vertex == n_leg_ - 2;
  const fortran_int in = daughter(vertex, i);
  const fortran_int out = is_last ? mother(vertex) : daughter(vertex, 1 - i);
  const fortran_int on = is_last ? daughter(vertex, 1 - i) : mother(vertex);
  beam.bits = mother(vertex);
  if (beam.is_parton) {
    if (beam.first == 0) beam.first = vertex;
    last_vertex_[side] = vertex;
    beam.is_parton = is_good_jet_[out] && is_jet(on);
  } else {
    if (beam.first == 0) beam.first = vertex;
    is_good_jet_[on] = false;
  }
  // Past a vertex without jets, codes of jets rise: they count only if all of the line are jets.
  if (!is_good_jet_[out] || !is_jet(in) || !is_jet(on)) {
    ++jet_code_;
    raise_code_ = true;
  } else if (raise_code_) {
    ++jet_code_;
    raise_code_ = false;
  }
  if (is_good_jet_[out]) jets_[parts_[out].hard - 1] = beam.is_parton || flavor(out) == gluon ? 1 : jet_code_;
  if (beam.has_color) {
    beam.central = vertex;
    beam.has_color = is_colored(on);
  }
}

// ISJETVX.
bool Scales::is_jet_vertex(int vertex) const {
  const fortran_int m = mother(vertex), a = daughter(vertex, 0), b = daughter(vertex, 1);
  if (vertex == n_leg_ - 2 || !is_colored(m) || !is_colored(a) || !is_colored(b)) return false;
  const bool a_beam = is_beam(parts_[a].hard), b_beam = is_beam(parts_[b].hard);
  if (a_beam || b_beam) return (b_beam && is_jet(a)) || (a_beam && is_jet(b));
  return (is_jet(a) && (is_jet(m) || flavor(m) == flavor(b))) || (is_jet(b) && (is_jet(m) || flavor(m) == flavor(a)));
}

// Legs that come from a vertex without jets are none; n_colored: of its three lines.
void Scales::drop_jets(fortran_int mother, int n_colored) {
  const Part part = parts_[mother];
  if (n_colored < 3 && part.hard > 2) {
    if (!is_octet(bits_of(part.hard))) {
      const bool is_pair = part.soft != 0;
      if (n_colored > 0 && (!is_pair || (jets_[part.hard - 1] > 0 && jets_[part.soft - 1] > 0)))
        jets_[part.hard - 1] = 0;
    } else if (is_octet(mother)) {
      jets_[part.hard - 1] = 0;
    }
  }
  if (part.soft > 2 && !is_octet(bits_of(part.soft)) && !is_octet(mother)) jets_[part.soft - 1] = 0;
}

// Of two octets in one, that which is a jet stands for it.
void Scales::prefer_jet(int vertex, fortran_int mother, fortran_int first, fortran_int second) {
  const bool is_first = parts_[mother].hard == parts_[first].hard;
  const fortran_int kept = is_first ? first : second, other = is_first ? second : first;
  if (is_good_jet_[kept] || !is_good_jet_[other]) return;
  for (fortran_int bits = n_bits_; bits >= vertex; --bits)
    if (parts_[bits] == parts_[mother]) parts_[bits] = parts_[other];
}

// A vertex of final-state lines.
void Scales::pass_final(int vertex) {
  const fortran_int m = mother(vertex), a = daughter(vertex, 0), b = daughter(vertex, 1);
  if (!is_jet_vertex(vertex)) {
    drop_jets(m, int{is_colored(m)} + int{is_colored(a)} + int{is_colored(b)});
    is_good_jet_[m] = false;
    return;
  }
  for (const fortran_int bits : {a, b}) {
    const fortran_int leg = parts_[bits].hard;
    if (is_jet(bits) && leg > 2 && bits == bits_of(leg)) jets_[leg - 1] = 1;
  }
  is_good_jet_[m] = is_jet(m) && is_good_jet_[a] && is_good_jet_[b];
  if (is_octet(m) && is_octet(a) && is_octet(b)) prefer_jet(vertex, m, a, b);
}

int Scales::count_jets() const {
  return static_cast<int>(std::count_if(jets_, jets_ + n_leg_, [](fortran_int jet) { return jet > 0; }));
}

// Clusters, and says where the lines from the beams split and which legs are jets. False: left to
// the original.
bool Scales::find_jets(const double* momenta, fortran_int event) {
  if (!clustering_.cluster(momenta, event)) return false;
  flavors_ = all_flavors_ + n_bits_ * (graphs_[1] - 1 + n_graph_ * (*process_ - 1));
  if (!set_parts(momenta)) return false;
  is_good_jet_.assign(static_cast<std::size_t>(n_bits_ + 1), false);
  for (fortran_int leg = 1; leg <= n_leg_; ++leg) is_good_jet_[bits_of(leg)] = is_jet(bits_of(leg));
  for (int side = 0; side < 2; ++side) {
    Beam& beam = beams_[side];
    beam = Beam{bits_of(side + 1), 0, 0, false, false};
    beam.has_color = beam.is_parton = is_colored(beam.bits);
    is_good_jet_[beam.bits] = beam.is_parton;
    last_vertex_[side] = 0;
  }
  std::fill(jets_, jets_ + n_leg_, 0);
  jet_code_ = 1;
  raise_code_ = false;
  for (int vertex = 1; vertex <= n_leg_ - 2; ++vertex) {
    for (int i = 0; i < 2; ++i)
      for (int side = 0; side < 2; ++side)
        if (daughter(vertex, i) == beams_[side].bits) follow_beam(beams_[side], side, vertex, i);
    if (mother(vertex) != beams_[0].bits && mother(vertex) != beams_[1].bits) pass_final(vertex);
  }
  if (!beams_[0].is_parton || !beams_[1].is_parton) {
    if (beams_[0].is_parton || beams_[1].is_parton) --jet_code_;
    for (int i = 2; i < n_leg_; ++i)
      if (jets_[i] > 1 && jets_[i] <= jet_code_) jets_[i] = 0;
  }
  for (int side = 0; side < 2; ++side)
    if (beams_[side].first == 0) beams_[side].first = last_vertex_[side];
  *n_jet_ = count_jets();
  return true;
}

// The scale of a vertex from which a line without colour goes on: its transverse mass.
void Scales::set_transverse_masses() {
  const int last = n_leg_ - 2, before = n_leg_ - 3;
  if (*last_mass_ > 4 && last_vertex_[0] == last && last_vertex_[1] == last && is_colored(daughter(before, 0)) &&
      is_colored(daughter(before, 1)) && is_colored(mother(before))) {
    mass_[last - 1] = *last_mass_;
    mass_[before - 1] = *last_mass_;
  }
  for (const Beam& beam : beams_)
    if (beam.central > 0 && mass_[beam.central - 1] > 0) distance(beam.central) = mass_[beam.central - 1];
  for (int side = 0; side < 2; ++side)
    if (const int vertex = last_vertex_[side]; vertex > 0)
      distance(vertex) = std::max(distance(vertex), distance(beams_[side].first));
}

void Scales::set_factorization(bool keep_central) {
  for (int side = 0; side < 2; ++side)
    if (const int vertex = last_vertex_[side]; vertex > 0)
      factorization_[side] = std::sqrt(distance(vertex) * distance(beams_[side].central));
  if (beams_[0].central > 0 && beams_[0].central == beams_[1].central) {
    factorization_[0] = std::max(factorization_[0], factorization_[1]);
    factorization_[1] = factorization_[0];
  }
  for (int side = 0; side < 2; ++side) {
    factorization_[side] = *factor_ * *factor_ * factorization_[side];
    if (!keep_central) central_[side] = factorization_[side];
  }
}

void Scales::set_renormalization() {
  const int last[2] = {last_vertex_[0], last_vertex_[1]}, central[2] = {beams_[0].central, beams_[1].central};
  double scale;
  if (last[0] > 0 && last[1] > 0)
    scale = std::pow(distance(last[0]) * distance(central[0]) * distance(last[1]) * distance(central[1]), 0.125);
  else if (last[0] > 0)
    scale = std::pow(distance(last[0]) * distance(central[0]), 0.25);
  else if (last[1] > 0)
    scale = std::pow(distance(last[1]) * distance(central[1]), 0.25);
  else if (central[0] > 0 && central[1] > 0)
    scale = std::pow(distance(central[0]) * distance(central[1]), 0.25);
  else
    scale = std::sqrt(distance(central[0] > 0 ? central[0] : central[1]));
  *scale_ = *factor_ * scale;
  if (*scale_ > 0) *coupling_ = std::sqrt(four_pi * alpha_s_(scale_));
}

void Scales::set_systematics(fortran_int event) {
  if (*use_syst_ == 0) return;
  syst_scale_[event - 1] = *scale_;
  n_qcd_[event - 1] = order_[graphs_[1] - 1];
  n_alpha_[event - 1] = 0;
  n_density_[2 * (event - 1)] = 0;
  n_density_[2 * (event - 1) + 1] = 0;
  weight_factor_[event - 1] = 1;
}

bool Scales::set(const double* momenta, const fortran_int* keep_central, fortran_int event) {
  if (!is_usual()) return false;
  const auto has_jets = [&] { return *n_jet_ == n_jet_stored_[*configuration_ - 1]; };
  if (!find_jets(momenta, event)) return false;
  if (!has_jets()) {
    // Other jets than this channel's: only its own diagram, then.
    if (graphs_[1] == *configuration_) return false;
    const fortran_int before = *one_configuration_;
    *one_configuration_ = 1;
    const bool is_found = find_jets(momenta, event);
    *one_configuration_ = before;
    if (!is_found || !has_jets()) return false;
  }
  const Beam &one = beams_[0], &two = beams_[1];
  if ((one.central == 0 && two.central == 0) || (one.central == 0 && one.first == 0) ||
      (two.central == 0 && two.first == 0))
    return false;
  set_transverse_masses();
  set_factorization(*keep_central != 0);
  set_renormalization();
  if (one.central == 0) factorization_[0] = *factor_ * *factor_ * distance(one.first);
  if (one.central != 0 && two.central == 0) factorization_[1] = *factor_ * *factor_ * distance(two.first);
  for (int side = 0; side < 2; ++side)
    if (beam_kinds_[side] != 0 && factorization_[side] < least_scale) {
      *scale_ = factorization_[0] = factorization_[1] = 0;
      return false;
    }
  set_systematics(event);
  return true;
}

}  // namespace meb::glue
