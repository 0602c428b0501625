#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/api/cell_graph.h"
#include "core/api/transfer_predictor.h"
#include "core/util/statistics.h"
#include "predictors/across/label_process.h"
#include "predictors/across/pairwise_net.h"
#include "predictors/across/path_features.h"
#include "predictors/across/zero_shot.h"
#include "predictors/registry.h"
#include "searchspaces/registry.h"
#include "tests/predictors/accuracy_tables.h"

using namespace nas;
using namespace nas::test;

namespace {

std::unique_ptr<SearchSpace> make(const char* name) {
  return find_plugin(space_plugins(), "space", name).make({});
}

double feature(const PathFeatures& features, std::string_view name) {
  const auto names = path_feature_names();
  const auto found = std::find(names.begin(), names.end(), name);
  REQUIRE(found != names.end());
  return features.values[static_cast<std::size_t>(found - names.begin())];
}

PathFeatures of_cell(const SearchSpace& space, std::string_view text) {
  const Architecture cell = space.parse(text);
  return path_features({&space, &cell, nullptr});
}

/// What networks of any space are worth here: convolutions on the mean path, and live MACs.
double worth(const Subject& subject) {
  const PathFeatures features = path_features(subject);
  if (!features.valid) return 10;
  return 80 + 3 * feature(features, "mean_convs") + feature(features, "mean_windows") +
         0.3 * std::log(features.macs) - feature(features, "most_pools");
}

struct Spaces {
  std::unique_ptr<SearchSpace> known = make("nasbench101"), fresh = make("nasbench201");
  std::vector<Architecture> sources, networks;
  TransferTask task;
  std::vector<double> truth;

  Spaces() {
    Rng rng({.seed = 3});
    while (sources.size() < 400) sources.push_back(sample(*known, rng));
    while (networks.size() < 200) networks.push_back(sample(*fresh, rng));
    task = {"known accuracy", subjects_of(*known, sources), {}};
    for (const Subject& subject : task.subjects) task.targets.push_back(worth(subject));
    for (const Subject& subject : subjects()) truth.push_back(worth(subject));
  }
  std::vector<Subject> subjects() const { return subjects_of(*fresh, networks); }
};

std::unique_ptr<Predictor> across() {
  return make_predictor("across", {{"rounds", "40"}, {"trees", "10"}, {"epochs", "15"}});
}

TransferPredictor& tasks_of(Predictor& predictor) {
  return dynamic_cast<TransferPredictor&>(predictor);
}

}  // namespace

TEST_CASE("path features: a cell of NAS-Bench-201 by hand") {
  const auto space = make("nasbench201");
  // Paths: 0-3 skip; 0-1-3 3x3, pool; 0-1-2-3 3x3, 1x1, 3x3; 0->2 is none, so 0-2-3 is no path.
  const PathFeatures cell =
      of_cell(*space,
              "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|avg_pool_3x3~1|"
              "nor_conv_3x3~2|");
  CHECK(cell.valid);
  CHECK(feature(cell, "windows") == 2);
  CHECK(feature(cell, "points") == 1);
  CHECK(feature(cell, "pools") == 1);
  CHECK(feature(cell, "most_convs") == 3);
  CHECK(feature(cell, "fewest_convs") == 0);
  CHECK(feature(cell, "mean_convs") == doctest::Approx(4.0 / 3));
  CHECK(feature(cell, "mean_windows") == doctest::Approx(1));
  CHECK(feature(cell, "mean_pools") == doctest::Approx(1.0 / 3));
  CHECK(feature(cell, "without_conv") == doctest::Approx(1.0 / 3));
  CHECK(feature(cell, "with_window") == doctest::Approx(2.0 / 3));
  CHECK(feature(cell, "with_pool") == doctest::Approx(1.0 / 3));
  CHECK(feature(cell, "deviation_convs") ==
        doctest::Approx(std::sqrt((0.0 + 1 + 9) / 3 - 16.0 / 9)));
}

TEST_CASE("path features: what is dead changes nothing, and a cell without a path is not valid") {
  const auto space = make("nasbench201");
  const PathFeatures plain =
      of_cell(*space, "|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|");
  const PathFeatures dead = of_cell(
      *space, "|none~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_1x1~1|none~2|");
  CHECK(plain.values == dead.values);
  CHECK(plain.macs == dead.macs);
  const PathFeatures none =
      of_cell(*space, "|none~0|+|nor_conv_3x3~0|none~1|+|none~0|nor_conv_3x3~1|none~2|");
  CHECK_FALSE(none.valid);
  CHECK(std::all_of(none.values.begin(), none.values.end(), [](double v) { return v == 0; }));
}

