// The mode-independent parts of the engine: colour forms and tiles.
#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <tuple>

#include "check.h"
#include "engine/color.hpp"
#include "engine/engine.hpp"
#include "engine/plan.hpp"
#include "engine/tiles.hpp"

namespace {

using meb::ColorForm;
using meb::Program;

std::shared_ptr<const Program> read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return meb::load_program(std::as_bytes(std::span(bytes)));
}

double by_definition(const Program& p, const std::vector<double>& jamp) {
  double sum = 0;
  for (std::size_t i = 0; i < p.n_flow; ++i)
    for (std::size_t j = 0; j < p.n_flow; ++j) {
      const std::size_t a = std::min(i, j), b = std::max(i, j);
      sum += jamp[i] * p.color_matrix[a * p.n_flow - a * (a + 1) / 2 + b] * jamp[j];
    }
  return sum;
}

double by_form(const ColorForm& form, std::vector<double> jamp) {
  for (const auto& [a, b] : form.butterflies)
    std::tie(jamp[a], jamp[b]) = std::tuple(jamp[a] + jamp[b], jamp[a] - jamp[b]);
  const double* c = form.coefficients.data();
  const std::uint32_t* rows = form.order.data();
  double sum = 0;
  for (std::uint32_t n : form.blocks) {
    for (std::uint32_t i = 0; i < n; i += 4)
      for (std::uint32_t j = i; j < n; ++j)
        for (std::uint32_t k = i; k < std::min(i + 4, n); ++k) sum += *c++ * jamp[rows[k]] * jamp[rows[j]];
    rows += n;
  }
  CHECK(c == form.coefficients.data() + form.coefficients.size());
  return sum;
}

// Oracle: the double sum.
void color_form_is_the_double_sum(const Program& p, std::uint32_t largest_block) {
  const ColorForm form = meb::make_color_form(p);
  CHECK(form.order.size() == p.n_flow);
  CHECK(*std::max_element(form.blocks.begin(), form.blocks.end()) <= largest_block);
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (int attempt = 0; attempt < 10; ++attempt) {
    std::vector<double> jamp(p.n_flow);
    for (double& x : jamp) x = uniform(random);
    const double expected = by_definition(p, jamp);
    CHECK(std::fabs(by_form(form, jamp) - expected) <= 1e-11 * std::fabs(expected) + 1e-11);
  }
}

// As of four gluons between two quarks: c_ij depends on how many places two permutations share.
Program four_gluons() {
  std::array<int, 4> permutation{0, 1, 2, 3};
  std::vector<std::array<int, 4>> flows;
  do flows.push_back(permutation);
  while (std::next_permutation(permutation.begin(), permutation.end()));
  const double values[5] = {-2, 7, 5, 0, 64};
  Program p;
  p.n_flow = static_cast<std::uint32_t>(flows.size()), p.n_split_order = 1, p.chosen_orders = {1};
  for (std::size_t i = 0; i < flows.size(); ++i)
    for (std::size_t j = i; j < flows.size(); ++j) {
      int same = 0;
      for (std::size_t k = 0; k < 4; ++k) same += flows[i][k] == flows[j][k];
      p.color_matrix.push_back(values[same]);
    }
  return p;
}

using Dot = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, int>;  // wave, D, combination, halves

std::multiset<Dot> of_plan(const meb::Plan& plan, const meb::Step& s) {
  std::multiset<Dot> dots;
  const std::uint32_t* at = &plan.indices[s.index];
  for (std::uint32_t g = 0; g < s.n; ++g) {
    const std::uint32_t d = at[0], n = at[1];
    at += 2;
    for (std::uint32_t i = 0; i < n; ++i, at += 2) {
      const int halves = plan.halves[s.instruction->in[0]][at[0]] & plan.halves[s.instruction->in[1]][d];
      if (halves != meb::half::none) dots.emplace(at[0], d, at[1], halves);
    }
  }
  return dots;
}

std::multiset<Dot> of_tiles(const meb::Tiles& tiles, std::size_t step) {
  std::multiset<Dot> dots;
  for (std::uint32_t t = 0; t < tiles.n_tile; ++t) {
    const std::uint32_t* at = &tiles.indices[tiles.first[t * tiles.steps.size() + step]];
    const bool hold_d = at[0] == 1;
    const std::uint32_t* n_group = at;
    at += 4;
    for (int halves = 1; halves <= 3; ++halves)
      for (std::uint32_t g = 0; g < n_group[halves]; ++g) {
        const std::uint32_t held = at[0], n = at[1];
        at += 2;
        for (std::uint32_t i = 0; i < n; ++i, at += 2)
          dots.emplace(hold_d ? at[0] : held, hold_d ? held : at[0], t * tiles.size + at[1], halves);
      }
  }
  return dots;
}

// Oracle: the Plan's own list, less what vanishes by chirality. A tile size that does not divide their number is among
// those tried.
void tiles_hold_every_product_once(const std::shared_ptr<const Program>& program) {
  std::vector<std::uint32_t> helicities;
  for (std::uint32_t h = 0; h < program->n_helicity; ++h)
    if (!program->zero_helicities[h]) helicities.push_back(h);
  const auto plan = meb::make_plan(program, helicities);
  for (std::uint32_t size : {1u, 3u, 8u, 1000u}) {
    const meb::Tiles tiles = meb::make_tiles(*plan, meb::need::jamp | meb::need::amp2_amplitudes, size);
    std::size_t n_product = 0, n_update = 0;
    for (std::size_t s = 0; s < tiles.steps.size(); ++s) {
      if (!tiles.steps[s].product) continue;
      ++n_product;
      CHECK(of_tiles(tiles, s) == of_plan(*plan, *tiles.steps[s].product));
    }
    for (const auto& s : tiles.steps) n_update += s.n_update;
    CHECK(n_product > 0 && n_update == tiles.updates.size());
  }
}

}  // namespace

int main(int argc, char** argv) {
  color_form_is_the_double_sum(four_gluons(), 6);
  for (int i = 1; i < argc; ++i) {
    const auto program = read(argv[i]);
    color_form_is_the_double_sum(*program, program->n_flow);  // small ones are left as they are
    tiles_hold_every_product_once(program);
  }
  return 0;
}
