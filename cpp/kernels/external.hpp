// External wave functions in the HELAS convention (Murayama, Watanabe, Hagiwara,
// KEK-91-11, 1992): components only; the momentum a wave carries is kept apart.
#pragma once

#include "kernels/bundle.hpp"

namespace meb::MEB_TARGET {

// Momentum of a leg, (E, px, py, pz) in GeV.
template <class R>
struct Momentum {
  R e, x, y, z;
};

// Two-component helicity spinor times normalisation, as HELAS's chi(1), chi(2); `up` is chi(1).
template <class B>
struct Chi {
  typename B::real up;
  Complex<typename B::real> down;
};

// Massive fermion: chi of a momentum of length pp > 0, flow_in: +1 for I, -1 for O.
template <class B>
MEB_DEVICE inline Chi<B> massive_chi(const Momentum<typename B::real>& p, typename B::real pp, int nh, int flow_in) {
  using R = typename B::real;
  using F = typename B::scalar;
  const R zero = B::broadcast(F(0));
  const R pp3 = B::max(pp + p.z, zero);
  const R along = pp3 == 0 ? B::broadcast(F(1)) : pp3;  // avoids 0/0 where the result is not used
  const R length = pp == 0 ? B::broadcast(F(1)) : pp;
  const R norm = F(1) / B::sqrt(F(2) * length * along);
  Chi<B> chi;
  chi.up = B::sqrt(pp3 * F(0.5) / length);
  chi.down.re = pp3 == 0 ? B::broadcast(F(-nh)) : F(nh) * p.x * norm;
  chi.down.im = pp3 == 0 ? zero : F(flow_in) * p.y * norm;
  return chi;
}

// Massive I (flow_in = +1) or O (flow_in = -1) spinor; nsf = +1 particle, -1 antiparticle.
template <class B>
MEB_DEVICE inline void massive_fermion(const Momentum<typename B::real>& p, typename B::scalar mass, int helicity, int nsf,
                            int flow_in, Complex<typename B::real>* out) {
  using R = typename B::real;
  using F = typename B::scalar;
  const R zero = B::broadcast(F(0));
  const int nh = helicity * nsf;
  const R pp = B::min(p.e, B::sqrt(p.x * p.x + p.y * p.y + p.z * p.z));
  const Chi<B> chi = massive_chi<B>(p, pp, nh, flow_in);
  const F sf[2] = {F(1 + nsf + (1 - nsf) * nh) / 2, F(1 + nsf - (1 - nsf) * nh) / 2};
  const R plus = B::sqrt(p.e + pp);
  const R omega[2] = {plus, B::broadcast(mass) / plus};
  const R outer = sf[0] * omega[nh > 0], inner = sf[1] * omega[nh < 0];
  // I has (chi_-, chi_+) order by helicity: nh = +1 puts chi(1) first.
  const Complex<R> up{chi.up, zero};
  const Complex<R> first = nh > 0 ? up : chi.down, second = nh > 0 ? chi.down : up;
  const R upper = flow_in > 0 ? outer : inner, lower = flow_in > 0 ? inner : outer;
  out[0] = upper * first;
  out[1] = upper * second;
  out[2] = lower * first;
  out[3] = lower * second;

  // At rest.
  const F root[2] = {std::sqrt(std::fabs(mass)), std::copysign(std::sqrt(std::fabs(mass)), mass)};
  F rest[4];
  if (flow_in > 0) {
    const int ip = nh > 0, im = nh < 0;
    rest[0] = F(ip) * root[ip];
    rest[1] = F(im * nsf) * root[ip];
    rest[2] = F(ip * nsf) * root[im];
    rest[3] = F(im) * root[im];
  } else {
    const int im = nh > 0 ? helicity : 0, ip = nh > 0 ? 0 : -helicity;
    rest[0] = F(im) * root[ip != 0];
    rest[1] = F(ip * nsf) * root[ip != 0];
    rest[2] = F(im * nsf) * root[im != 0];
    rest[3] = F(ip) * root[im != 0];
  }
  for (int k = 0; k < 4; ++k) {
    out[k].re = pp == 0 ? B::broadcast(rest[k]) : out[k].re;
    out[k].im = pp == 0 ? zero : out[k].im;
  }
}

template <class B>
MEB_DEVICE inline void massless_fermion(const Momentum<typename B::real>& p, int helicity, int nsf, int flow_in,
                             Complex<typename B::real>* out) {
  using R = typename B::real;
  using F = typename B::scalar;
  const R zero = B::broadcast(F(0));
  const int nh = helicity * nsf;
  const R sum = B::max(p.e + p.z, zero);
  const R backward = p.x == 0 ? (p.y == 0 ? (p.z < 0 ? zero : sum) : sum) : sum;
  const R root = F(nsf) * B::sqrt(backward);
  const R safe = root == 0 ? B::broadcast(F(1)) : root;
  const Complex<R> up{root, zero};
  Complex<R> down;
  down.re = root == 0 ? F(-helicity) * B::sqrt(F(2) * p.e) : F(nh) * p.x / safe;
  down.im = root == 0 ? zero : F(flow_in) * p.y / safe;
  const Complex<R> none{zero, zero};
  // I: nh = +1 fills the lower half with (up, down), else the upper with (down, up);
  // O: the other way round.
  const int half = (nh > 0) == (flow_in > 0) ? 2 : 0;
  out[half] = nh > 0 ? up : down;
  out[half + 1] = nh > 0 ? down : up;
  out[2 - half] = none;
  out[3 - half] = none;
}

// Polarisation vector (t, x, y, z); nsv = +1 outgoing, -1 incoming; helicity -1, 0, 1.
template <class B>
MEB_DEVICE inline void vector_boson(const Momentum<typename B::real>& p, typename B::scalar mass, int helicity, int nsv,
                         Complex<typename B::real>* out) {
  using R = typename B::real;
  using F = typename B::scalar;
  const R zero = B::broadcast(F(0)), one = B::broadcast(F(1));
  const bool massive = mass != 0;
  const F hel = F(helicity), hel0 = massive ? F(1 - helicity * helicity) : F(0), sqh = std::sqrt(F(0.5));
  const F nsvahl = massive ? F(nsv * helicity * helicity) : F(nsv);
  const R pt2 = p.x * p.x + p.y * p.y;
  const R pp = massive ? B::min(p.e, B::sqrt(pt2 + p.z * p.z)) : p.e;
  const R pt = massive ? B::min(pp, B::sqrt(pt2)) : B::sqrt(pt2);
  const R pp_safe = pp == 0 ? one : pp, pt_safe = pt == 0 ? one : pt;
  const R emp = massive ? p.e / (mass * pp_safe) : zero;
  const R pzpt = p.z / (pp_safe * pt_safe) * (sqh * hel);
  const R sign = p.z < 0 ? B::broadcast(-sqh) : B::broadcast(sqh);

  out[0] = {massive ? hel0 * pp / mass : zero, zero};
  out[1].re = pt == 0 ? B::broadcast(-hel * sqh) : hel0 * p.x * emp - p.x * pzpt;
  out[1].im = pt == 0 ? zero : -nsvahl * p.y / pt_safe * sqh;
  out[2].re = pt == 0 ? zero : hel0 * p.y * emp - p.y * pzpt;
  out[2].im = pt == 0 ? nsvahl * sign : nsvahl * p.x / pt_safe * sqh;
  out[3] = {hel0 * p.z * emp + hel * sqh * pt / pp_safe, zero};
  if (!massive) return;
  // At rest the spin is quantised along +z.
  out[0].re = pp == 0 ? zero : out[0].re;
  out[1].re = pp == 0 ? B::broadcast(-hel * sqh) : out[1].re;
  out[1].im = pp == 0 ? zero : out[1].im;
  out[2].re = pp == 0 ? zero : out[2].re;
  out[2].im = pp == 0 ? B::broadcast(nsvahl * sqh) : out[2].im;
  out[3].re = pp == 0 ? B::broadcast(hel0) : out[3].re;
}

}  // namespace meb::MEB_TARGET