TEST_CASE("path features: a network without its space has those of its cells") {
  const auto space = make("nasbench201");
  Rng rng({.seed = 2});
  for (int i = 0; i < 60; ++i) {
    const Architecture cell = sample(*space, rng);
    const ArchGraph graph = space->build(cell, space->info().default_task);
    const PathFeatures by_cell = path_features({space.get(), &cell, nullptr});
    const PathFeatures by_graph = path_features({nullptr, nullptr, &graph});
    CAPTURE(space->format(cell));
    CHECK(by_cell.valid == by_graph.valid);
    CHECK(by_cell.macs == by_graph.macs);
    for (std::size_t k = 0; k < PathFeatures::kWidth; ++k) {
      CHECK(by_cell.values[k] == doctest::Approx(by_graph.values[k]));
    }
  }
}

TEST_CASE("pairwise net: the gradient is that of the loss, and an order is learned") {
  Rng rng({.seed = 6});
  PairwiseNet net(3, rng.stream(1));
  std::vector<float> rows;
  std::vector<double> labels;
  std::vector<std::uint32_t> groups;
  for (int i = 0; i < 40; ++i) {
    for (int k = 0; k < 3; ++k) rows.push_back(static_cast<float>(rng.normal()));
    labels.push_back(std::abs(rows[rows.size() - 3]) - rows.back());
    groups.push_back(i % 2);
  }
  std::vector<float> gradient, unused;
  constexpr double kMargin = 5;  // no pair is at its kink
  net.loss(rows, labels, groups, kMargin, gradient);
  const std::size_t checked[] = {1, 77, 384, 400, 3000, 8768, net.parameters().size() - 2};
  for (const std::size_t i : checked) {
    const float before = net.parameters()[i];
    constexpr float kStep = 1e-2F;
    net.parameters()[i] = before + kStep;
    const double above = net.loss(rows, labels, groups, kMargin, unused);
    net.parameters()[i] = before - kStep;
    const double below = net.loss(rows, labels, groups, kMargin, unused);
    net.parameters()[i] = before;
    CAPTURE(i);
    CHECK((above - below) / (2 * static_cast<double>(kStep)) ==
          doctest::Approx(static_cast<double>(gradient[i])).epsilon(0.02).scale(0.01));
  }
  net.train(rows, labels, groups, {.epochs = 200, .batch = 40}, rng.stream(2), [] {});
  CHECK(spearman(net.predict(rows), labels).value() > 0.95);
}

TEST_CASE("label process: targets come back in their own unit, failures far below the others") {
  Rng rng({.seed = 7});
  BlockRows rows{60, std::vector<std::vector<double>>(LabelProcess::kBlocks)};
  std::vector<double> targets;
  for (int i = 0; i < 60; ++i) {
    const double x = rng.normal();
    rows.blocks[LabelProcess::kFeatures].push_back(x);
    targets.push_back(i == 9 ? 10 : 100 - std::exp(2 - x));
    if (i == 9) rows.blocks[LabelProcess::kFeatures].back() = -4;
  }
  LabelProcess process({0, 1, 0});
  process.condition(rows, targets);
  const std::vector<Forecast> at = process.forecast(rows);
  CHECK(spearman(means(at), targets).value() > 0.98);
  CHECK(at[9].mean < 60);
  double off = 0;
  for (std::size_t i = 0; i < 60; ++i) off += std::abs(at[i].mean - targets[i]) / 60;
  CHECK(off < 3);
  for (const Forecast& one : at) CHECK(one.mean < 100);
  CHECK(process.leave_one_out().size() == 60);
}

TEST_CASE("label process: accuracies up to 1 are those in percent, also where one is perfect") {
  Rng rng({.seed = 8});
  BlockRows rows{40, std::vector<std::vector<double>>(LabelProcess::kBlocks)};
  std::vector<double> parts, percents;
  for (int i = 0; i < 40; ++i) {
    const double x = rng.normal();
    rows.blocks[LabelProcess::kFeatures].push_back(x);
    parts.push_back(i == 9 ? 1 : 1 - 0.02 * std::exp(-x));
    percents.push_back(100 * parts.back());
  }
  LabelProcess of_parts({0, 1, 0}), of_percents({0, 1, 0});
  of_parts.condition(rows, parts);
  of_percents.condition(rows, percents);
  const std::vector<Forecast> in_parts = of_parts.forecast(rows),
                              in_percents = of_percents.forecast(rows);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    CHECK(in_percents[i].mean == doctest::Approx(100 * in_parts[i].mean).epsilon(1e-6));
    CHECK(in_parts[i].mean < 1.001);
  }
}

TEST_CASE("label process: without evidence each part of the score is equally likely") {
  // Equal rows: no hypothesis explains more than another. Parts 1, .9, .7, .4, .1, 0: mean .517.
  BlockRows rows{2, std::vector<std::vector<double>>(LabelProcess::kBlocks)};
  for (std::vector<double>& block : rows.blocks) block = {0, 0};
  LabelProcess process({1, 1, 1});
  process.condition(rows, std::vector<double>{80, 90});
  CHECK(process.score_part() == doctest::Approx(3.1 / 6).epsilon(0.02));
}

