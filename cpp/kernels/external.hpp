// External wave functions in the HELAS convention (Murayama, Watanabe, Hagiwara,
// KEK-91-11, 1992): components only; the momentum a wave carries is kept apart.
// Each class holds what the helicities of a leg share.
#pragma once

#include "kernels/bundle.hpp"

namespace meb::MEB_TARGET {

// Momentum of a leg, (E, px, py, pz) in GeV.
template <class R>
struct Momentum {
  R e, x, y, z;
};
// A copy in registers: compilers copy a struct of vectors as bytes, through memory.
template <class R>
MEB_INLINE Momentum<R> in_registers(const Momentum<R>& p) {
  return {p.e, p.x, p.y, p.z};
}

// Massive I (flow_in = +1) or O (flow_in = -1) spinor; nsf = +1 particle, -1 antiparticle.
template <class B>
class MassiveFermion {
  using R = typename B::real;
  using F = typename B::scalar;

public:
  MEB_INLINE MassiveFermion(const Momentum<R>& p, F mass, int nsf, int flow_in)
      : zero_(B::broadcast(F(0))), mass_(mass), nsf_(nsf), flow_in_(flow_in) {
    pp_ = B::min(p.e, B::sqrt(p.x * p.x + p.y * p.y + p.z * p.z));
    const R pp3 = B::max(pp_ + p.z, zero_);
    const R along = pp3 == 0 ? B::broadcast(F(1)) : pp3;  // avoids 0/0 where the result is not used
    const R length = pp_ == 0 ? B::broadcast(F(1)) : pp_;
    const R norm = F(1) / B::sqrt(F(2) * length * along);
    up_ = pp3 * norm;  // sqrt(pp3 / (2 length))
    down_re_ = pp3 == 0 ? B::broadcast(F(-1)) : p.x * norm;
    down_im_ = pp3 == 0 ? zero_ : F(flow_in) * p.y * norm;
    omega_[0] = B::sqrt(p.e + pp_);
    omega_[1] = B::broadcast(mass) / omega_[0];
  }

  MEB_INLINE void wave(int helicity, Complex<R>* out) const {
    const int nh = helicity * nsf_;
    // HELAS's chi(1), chi(2)
    const Complex<R> up{up_, zero_}, down{F(nh) * down_re_, down_im_};
    const F sf[2] = {F(1 + nsf_ + (1 - nsf_) * nh) / 2, F(1 + nsf_ - (1 - nsf_) * nh) / 2};
    const R outer = sf[0] * (nh > 0 ? omega_[1] : omega_[0]), inner = sf[1] * (nh < 0 ? omega_[1] : omega_[0]);
    // I has (chi_-, chi_+) order by helicity: nh = +1 puts chi(1) first.
    const Complex<R> first = nh > 0 ? up : down, second = nh > 0 ? down : up;
    const R upper = flow_in_ > 0 ? outer : inner, lower = flow_in_ > 0 ? inner : outer;
    F rest[4];
    at_rest(helicity, rest);
    const Complex<R> moving[4] = {upper * first, upper * second, lower * first, lower * second};
    for (int k = 0; k < 4; ++k) {
      out[k].re = pp_ == 0 ? B::broadcast(rest[k]) : moving[k].re;
      out[k].im = pp_ == 0 ? zero_ : moving[k].im;
    }
  }

private:
  MEB_INLINE void at_rest(int helicity, F* rest) const {
    const int nh = helicity * nsf_;
    const F root[2] = {std::sqrt(std::fabs(mass_)), std::copysign(std::sqrt(std::fabs(mass_)), mass_)};
    if (flow_in_ > 0) {
      const int ip = nh > 0, im = nh < 0;
      rest[0] = F(ip) * (ip ? root[1] : root[0]);
      rest[1] = F(im * nsf_) * (ip ? root[1] : root[0]);
      rest[2] = F(ip * nsf_) * (im ? root[1] : root[0]);
      rest[3] = F(im) * (im ? root[1] : root[0]);
    } else {
      const int im = nh > 0 ? helicity : 0, ip = nh > 0 ? 0 : -helicity;
      rest[0] = F(im) * (ip ? root[1] : root[0]);
      rest[1] = F(ip * nsf_) * (ip ? root[1] : root[0]);
      rest[2] = F(im * nsf_) * (im ? root[1] : root[0]);
      rest[3] = F(ip) * (im ? root[1] : root[0]);
    }
  }

  R zero_, pp_, up_, down_re_, down_im_, omega_[2];
  F mass_;
  int nsf_, flow_in_;
};

template <class B>
class MasslessFermion {
  using R = typename B::real;
  using F = typename B::scalar;

public:
  MEB_INLINE MasslessFermion(const Momentum<R>& p, int nsf, int flow_in)
      : zero_(B::broadcast(F(0))), nsf_(nsf), flow_in_(flow_in) {
    const R sum = B::max(p.e + p.z, zero_);
    const R backward = p.x == 0 ? (p.y == 0 ? (p.z < 0 ? zero_ : sum) : sum) : sum;
    const R size = B::sqrt(backward == 0 ? F(2) * p.e : backward);
    root_ = backward == 0 ? zero_ : F(nsf) * size;
    const R inverse = F(nsf) / (size == 0 ? B::broadcast(F(1)) : size);
    // times the helicity
    down_re_ = root_ == 0 ? -size : F(nsf) * p.x * inverse;
    down_im_ = root_ == 0 ? zero_ : F(flow_in) * p.y * inverse;
  }

