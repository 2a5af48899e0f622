#include "engine/parity.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

#include "engine/phase_space.hpp"

namespace meb {
namespace {

// Of an event's sum: far above rounding, far below what a width changes.
constexpr double tolerance = 1e-11;

std::span<const std::int8_t> helicities(const Program& p, std::uint32_t combination) {
  return std::span(p.helicities).subspan(std::size_t{combination} * p.n_leg, p.n_leg);
}

double sum_of(std::span<const double> x) {
  double sum = 0;
  for (double v : x) sum += std::abs(v);
  return sum;
}

bool are_close(std::span<const double> a, std::span<const double> b, std::size_t n_row) {
  for (std::size_t at = 0; at < a.size(); at += n_row) {
    const double most = tolerance * sum_of(a.subspan(at, n_row));
    for (std::size_t i = at; i < at + n_row; ++i)
      if (!(std::abs(a[i] - b[i]) <= most)) return false;
  }
  return true;
}

bool sums_differ_from_zero(std::span<const double> x, std::size_t n_row) {
  for (std::size_t at = 0; at < x.size(); at += n_row) {
    const double sum = sum_of(x.subspan(at, n_row));
    if (!(sum > 0) || !std::isfinite(sum)) return false;
  }
  return true;
}

double mass_of(const std::array<double, 4>& p) {
  const double square = p[0] * p[0] - p[1] * p[1] - p[2] * p[2] - p[3] * p[3];
  return square > 0 ? std::sqrt(square) : 0;
}

// That of each leg. The Program has them but for scalars.
std::vector<double> masses(const Program& p, std::span<const double> parameter, const double* momenta) {
  std::vector<double> mass(p.n_leg, 0);
  for (const Instruction& x : p.instructions) {
    if (x.op != Op::external) continue;
    const std::uint32_t leg = x.in[0];
    const double* own = momenta + std::size_t{4} * leg;
    if (x.mass != none) {
      mass[leg] = std::abs(parameter[x.mass]);
    } else if (p.helicities[leg] == 0) {
      mass[leg] = mass_of({own[0], own[1], own[2], own[3]});
    }
  }
  return mass;
}

}  // namespace

std::vector<std::uint32_t> opposite_helicities(const Program& p, std::span<const std::uint32_t> active,
                                               std::span<const double> weight) {
  std::map<std::vector<std::int8_t>, std::uint32_t> number;
  for (auto h : active) {
    const auto own = helicities(p, h);
    number[{own.begin(), own.end()}] = h;
  }
  std::vector<std::uint32_t> opposite;
  for (auto h : active) {
    std::vector<std::int8_t> image;
    for (auto x : helicities(p, h)) image.push_back(static_cast<std::int8_t>(-x));
    const auto at = number.find(image);
    if (at == number.end() || at->second == h || weight[at->second] != weight[h]) return {};
    opposite.push_back(at->second);
  }
  return opposite;
}

std::vector<std::vector<std::uint32_t>> helicity_halves(const Program& p, std::span<const std::uint32_t> active) {
  std::vector<std::vector<std::uint32_t>> halves;
  for (std::uint32_t leg = 0; leg < p.n_leg; ++leg) {
    std::vector<std::uint32_t> half;
    for (auto h : active)
      if (helicities(p, h)[leg] > 0) half.push_back(h);
    if (2 * half.size() == active.size()) halves.push_back(std::move(half));
  }
  return halves;
}

std::vector<double> spread_events(const Program& p, std::span<const double> parameter, const double* momenta,
                                  std::size_t n_event) {
  const auto mass = masses(p, parameter, momenta);
  const auto incoming = std::span(mass).first(2), outgoing = std::span(mass).subspan(2);
  const double sqrt_s =
      mass_of({momenta[0] + momenta[4], momenta[1] + momenta[5], momenta[2] + momenta[6], momenta[3] + momenta[7]});
  if (!(sqrt_s > std::accumulate(outgoing.begin(), outgoing.end(), 0.0)) || !(sqrt_s > mass[0] + mass[1])) return {};
  std::minstd_rand numbers;
  std::vector<double> random(n_event * outgoing.size() * 4), weight(n_event), out(n_event * p.n_leg * 4);
  for (double& r : random) r = std::uniform_real_distribution<>{}(numbers);
  PhaseSpaceBatch batch{};
  batch.n_event = n_event;
  batch.random = random.data();
  batch.sqrt_s = &sqrt_s;
  batch.sqrt_s_common = 1;
  batch.momenta = out.data();
  batch.weight = weight.data();
  make_phase_space("scalar", incoming, outgoing)->generate(batch);
  return out;
}

std::vector<double> transformed(std::span<const double> momenta) {
  // Rotations about two axes, then a boost along neither.
  constexpr double c = 0.8, s = 0.6, beta[3] = {0.27, -0.16, 0.38};
  const double gamma = 1 / std::sqrt(1 - beta[0] * beta[0] - beta[1] * beta[1] - beta[2] * beta[2]);
  std::vector<double> out(momenta.begin(), momenta.end());
  for (std::size_t at = 0; at < out.size(); at += 4) {
    double* p = &out[at];
    const double x = c * p[1] - s * p[3], z = s * p[1] + c * p[3];
    p[1] = c * x - s * p[2], p[2] = s * x + c * p[2], p[3] = z;
    const double along = beta[0] * p[1] + beta[1] * p[2] + beta[2] * p[3];
    const double shift = gamma * (gamma / (gamma + 1) * along + p[0]);
    p[0] = gamma * (p[0] + along);
    for (int k = 0; k < 3; ++k) p[1 + k] += beta[k] * shift;
  }
  return out;
}

bool tell_something(const Program& p, const Sums& sums) {
  return sums_differ_from_zero(sums.by_helicity, p.n_helicity) && sums_differ_from_zero(sums.jamp2, p.n_flow) &&
         sums_differ_from_zero(sums.amp2, p.n_diagram);
}

bool are_symmetric(const Program& p, std::span<const std::uint32_t> active, std::span<const std::uint32_t> opposite,
                   const Sums& sums) {
  std::vector<double> image = sums.by_helicity;
  for (std::size_t at = 0; at < image.size(); at += p.n_helicity)
    for (std::size_t a = 0; a < active.size(); ++a) image[at + active[a]] = sums.by_helicity[at + opposite[a]];
  return are_close(sums.by_helicity, image, p.n_helicity);
}

bool agree(const Program& p, const Sums& a, const Sums& b) {
  return are_close(a.by_helicity, b.by_helicity, p.n_helicity) && are_close(a.jamp2, b.jamp2, p.n_flow) &&
         are_close(a.amp2, b.amp2, p.n_diagram);
}

}  // namespace meb
