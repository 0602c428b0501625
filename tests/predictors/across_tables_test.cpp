// Public accuracies of spaces that the predictor has not seen: own figures, docs/reproduction.md.

#include <doctest/doctest.h>

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
