// Flat phase space: RAMBO, R. Kleiss, W. J. Stirling and S. D. Ellis, Comput. Phys. Commun. 40 (1986) 359.
#pragma once

#include "engine/phase_space_batch.hpp"
#include "kernels/bundle.hpp"

namespace meb::MEB_TARGET {

// n momenta (E, px, py, pz) of a page.
template <class B, int most>
class Rambo {
  using F = typename B::scalar;
  using R = typename B::real;

public:
  MEB_INLINE Rambo(int n, const double* mass) : n_(n), mass_(mass) {
    for (int i = 0; i < n_; ++i) mass_sum_ += mass[i];
  }

  // p: four random numbers of each particle, on return its momentum in the rest frame. Returns the weight,
  // whose mean is the volume of phase space, or 0 where the momenta are not finite: below the threshold.
  MEB_INLINE R operator()(R (*p)[4], R energy) const {
    isotropic(p);
    rest_frame(p);
    rest_frame(p);  // what rounding left of a strongly boosted sum
    R sum{};
    for (int i = 0; i < n_; ++i) sum += p[i][0];
    const R scale = energy / sum;
    for (int i = 0; i < n_; ++i)
      for (int k = 0; k < 4; ++k) p[i][k] *= scale;
    R weight = volume(energy);
    if (mass_sum_ > 0) weight *= give_mass(p, energy);
    const R finite = (weight - weight) + (sum - sum);
    return finite == R{} ? weight : R{};
  }

private:
  // Cosine and sine of 2 pi u: quarters of a turn, and Taylor series up to an eighth.
  MEB_INLINE static void turn(R u, R& cosine, R& sine) {
    constexpr F half_pi = F(1.57079632679489661923);
    const R zero{}, one = zero + 1, t = 4 * u;
    const R quarter =
        (t < F(0.5) ? zero : one) + (t < F(1.5) ? zero : one) + (t < F(2.5) ? zero : one) + (t < F(3.5) ? zero : one);
    const R x = (t - quarter) * half_pi, minus_x2 = -x * x;
    R c = one, s = one;
    for (int k = 16; k > 0; k -= 2) c = 1 + c * minus_x2 * (F(1) / F(k * (k - 1)));
    for (int k = 17; k > 1; k -= 2) s = 1 + s * minus_x2 * (F(1) / F(k * (k - 1)));
    s *= x;
    const R odd = quarter == one ? one : quarter == R{} + 3 ? one : zero;
    const R c_turned = odd == one ? s : c, s_turned = odd == one ? c : s;
    cosine = quarter == one ? -c_turned : quarter == R{} + 2 ? -c_turned : c_turned;
    sine = quarter == R{} + 2 ? -s_turned : quarter == R{} + 3 ? -s_turned : s_turned;
  }

  // Section 3; 1 - u lies in (0, 1], so that the logarithm is finite.
  MEB_INLINE void isotropic(R (*p)[4]) const {
    for (int i = 0; i < n_; ++i) {
      const R cos_theta = 2 * p[i][0] - 1, sin_theta = B::sqrt(1 - cos_theta * cos_theta);
      R cos_phi, sin_phi;
      turn(p[i][1], cos_phi, sin_phi);
      const R e = -B::map((1 - p[i][2]) * (1 - p[i][3]), [](F v) { return std::log(v); });
      p[i][0] = e;
      p[i][1] = e * sin_theta * cos_phi;
      p[i][2] = e * sin_theta * sin_phi;
      p[i][3] = e * cos_theta;
    }
  }

  MEB_INLINE static R square(const R* p) { return p[1] * p[1] + p[2] * p[2] + p[3] * p[3]; }

  // Massless momenta in the rest frame of their sum: the map of section 2 without its scale.
  MEB_INLINE void rest_frame(R (*p)[4]) const {
    R q[4] = {R{}, R{}, R{}, R{}};
    for (int i = 0; i < n_; ++i)
      for (int k = 0; k < 4; ++k) q[k] += p[i][k];
    const R inverse = 1 / B::sqrt(q[0] * q[0] - square(q));
    const R a = 1 / (1 + q[0] * inverse);
    R b[4];
    for (int k = 1; k < 4; ++k) b[k] = -q[k] * inverse;
    for (int i = 0; i < n_; ++i) {
      const R along = b[1] * p[i][1] + b[2] * p[i][2] + b[3] * p[i][3];
      const R w = p[i][0] + a * along;
      for (int k = 1; k < 4; ++k) p[i][k] += b[k] * w;
      p[i][0] = B::sqrt(square(p[i]));
    }
  }

  // (2 pi)^(4 - 3 n) (pi / 2)^(n - 1) energy^(2 n - 4) / ((n - 1)! (n - 2)!), section 2
  MEB_INLINE R volume(R energy) const {
    constexpr F pi = F(3.14159265358979323846);
    R v = R{} + 1 / (8 * pi);
    for (int n = 3; n <= n_; ++n) v *= energy * energy * (1 / (16 * pi * pi * F(n - 1) * F(n - 2)));
    return v;
  }

