// The parts of the engine that the library does not show: colour forms, tiles, and what a runner makes of them.
#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "backends/cpu/page.hpp"
#include "check.h"
#include "engine/color.hpp"
#include "engine/engine.hpp"
#include "engine/plan.hpp"
#include "engine/tiles.hpp"

namespace meb::scalar {
PageRunner* make_runner(const RunnerInput& input, Precision);
}

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

// Oracle: the list of updates. A step's amplitude is that of its first update.
void row_sums_hold_every_update_once(const meb::Tiles& tiles, const Program& p) {
  using Matrix = std::map<std::pair<std::uint32_t, std::uint32_t>, std::complex<double>>;  // row, column
  Matrix expected, found;
  std::vector<std::complex<double>> first(tiles.n_column);
  std::size_t n_update = 0;
  for (const auto& s : tiles.steps)
    for (std::uint32_t u = 0; u < s.n_update; ++u, ++n_update) {
      const meb::Instruction& x = *tiles.updates[s.first_update + u]->instruction;
      const std::complex<double> c(p.constants[2 * x.coefficient[0]], p.constants[2 * x.coefficient[0] + 1]);
      if (u == 0) first[s.column] = c;
      expected[{x.out, s.column}] += c;
    }
  const std::uint32_t* column = tiles.columns.data();
  const double* factor = tiles.factors.data();
  CHECK(tiles.row_sums.size() == p.n_row() && tiles.columns.size() == n_update);
  for (std::uint32_t r = 0; r < p.n_row(); ++r) {
    const meb::RowSum& row = tiles.row_sums[r];
    for (std::uint32_t i = 0; i < row.n_plus + row.n_minus + row.n_other; ++i, ++column) {
      const double f = i < row.n_plus ? 1 : i < row.n_plus + row.n_minus ? -1 : *factor++;
      found[{r, *column}] += f * first[*column];
    }
  }
  CHECK(found.size() == expected.size());
  for (const auto& [place, c] : expected) CHECK(std::abs(found[place] - c) <= 1e-14 * std::abs(c));
}

// What a runner makes of some events, whose momenta need not be physical.
std::vector<double> run(const meb::Plan& plan, const meb::Tiles& tiles, unsigned wanted, meb::Precision precision,
                        std::int32_t helicity_in) {
  constexpr std::size_t n_event = 3;
  const Program& p = *plan.program;
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(1, 2);
  const auto make = [&](std::size_t n) {
    std::vector<double> values(n);
    for (double& x : values) x = uniform(random);
    return values;
  };
  const meb::Values values{make(p.parameters.size()), make(2 * p.couplings.size())};
  const auto momenta = make(4 * n_event * p.n_leg), running = make(2 * n_event * p.running_couplings.size());
  const std::vector<std::int32_t> own(n_event, helicity_in);
  const std::vector<double> weight(p.n_helicity, 1);
  const ColorForm color = meb::make_color_form(p);
  std::vector<double> out(n_event * (1 + p.n_flow + p.n_diagram + p.n_helicity));
  meb::Batch batch;
  batch.n_event = n_event, batch.momenta = momenta.data(), batch.running_coupling = running.data();
  if (helicity_in) batch.helicity_in = own.data();
  batch.matrix_element = out.data(), batch.jamp2 = batch.matrix_element + n_event;
  batch.amp2 = batch.jamp2 + n_event * p.n_flow, batch.by_helicity = batch.amp2 + n_event * p.n_diagram;
  const std::unique_ptr<meb::PageRunner> runner(
      meb::scalar::make_runner({&plan, &values, &color, nullptr, weight.data()}, precision));
  for (std::size_t e = 0; e < n_event; ++e) CHECK(runner->run(batch, e, 1, wanted, tiles) == 0);
  return out;
}

// Oracle: JAMPs added to in passing.
bool rows_are_the_same_both_ways(const std::shared_ptr<const Program>& program) {
  std::vector<std::uint32_t> helicities;
  for (std::uint32_t h = 0; h < program->n_helicity; ++h)
    if (!program->zero_helicities[h]) helicities.push_back(h);
  bool by_rows = false;
  for (unsigned amp2 : {meb::need::amp2_densities, meb::need::amp2_amplitudes})
    for (auto order : {meb::Order::products_last, meb::Order::as_steps}) {
      const auto plan = meb::make_plan(program, helicities, order);
      const unsigned wanted = meb::need::jamp | amp2;
      for (std::uint32_t size : {3u, 8u, 1000u}) {
        if (order == meb::Order::as_steps && size < helicities.size()) continue;
        const meb::Tiles in_passing = meb::make_tiles(*plan, wanted, size);
        const meb::Tiles rows = meb::make_tiles(*plan, wanted, size, true);
        if (!rows.by_rows) continue;
        by_rows = true;
        row_sums_hold_every_update_once(rows, *program);
        for (auto precision : {meb::Precision::double_, meb::Precision::mixed})
          for (std::int32_t helicity_in : {0, static_cast<std::int32_t>(helicities.back()) + 1}) {
            if (helicity_in && amp2 == meb::need::amp2_densities) continue;
            const auto expected = run(*plan, in_passing, wanted, precision, helicity_in);
            const auto found = run(*plan, rows, wanted, precision, helicity_in);
            const double bound = precision == meb::Precision::mixed ? 1e-4 : 1e-11;
            for (std::size_t i = 0; i < found.size(); ++i)
              CHECK(std::fabs(found[i] - expected[i]) <= bound * std::fabs(expected[i]));
            CHECK(std::any_of(found.begin(), found.end(), [](double x) { return x != 0; }));
          }
      }
    }
  return by_rows;
}

}  // namespace

int main(int argc, char** argv) {
  color_form_is_the_double_sum(four_gluons(), 6);
  int n_by_rows = 0;
  for (int i = 1; i < argc; ++i) {
    const auto program = read(argv[i]);
    color_form_is_the_double_sum(*program, program->n_flow);  // small ones are left as they are
    tiles_hold_every_product_once(program);
    if (program->custom_functions.empty()) n_by_rows += rows_are_the_same_both_ways(program);
  }
  CHECK(argc == 1 || n_by_rows > 0);
  return 0;
}
