#include "benchmarks/pagmo_search.h"

#ifdef NAS_HAS_PAGMO
#include <cmath>
#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>
#include <utility>
#endif

namespace nas::bench {

#ifdef NAS_HAS_PAGMO
namespace {

/// What pagmo calls a user-defined problem; it copies problems, so that all state is shared.
struct Decisions {
  const PagmoProblem* problem = nullptr;
  const PagmoCosts* costs = nullptr;

  pagmo::vector_double fitness(const pagmo::vector_double& x) const {
    std::vector<int> choices;
    for (const double value : x) choices.push_back(static_cast<int>(std::lround(value)));
    return (*costs)(choices);
  }
  std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const {
    pagmo::vector_double high;
    for (const int size : problem->sizes) high.push_back(size - 1);
    return {pagmo::vector_double(high.size(), 0.0), high};
  }
  pagmo::vector_double::size_type get_nobj() const { return problem->objectives; }
  pagmo::vector_double::size_type get_nix() const { return problem->sizes.size(); }
};

}  // namespace

void pagmo_nsga2(const PagmoProblem& problem, const PagmoCosts& costs,
                 const std::function<bool()>& enough) {
  constexpr int kMostGenerations = 1000;
  const pagmo::problem decisions{Decisions{&problem, &costs}};
  pagmo::population population{decisions, problem.population, problem.seed};
  // Crossover .9 as ours and a mutation of one decision a child on average.
  const double mutation = 1.0 / static_cast<double>(problem.sizes.size());
  for (int i = 0; i < kMostGenerations && !enough(); ++i) {
    const auto seed = problem.seed * 1000U + static_cast<unsigned>(i);
    pagmo::algorithm one{pagmo::nsga2(1, 0.9, 10., mutation, 50., seed)};
    population = one.evolve(population);
  }
}
#else
void pagmo_nsga2(const PagmoProblem&, const PagmoCosts&, const std::function<bool()>&) {}
#endif

}  // namespace nas::bench
