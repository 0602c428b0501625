#include "app/study/metric_catalogue.h"

#include <doctest/doctest.h>

#include <set>

#include "app/scoring/proxy_evaluator.h"
#include "app/study/constraint.h"
#include "app/study/cost_evaluator.h"
#include "app/study/latency_evaluator.h"
#include "core/problems/data_kinds.h"
#include "tests/app/study/study_testing.h"

using namespace nas;

TEST_CASE("metrics: each is declared once, with what people read of it") {
  std::set<std::string_view> names;
  for (const MetricInfo& metric : metric_catalogue()) {
    CAPTURE(metric.name);
    CHECK(names.insert(metric.name).second);
    CHECK_FALSE(metric.title.empty());
    CHECK_FALSE(metric.meaning.empty());
    CHECK(&metric_info(metric.name) == &metric);
    // Commands tell values of other samples by these.
    CHECK_FALSE(metric.name.starts_with(kTrainPrefix));
    CHECK_FALSE(metric.name.starts_with(kTestPrefix));
  }
  for (const MetricInfo& score : proxy_metrics()) CHECK(score.role == MetricRole::kScore);
  CHECK(metric_info("params").role == MetricRole::kCost);  // though a proxy has this name as well
}

TEST_CASE("metrics: those of problems are quality, those of evaluators cost") {
  for (const MetricInfo& metric : problem_metrics()) CHECK(metric.role == MetricRole::kQuality);
  for (const MetricInfo& metric : cost_metrics()) {
    CHECK(metric.role == MetricRole::kCost);
    CHECK(metric.whole);
    CHECK_FALSE(metric.per_device);
  }
  for (const MetricInfo& metric : latency_metrics()) CHECK(metric.per_device);
}

TEST_CASE("metrics: a search goes by those of its data") {
  StudyConfig config = test::cheap_config(5, 1);
  const auto objectives = [&config](const char* data, std::vector<std::string> wanted) {
    config.data = data;
    config.objectives = std::move(wanted);
    return resolve(config).objectives;
  };
  CHECK(objectives("glyphs", {}) == std::vector<std::string>{"maximize accuracy"});
  CHECK(objectives("speakers:/voices", {}) == std::vector<std::string>{"minimize eer"});
  CHECK(objectives("speakers:/voices", {"min_dcf"}) ==
        std::vector<std::string>{"minimize min_dcf"});
  CHECK(test::contains(test::error_of([&] { objectives("glyphs", {"eer"}); }),
                       "data set kind 'glyphs' has no metric 'eer'; its first is 'accuracy'"));
  CHECK(test::contains(test::error_of([&] { objectives("", {"eer"}); }), "eer needs a data set"));
}

TEST_CASE("metrics: fields of a problem's own are options of its studies alone") {
  StudyConfig config = test::cheap_config(5, 1);
  config.data = "speakers:/voices";
  config.recipe.options["margin"] = "0.3";
  const StudyConfig resolved = resolve(config);
  CHECK(resolved.recipe.options.at("margin") == "0.3");
  CHECK(resolved.final_recipe.options.at("margin") == "0.3");
  CHECK(resolved.recipe.options.at("optimizer") == "adam");  // what the kind brings
  CHECK_FALSE(resolved.recipe.options.contains("flip"));
  CHECK(parse_study_config(to_toml(resolved), "t") == resolved);
  config.data = "glyphs";
  CHECK(test::contains(test::error_of([&] { resolve(config); }), "unknown option 'margin'"));
  // Without data nothing is trained, and studies of before still read.
  config.data = "";
  config.recipe.options = {{"flip", "false"}};
  CHECK_FALSE(resolve(config).recipe.options.contains("flip"));
}
