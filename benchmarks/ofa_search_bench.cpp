#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <numeric>

#include "benchmarks/ofa_search.h"
#include "core/util/rng.h"
#include "core/util/text.h"

// usage: ofa_search_bench PREDICTOR_DIR TABLES_DIR [SEEDS]
// The evolution of Once-for-All under latency limits on a Note 10, beside random search with as
// many predictions, and the time of a thousand evaluations.

namespace nas {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Best networks of random search: feasible draws only, as many predictions.
double best_random(const bench::OfaSearch& search, double limit_ms, std::uint64_t seed) {
  Rng rng({.seed = seed, .study = 1, .purpose = Purpose::kTest});
  double best = 0;
  std::vector<Architecture> batch;
  for (std::int64_t count = 0; count < bench::OfaSearch::kBudget;) {
    Architecture drawn = sample(search.space(), rng);
    if (search.milliseconds(drawn) > limit_ms) continue;
    batch.push_back(std::move(drawn));
    ++count;
    if (batch.size() < 100) continue;
    for (const double accuracy : search.accuracies(batch)) best = std::max(best, accuracy);
    batch.clear();
  }
  return best;
}

void print_limit(const bench::OfaSearch& search, double limit_ms, std::uint64_t seeds) {
  std::vector<double> best;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto found = search.run("evolution_ofa", {{"repeats", "true"}}, seed, limit_ms,
                                  bench::OfaSearch::kBudget);
    best.push_back(found.accuracy);
    std::cout << limit_ms << " ms, seed " << seed << ": " << format_short(found.accuracy, 6)
              << " %, " << format_short(search.milliseconds(found.architecture), 6) << " ms, "
              << search.space().format(found.architecture) << std::endl;
  }
  const double count = static_cast<double>(best.size());
  const double mean = std::accumulate(best.begin(), best.end(), 0.0) / count;
  double square = 0;
  for (const double one : best) square += (one - mean) * (one - mean);
  std::cout << limit_ms << " ms: mean " << format_short(mean, 6) << " %, deviation "
            << format_short(std::sqrt(square / std::max(1.0, count - 1)), 3) << ", from "
            << format_short(*std::ranges::min_element(best), 6) << " to "
            << format_short(*std::ranges::max_element(best), 6) << "; "
            << format_short(seconds_since(start) / count, 3) << " s a search\n";
}

void print_speed(const bench::OfaSearch& search) {
  constexpr int kNetworks = 1000, kRounds = 20;
  Rng rng({.seed = 1, .purpose = Purpose::kTest});
  std::vector<Architecture> networks;
  for (int i = 0; i < kNetworks; ++i) networks.push_back(sample(search.space(), rng));
  double best = INFINITY, sum = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (const double accuracy : search.accuracies(networks)) sum += accuracy;
    for (const Architecture& network : networks) sum += search.milliseconds(network);
    best = std::min(best, seconds_since(start));
  }
  std::cout << "1,000 networks, accuracy and latency: " << format_short(1e3 * best, 3)
            << " ms (best of " << kRounds << "; sum " << format_short(sum, 6) << ")\n";
}

int run(const char* predictor, const char* tables, std::uint64_t seeds) {
  const bench::OfaSearch search(predictor, tables);
  print_speed(search);
  print_limit(search, 25, seeds);
  for (const double limit_ms : {15.0, 20.0, 30.0, 40.0}) {
    print_limit(search, limit_ms, std::min<std::uint64_t>(seeds, 5));
  }
  for (std::uint64_t seed = 0; seed < std::min<std::uint64_t>(seeds, 3); ++seed) {
    std::cout << "25 ms, random search, seed " << seed << ": "
              << format_short(best_random(search, 25, seed), 6) << " %" << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace nas

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: ofa_search_bench PREDICTOR_DIR TABLES_DIR [SEEDS]\n");
    return 2;
  }
  try {
    const int seeds = argc > 3 ? std::max(1, std::atoi(argv[3])) : 20;
    return nas::run(argv[1], argv[2], static_cast<std::uint64_t>(seeds));
  } catch (const nas::Error& error) {
    std::fprintf(stderr, "ofa_search_bench: %s\n", error.what());
    return 2;
  }
}