TEST_CASE("label process: labels are asked for where structure differs, not where the score does") {
  // By rows: the score says most of the first two, the features of the last two.
  BlockRows rows{4, std::vector<std::vector<double>>(LabelProcess::kBlocks)};
  rows.blocks[LabelProcess::kScore] = {1.5, -1.5, 0, 0};
  rows.blocks[LabelProcess::kFeatures] = {0, 0, 1.5, -1.5};
  const std::vector<std::size_t> varying{1, 1, 0};
  auto chosen =
      most_uncertain(rows, {}, LabelProcess::parts(varying), LabelProcess::design(varying), 20, 2);
  std::ranges::sort(chosen);
  CHECK(chosen == std::vector<std::size_t>{2, 3});
}

TEST_CASE("across: orders a space without any label of it, and better with twenty") {
  const Spaces spaces;
  const auto predictor = across();
  TransferPredictor& tasks = tasks_of(*predictor);
  tasks.fit_tasks(std::span(&spaces.task, 1), spaces.subjects(), {.seed = 1});
  const std::vector<double> scores = means(tasks.forecast(spaces.subjects()));
  const double zero_shot = spearman(scores, spaces.truth).value();
  CHECK(zero_shot > 0.8);

  const auto copy = across();
  copy->restore(predictor->save());
  CHECK(means(tasks_of(*copy).forecast(spaces.subjects())) == scores);

  const auto chosen = tasks.suggest(spaces.subjects(), {}, 20);
  std::vector<Architecture> labelled;
  std::vector<double> labels;
  for (const std::size_t i : chosen) {
    labelled.push_back(spaces.networks[i]);
    labels.push_back(spaces.truth[i]);
  }
  tasks.adapt(subjects_of(*spaces.fresh, labelled), labels);
  const std::vector<double> adapted = means(tasks.forecast(spaces.subjects()));
  CHECK(spearman(adapted, spaces.truth).value() > std::max(zero_shot, 0.95));
  CHECK_FALSE(tasks.findings().empty());
  copy->restore(predictor->save());
  CHECK(means(tasks_of(*copy).forecast(spaces.subjects())) == adapted);
}

TEST_CASE("across: networks that belong to no space are ordered too") {
  const Spaces spaces;
  const auto predictor = across();
  TransferPredictor& tasks = tasks_of(*predictor);
  std::vector<ArchGraph> graphs;
  for (const Architecture& network : spaces.networks) {
    graphs.push_back(spaces.fresh->build(network, spaces.fresh->info().default_task));
  }
  std::vector<Subject> subjects;
  for (const ArchGraph& graph : graphs) subjects.push_back({nullptr, nullptr, &graph});
  tasks.fit_tasks(std::span(&spaces.task, 1), subjects, {.seed = 1});
  CHECK(spearman(means(tasks.forecast(subjects)), spaces.truth).value() > 0.8);
  CHECK_THROWS_WITH_AS(tasks.forecast(spaces.subjects()), doctest::Contains("was fitted for space"),
                       Error);
}

TEST_CASE("across: a file whose scales cannot be divided by is damaged") {
  const Spaces spaces;
  const auto predictor = across();
  tasks_of(*predictor).fit_tasks(std::span(&spaces.task, 1), spaces.subjects(), {.seed = 1});
  const PredictorState state = predictor->save();
  // Deviations of the MACs, of the sum and of the three models.
  for (const std::size_t place : {1, 3, 7, 8, 9}) {
    for (const double wrong : {0.0, -1.0, HUGE_VAL, std::nan("")}) {
      PredictorState damaged = state;
      const auto scale = std::ranges::find(damaged.tensors, "score_scale", &PredictorTensor::name);
      REQUIRE(scale != damaged.tensors.end());
      scale->data[place] = wrong;
      CHECK_THROWS_WITH_AS(across()->restore(damaged), doctest::Contains("do not fit"), Error);
    }
  }
}

TEST_CASE("across: what cannot be learned from is refused in one line") {
  const Spaces spaces;
  const auto predictor = across();
  TransferPredictor& tasks = tasks_of(*predictor);
  TransferTask few{"small accuracy", {}, {}};
  few.subjects.assign(spaces.task.subjects.begin(), spaces.task.subjects.begin() + 5);
  few.targets.assign(5, 1.0);
  CHECK_THROWS_WITH_AS(tasks.fit_tasks(std::span(&few, 1), spaces.subjects(), {}),
                       doctest::Contains("source 'small accuracy' has 5 labels"), Error);
  tasks.fit_tasks(std::span(&spaces.task, 1), spaces.subjects(), {});
  const std::vector<double> same(10, 5.0);
  CHECK_THROWS_WITH_AS(tasks.adapt(std::span(spaces.task.subjects).first(10), same),
                       doctest::Contains("all 10 samples have the value 5"), Error);
}
