// Public accuracies of spaces that the predictor has not seen: own figures, docs/reproduction.md.

#include <doctest/doctest.h>

#include <algorithm>

#include "predictors/registry.h"
#include "tests/predictors/accuracy_tables.h"
#include "tests/test_data.h"

using namespace nas;
using namespace nas::test;

TEST_CASE("acceptance: 5,000 cells of NAS-Bench-101 order NAS-Bench-201 beyond its live MACs") {
  const auto known = test_data("tab-nb101"), fresh = test_data("tab-nb201");
  if (known.empty() || fresh.empty()) return;
  const AccuracyTable nb101 = read_nb101(known, 5000, 0);
  const AccuracyTable nb201 = read_nb201(fresh);
  CHECK(nb201.without_none.size() == 4096);
  const std::vector<std::size_t> all = nb201.all();
  CHECK(rank_correlation(nb201.accuracy, nb201.macs, all) == doctest::Approx(0.753).epsilon(0.002));
  CHECK(rank_correlation(nb201.accuracy, nb201.live_macs, all) ==
        doctest::Approx(0.822).epsilon(0.002));
  CHECK(rank_correlation(nb201.accuracy, nb201.live_macs, nb201.without_none) ==
        doctest::Approx(0.808).epsilon(0.002));

  const auto predictor = make_predictor("across", {});
  auto& tasks = dynamic_cast<TransferPredictor&>(*predictor);
  const TransferTask task = nb101.task("nb101 accuracy", nb101.all());
  tasks.fit_tasks(std::span(&task, 1), nb201.subjects(draw_rows(all.size(), 2000, 1)), {});
  const std::vector<double> scores = means(tasks.forecast(nb201.subjects(all)));
  CHECK(rank_correlation(nb201.accuracy, scores, all) >= 0.87);
  CHECK(rank_correlation(nb201.accuracy, scores, nb201.without_none) >= 0.86);
}

TEST_CASE("acceptance: ten suggested labels of cells without none beat no label with every draw") {
  const auto known = test_data("tab-nb101"), fresh = test_data("tab-nb201");
  if (known.empty() || fresh.empty()) return;
  const AccuracyTable nb101 = read_nb101(known, 5000, 0);
  const AccuracyTable nb201 = read_nb201(fresh);
  const AccuracyTable family = only(read_nb201(fresh), nb201.without_none);
  const std::vector<std::size_t> all = family.all();
  const auto predictor = make_predictor("across", {});
  auto& tasks = dynamic_cast<TransferPredictor&>(*predictor);
  const TransferTask task = nb101.task("nb101 accuracy", nb101.all());
  tasks.fit_tasks(std::span(&task, 1), family.subjects(draw_rows(all.size(), 2000, 1)), {});
  const double without =
      rank_correlation(family.accuracy, means(tasks.forecast(family.subjects(all))), all);
  for (std::uint64_t draw = 0; draw < 3; ++draw) {
    const std::vector<std::size_t> candidates = draw_rows(all.size(), 500, draw + 1);
    std::vector<std::size_t> rows;
    for (const std::size_t i : tasks.suggest(family.subjects(candidates), {}, 10)) {
      rows.push_back(candidates[i]);
    }
    tasks.adapt(family.subjects(rows), family.targets(rows));
    const double with =
        rank_correlation(family.accuracy, means(tasks.forecast(family.subjects(all))), all);
    CAPTURE(draw);
    CAPTURE(without);
    CHECK(with >= std::max(without, 0.90));
  }
}
