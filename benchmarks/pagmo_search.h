#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "core/api/benchmark.h"

namespace nas::bench {

// NSGA-II of pagmo2 (Biscani and Izzo, 2020) as a peer of ours. Where CMake finds no pagmo2,
// nothing calls it.

#ifdef NAS_HAS_PAGMO
inline constexpr bool kHasPagmo = true;
#else
inline constexpr bool kHasPagmo = false;
#endif

struct PagmoProblem {
  std::vector<int> sizes;  ///< choices of each decision
  std::size_t objectives = 2;
  unsigned seed = 0;
  std::size_t population = 20;
};

/// Costs (to be minimised) of the choices 0 .. size - 1 of each decision.
using PagmoCosts = std::function<std::vector<double>(const std::vector<int>& choices)>;

/// Generations until `enough` holds after one of them, at most a thousand.
void pagmo_nsga2(const PagmoProblem& problem, const PagmoCosts& costs,
                 const std::function<bool()>& enough);

/// All columns of a row as merits: larger is better.
inline std::vector<double> merits_of(const Benchmark& table, std::size_t row) {
  std::vector<double> merits;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const double value = table.value(i, row);
    merits.push_back(table.columns()[i].maximize ? value : -value);
  }
  return merits;
}

inline std::vector<std::vector<double>> merits_of(const Benchmark& table) {
  std::vector<std::vector<double>> all;
  for (std::size_t row = 0; row < table.rows(); ++row) all.push_back(merits_of(table, row));
  return all;
}

}  // namespace nas::bench