  // Whether components 2, 3 differ from zero, not 0, 1; and those that do.
  MEB_INLINE bool is_lower(int helicity) const { return (helicity * nsf_ > 0) == (flow_in_ > 0); }
  MEB_INLINE void half(int helicity, Complex<R>* out) const {
    const Complex<R> up{root_, zero_}, down{F(helicity) * down_re_, down_im_};
    const bool positive = helicity * nsf_ > 0;
    out[0] = positive ? up : down;
    out[1] = positive ? down : up;
  }

  MEB_INLINE void wave(int helicity, Complex<R>* out) const {
    const int nh = helicity * nsf_;
    const Complex<R> up{root_, zero_}, down{F(helicity) * down_re_, down_im_}, none{zero_, zero_};
    // I: nh = +1 fills the lower half with (up, down), else the upper with (down, up);
    // O: the other way round.
    const bool lower = (nh > 0) == (flow_in_ > 0);
    const Complex<R> first = nh > 0 ? up : down, second = nh > 0 ? down : up;
    out[0] = lower ? none : first;
    out[1] = lower ? none : second;
    out[2] = lower ? first : none;
    out[3] = lower ? second : none;
  }

private:
  R zero_, root_, down_re_, down_im_;
  int nsf_, flow_in_;
};

// Polarisation vector (t, x, y, z); nsv = +1 outgoing, -1 incoming; helicity -1, 0, 1.
template <class B>
class VectorBoson {
  using R = typename B::real;
  using F = typename B::scalar;

public:
  MEB_INLINE VectorBoson(const Momentum<R>& p, F mass, int nsv) : zero_(B::broadcast(F(0))), mass_(mass), nsv_(nsv) {
    const R one = B::broadcast(F(1));
    const bool massive = mass != 0;
    const R pt2 = p.x * p.x + p.y * p.y;
    pp_ = massive ? B::min(p.e, B::sqrt(pt2 + p.z * p.z)) : p.e;
    pt_ = massive ? B::min(pp_, B::sqrt(pt2)) : B::sqrt(pt2);
    const R length = pp_ == 0 ? one : pp_, across = pt_ == 0 ? one : pt_, inverse = one / (length * across);
    const R inverse_pp = across * inverse, inverse_pt = length * inverse;
    const R pzpt = p.z * inverse_pp * inverse_pt * root_half;
    x_ = p.x * pzpt;
    y_ = p.y * pzpt;
    z_ = root_half * pt_ * inverse_pp;
    im_x_ = pt_ == 0 ? zero_ : -(p.y * inverse_pt) * root_half;
    im_y_ = pt_ == 0 ? (p.z < 0 ? B::broadcast(-root_half) : B::broadcast(root_half)) : p.x * inverse_pt * root_half;
    if (!massive) return;
    const R emp = p.e / mass * inverse_pp;
    longitudinal_ = {pp_ / mass, p.x * emp, p.y * emp, p.z * emp};
  }

  MEB_INLINE void wave(int helicity, Complex<R>* out) const {
    const F hel = F(helicity);
    const F nsvahl = F(mass_ != 0 ? nsv_ * helicity * helicity : nsv_);
    const R at_pole = B::broadcast(-hel * root_half);
    out[0] = {zero_, zero_};
    out[1] = {pt_ == 0 ? at_pole : -hel * x_, nsvahl * im_x_};
    out[2] = {pt_ == 0 ? zero_ : -hel * y_, nsvahl * im_y_};
    out[3] = {hel * z_, zero_};
    if (mass_ == 0) return;
    const F hel0 = F(1 - helicity * helicity);
    out[0].re = hel0 * longitudinal_.e;
    out[1].re = pt_ == 0 ? at_pole : hel0 * longitudinal_.x - hel * x_;
    out[2].re = pt_ == 0 ? zero_ : hel0 * longitudinal_.y - hel * y_;
    out[3].re = hel0 * longitudinal_.z + hel * z_;
    // At rest the spin is quantised along +z.
    out[0].re = pp_ == 0 ? zero_ : out[0].re;
    out[1].re = pp_ == 0 ? at_pole : out[1].re;
    out[1].im = pp_ == 0 ? zero_ : out[1].im;
    out[2].re = pp_ == 0 ? zero_ : out[2].re;
    out[2].im = pp_ == 0 ? B::broadcast(nsvahl * root_half) : out[2].im;
    out[3].re = pp_ == 0 ? B::broadcast(hel0) : out[3].re;
  }

private:
  static constexpr F root_half = F(0.70710678118654752440);
  R zero_, pp_, pt_, x_, y_, z_, im_x_, im_y_;
  Momentum<R> longitudinal_{};
  F mass_;
  int nsv_;
};

// One helicity alone.
template <class B>
MEB_INLINE void massive_fermion(const Momentum<typename B::real>& p, typename B::scalar mass, int helicity, int nsf,
                                int flow_in, Complex<typename B::real>* out) {
  MassiveFermion<B>(p, mass, nsf, flow_in).wave(helicity, out);
}
template <class B>
MEB_INLINE void massless_fermion(const Momentum<typename B::real>& p, int helicity, int nsf, int flow_in,
                                 Complex<typename B::real>* out) {
  MasslessFermion<B>(p, nsf, flow_in).wave(helicity, out);
}
template <class B>
MEB_INLINE void vector_boson(const Momentum<typename B::real>& p, typename B::scalar mass, int helicity, int nsv,
                             Complex<typename B::real>* out) {
  VectorBoson<B>(p, mass, nsv).wave(helicity, out);
}

}  // namespace meb::MEB_TARGET
