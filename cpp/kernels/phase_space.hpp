// Phase-space points from random numbers: RAMBO of R. Kleiss, W.J. Stirling and S.D. Ellis,
// Comput. Phys. Commun. 40 (1986) 359, massive version, for one event.
#pragma once

#include "kernels/bundle.hpp"

namespace meb::MEB_TARGET {

// Momenta (E, px, py, pz) of n legs, on their mass shells and in their rest frame.
MEB_DEVICE inline void to_rest_frame(double* p, int n) {
  // the second pass removes what rounding left of a strongly boosted total
  for (int pass = 0; pass < 2; ++pass) {
    double total[4] = {0, 0, 0, 0};
    for (int i = 0; i < n; ++i) {
      double* q = p + 4 * i;
      q[0] = std::sqrt(q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
      for (int k = 0; k < 4; ++k) total[k] += q[k];
    }
    const double mass =
        std::sqrt(total[0] * total[0] - (total[1] * total[1] + total[2] * total[2] + total[3] * total[3]));
    const double gamma = total[0] / mass;
    for (int i = 0; i < n; ++i) {
      double* q = p + 4 * i;
      double along = 0;
      for (int k = 1; k < 4; ++k) along -= total[k] / mass * q[k];
      const double weight = q[0] + along / (1 + gamma);
      for (int k = 1; k < 4; ++k) q[k] -= total[k] / mass * weight;
    }
  }
  for (int i = 0; i < n; ++i) {
    double* q = p + 4 * i;
    q[0] = std::sqrt(q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  }
}

// Final state of n >= 2 legs in the rest frame of the total.
// random: 4 n numbers in [0, 1): for all legs cos(theta), then phi, then the two of the energy.
MEB_DEVICE inline void rambo(const double* random, std::size_t stride, const double* mass, int n, double sqrt_s,
                             double* p) {
  constexpr double pi = 3.14159265358979323846;
  constexpr int most_steps = 40;
  double sum_of_masses = 0, scale = 0;
  for (int i = 0; i < n; ++i) {
    const double cos_theta = 2 * random[i * stride] - 1, phi = 2 * pi * random[(n + i) * stride];
    const double sin_theta = std::sqrt(1 - cos_theta * cos_theta);
    // 1 - r lies in (0, 1]: the logarithm stays finite
    const double energy = -std::log((1 - random[(2 * n + i) * stride]) * (1 - random[(3 * n + i) * stride]));
    double* q = p + 4 * i;
    q[0] = energy;
    q[1] = energy * sin_theta * std::cos(phi);
    q[2] = energy * sin_theta * std::sin(phi);
    q[3] = energy * cos_theta;
    sum_of_masses += mass[i];
  }
  to_rest_frame(p, n);
  for (int i = 0; i < n; ++i) scale += p[4 * i];
  for (int i = 0; i < 4 * n; ++i) p[i] *= sqrt_s / scale;
  if (sum_of_masses == 0) return;
  // momenta shrink so that each leg is on its mass shell
  double xi = std::sqrt(1 - sum_of_masses / sqrt_s * (sum_of_masses / sqrt_s));
  for (int step = 0; step < most_steps; ++step) {
    double excess = -sqrt_s, slope = 0;
    for (int i = 0; i < n; ++i) {
      const double* q = p + 4 * i;
      const double square = q[1] * q[1] + q[2] * q[2] + q[3] * q[3];
      const double energy = std::sqrt(mass[i] * mass[i] + xi * xi * square);
      excess += energy;
      slope += xi * square / energy;
    }
    xi -= excess / slope;
    if (std::fabs(excess) <= 4e-16 * sqrt_s) break;
  }
  for (int i = 0; i < n; ++i) {
    double* q = p + 4 * i;
    for (int k = 1; k < 4; ++k) q[k] *= xi;
    q[0] = std::sqrt(mass[i] * mass[i] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  }
}

// Beams along +z and -z, (E, px, py, pz) each.
MEB_DEVICE inline void beams(double mass1, double mass2, double sqrt_s, double* p) {
  for (int k = 0; k < 8; ++k) p[k] = 0;
  p[0] = (sqrt_s * sqrt_s + mass1 * mass1 - mass2 * mass2) / (2 * sqrt_s);
  p[4] = (sqrt_s * sqrt_s + mass2 * mass2 - mass1 * mass1) / (2 * sqrt_s);
  // one root serves both: the momenta cancel exactly
  p[3] = mass1 == 0 ? p[0] : std::sqrt(p[0] * p[0] - mass1 * mass1);
  p[7] = -p[3];
}

}  // namespace meb::MEB_TARGET
