#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/api/notation.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "hwmodels/tdnn_latency.h"
#include "predictors/flat_tensors.h"
#include "predictors/registry.h"
#include "searchers/registry.h"
#include "searchspaces/registry.h"
#include "tests/test_data.h"

// Search on the released predictor and latency table of EfficientTDNN. Golden values were computed
// from the released files by other code (golden_500.csv, optima_coarse.csv).

using namespace nas;

namespace {

struct Tdnn {
  std::unique_ptr<SearchSpace> space =
      find_plugin(space_plugins(), "space", "efficient_tdnn").make({});
  std::unique_ptr<Predictor> predictor = make_predictor("bn_mlp", {});
  TdnnLatency latency;

  explicit Tdnn(const std::filesystem::path& folder) : latency(*space, folder) {
    predictor->restore(read_flat_tensors(folder / "predictor_eer_48_coarse.json"));
  }

  std::vector<double> eer(std::vector<Architecture> architectures) const {
    std::vector<double> values;
    for (const Prediction& prediction :
         predictor->predict(*space, {std::move(architectures), {}, {}})) {
      values.push_back(prediction.mean);
    }
    return values;
  }
};

/// "4,512-512-512-512-512,5-5-5-5-5,1536" of the columns of a table.
std::string record_of(const CsvTable& table, std::size_t row) {
  std::vector<std::string> parts;
  for (const std::string_view name : {"depth", "channels", "kernels", "cat"}) {
    parts.emplace_back(table.at(row, table.column(name)));
  }
  return join(parts, ",");
}

double number(const CsvTable& table, std::size_t row, std::string_view column) {
  return parse_double(table.at(row, table.column(column))).value();
}

/// Lowest predicted EER below a latency that a search of 200 generations of 50 meets.
double best_found(const Tdnn& tdnn, std::string_view name, std::uint64_t seed, double limit_ms) {
  constexpr std::int64_t kGenerations = 200, kPopulation = 50;
  const auto searcher = find_plugin(searcher_plugins(), "searcher", name).make({});
  searcher->start({.space = *tdnn.space,
                   .objectives = {{"eer", false}},
                   .seed = seed,
                   .study = 1,
                   .budget_trials = kGenerations * kPopulation});
  double best = INFINITY;
  for (std::int64_t first = 0; first < kGenerations * kPopulation; first += kPopulation) {
    std::vector<Architecture> generation;
    for (std::int64_t number = first; number < first + kPopulation; ++number) {
      generation.push_back(searcher->ask(number)->architecture);
    }
    const std::vector<double> eer = tdnn.eer(generation);
    for (std::size_t i = 0; i < generation.size(); ++i) {
      const double milliseconds = tdnn.latency.milliseconds(generation[i].choices);
      const bool feasible = milliseconds < limit_ms;
      const double merit = -eer[i];
      if (feasible) best = std::min(best, eer[i]);
      searcher->tell({.number = first + static_cast<std::int64_t>(i),
                      .architecture = generation[i],
                      .outcome = feasible ? Outcome::kComplete : Outcome::kInfeasible,
                      .merits = feasible ? std::span(&merit, 1) : std::span<const double>(),
                      .violation = feasible ? 0 : milliseconds / limit_ms - 1});
    }
  }
  return best;
}

}  // namespace

TEST_CASE("acceptance: efficient_tdnn, 500 networks have their predicted EER and latency") {
  const auto dir = test::test_data("tdnn-efficienttdnn");
  if (dir.empty()) return;
  const Tdnn tdnn(dir);
  const CsvTable table = CsvTable::parse(read_file(dir / "golden_500.csv"), "golden_500.csv");
  REQUIRE(table.rows() == 500);
  std::vector<Architecture> architectures;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    architectures.push_back(read_architecture(*tdnn.space, record_of(table, row)).architecture);
  }
  const std::vector<double> eer = tdnn.eer(architectures);
  double eer_error = 0, latency_error = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double latency = tdnn.latency.milliseconds(architectures[row].choices);
    eer_error = std::max(eer_error, std::abs(eer[row] - number(table, row, "pred_eer_pct")));
    latency_error = std::max(latency_error, std::abs(latency - number(table, row, "latency_ms")));
  }
  CHECK(eer_error < 1e-4);
  CHECK(latency_error < 1e-5);
  MESSAGE("largest differences: ", eer_error, " % EER, ", latency_error, " ms");
}

TEST_CASE(
    "acceptance: efficient_tdnn, the optima among all 270,000 networks of two or three blocks") {
  const auto dir = test::test_data("tdnn-efficienttdnn");
  if (dir.empty()) return;
  const Tdnn tdnn(dir);
  const CsvTable table = CsvTable::parse(read_file(dir / "optima_coarse.csv"), "optima_coarse.csv");
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*tdnn.space);
  constexpr std::uint64_t kShallow = 16'875 + 253'125, kBatch = 4096;
  std::vector<double> best(table.rows(), INFINITY);
  std::vector<std::string> text(table.rows());
  for (std::uint64_t first = 0; first < kShallow; first += kBatch) {
    std::vector<Architecture> batch;
    for (std::uint64_t i = first; i < std::min(kShallow, first + kBatch); ++i) {
      batch.push_back(indexed.at(i));
    }
    const std::vector<double> eer = tdnn.eer(batch);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const double latency = tdnn.latency.milliseconds(batch[i].choices);
      for (std::size_t row = 0; row < table.rows(); ++row) {
        if (latency >= number(table, row, "max_latency_ms") || eer[i] >= best[row]) continue;
        best[row] = eer[i];
        text[row] = tdnn.space->format(batch[i]);
      }
    }
  }
  int shallow = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    CAPTURE(number(table, row, "max_latency_ms"));
    const double optimum = number(table, row, "pred_eer_pct");
    if (table.at(row, table.column("depth")) == "4") {
      CHECK(best[row] > optimum);
      continue;
    }
    ++shallow;
    CHECK(std::abs(best[row] - optimum) < 1e-4);
    const Architecture published =
        read_architecture(*tdnn.space, record_of(table, row)).architecture;
    CHECK(text[row] == tdnn.space->format(published));
  }
  CHECK(shallow == 13);
}

TEST_CASE(
    "acceptance: efficient_tdnn, the genetic search finds the exact optimum of seven limits") {
  const auto dir = test::test_data("tdnn-efficienttdnn");
  if (dir.empty()) return;
  const Tdnn tdnn(dir);
  struct Limit {
    double milliseconds, optimum;
  };
  // All 4,066,875 networks of the coarse grid were evaluated (optima_coarse.csv).
  constexpr Limit kLimits[] = {{8, 2.1760},  {10, 1.7861}, {12, 1.6904}, {15, 1.5080},
                               {18, 1.4236}, {21, 1.4058}, {25, 1.3890}};
  constexpr std::uint64_t kRandomSeeds = 3;
  int random_hits = 0;
  for (const Limit& limit : kLimits) {
    CAPTURE(limit.milliseconds);
    int hits = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const double found = best_found(tdnn, "genetic", seed, limit.milliseconds);
      CHECK(found > limit.optimum - 1e-4);  // nothing beats the optimum
      hits += found <= limit.optimum + 0.02 ? 1 : 0;
      if (seed >= kRandomSeeds) continue;
      const double random = best_found(tdnn, "random", seed, limit.milliseconds);
      random_hits += random <= limit.optimum + 0.02 ? 1 : 0;
    }
    CHECK(hits >= 8);
    MESSAGE(limit.milliseconds, " ms: ", hits, " of 10");
  }
  CHECK(random_hits < 10);
  MESSAGE("random search: ", random_hits, " of 21");
}