  // Scales the momenta such that the energies of massive particles add up; returns the factor of the
  // weight (section 4).
  MEB_INLINE R give_mass(R (*p)[4], R energy) const {
    R momentum2[most];
    for (int i = 0; i < n_; ++i) momentum2[i] = square(p[i]);
    const R scale = solve(momentum2, energy);
    R momentum_sum{}, ratio_sum{}, product = R{} + 1;
    for (int i = 0; i < n_; ++i) {
      for (int k = 1; k < 4; ++k) p[i][k] *= scale;
      const R k2 = square(p[i]), k = B::sqrt(k2);
      p[i][0] = B::sqrt(k2 + F(mass_[i] * mass_[i]));
      momentum_sum += k;
      ratio_sum += k2 / p[i][0];
      product *= k / p[i][0];
    }
    const R x = momentum_sum / energy;
    R factor = product * energy / ratio_sum * x;
    for (int n = 3; n <= n_; ++n) factor *= x * x;
    return factor;
  }

  // Newton's method for sum of sqrt(m^2 + scale^2 p^2) = energy. The sum is convex in the scale: from the second step
  // on the scale decreases to its solution. A lane stops when it is there, whatever the others do.
  MEB_INLINE R solve(const R* momentum2, R energy) const {
    constexpr int most_steps = 60;
    const R tolerance = F(n_) * F(2.3e-16) * energy, least = R{} + F(mass_sum_);
    R scale = B::sqrt(1 - least * least / (energy * energy));
    for (int step = 0; step < most_steps; ++step) {
      R excess = -energy, slope{};
      for (int i = 0; i < n_; ++i) {
        const R e = B::sqrt(F(mass_[i] * mass_[i]) + scale * scale * momentum2[i]);
        excess += e;
        slope += scale * momentum2[i] / e;
      }
      const R away = B::max(excess, -excess) - tolerance;
      scale = away > R{} ? scale - excess / slope : scale;
      F lanes[B::lanes];
      B::store(lanes, away);
      bool all_there = true;
      for (const F lane : lanes) all_there = all_there && !(lane > 0);
      if (all_there) break;
    }
    return scale;
  }

  int n_;
  const double* mass_;
  double mass_sum_ = 0;
};

// Beams along +z and -z in their rest frame, or one particle at rest: energies, and pz of the first.
template <class R>
struct Incoming {
  R energy[2], pz;
};

template <class B>
MEB_INLINE Incoming<typename B::real> incoming(const PhaseSpaceBatch& batch, typename B::real energy) {
  using R = typename B::real;
  if (batch.n_incoming == 1) return {{energy, R{}}, R{}};
  const double *mass = batch.incoming_mass, m2 = mass[0] * mass[0];
  const R first = (energy + (m2 - mass[1] * mass[1]) / energy) / 2;
  return {{first, energy - first}, B::sqrt(first * first - m2)};
}

// Events [first, first + count) of a batch, count <= lanes. most >= n, the number of outgoing particles.
template <class B, int most>
MEB_INLINE void generate(const PhaseSpaceBatch& batch, std::uint64_t first, int count, int n) {
  using F = typename B::scalar;
  using R = typename B::real;
  F lanes[B::lanes];
  const auto load = [&](const double* from, std::uint64_t stride) {
    for (int i = 0; i < B::lanes; ++i) lanes[i] = from[(first + (i < count ? i : 0)) * stride];
    return B::load(lanes);
  };
  const auto store = [&](double* to, std::uint64_t stride, R value) {
    B::store(lanes, value);
    for (int i = 0; i < count; ++i) to[(first + i) * stride] = lanes[i];
  };
  R p[most][4];
  const R energy = batch.sqrt_s_common ? B::broadcast(*batch.sqrt_s) : load(batch.sqrt_s, 1);
  for (int i = 0; i < n; ++i)
    for (int k = 0; k < 4; ++k) p[i][k] = load(batch.random + 4 * i + k, 4 * n);
  store(batch.weight, 1, Rambo<B, most>(n, batch.outgoing_mass)(p, energy));
  const std::uint64_t stride = 4 * (batch.n_incoming + static_cast<std::uint64_t>(n));
  double* out = batch.momenta;
  const auto store_momentum = [&](R e, R x, R y, R z) {
    store(out, stride, e), store(out + 1, stride, x), store(out + 2, stride, y), store(out + 3, stride, z);
    out += 4;
  };
  const Incoming<R> in = incoming<B>(batch, energy);
  store_momentum(in.energy[0], R{}, R{}, in.pz);
  if (batch.n_incoming == 2) store_momentum(in.energy[1], R{}, R{}, -in.pz);
  for (int i = 0; i < n; ++i) store_momentum(p[i][0], p[i][1], p[i][2], p[i][3]);
}

}  // namespace meb::MEB_TARGET
