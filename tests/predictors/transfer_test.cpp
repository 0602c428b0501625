#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/api/transfer_predictor.h"
#include "core/ir/forms/text_form.h"
#include "core/util/statistics.h"
#include "predictors/registry.h"
#include "predictors/transfer/evidence_gp.h"
#include "predictors/transfer/extra_trees.h"
#include "predictors/transfer/live_structure.h"
#include "predictors/transfer/ridge.h"
#include "predictors/transfer/subject_blocks.h"
#include "searchspaces/registry.h"

using namespace nas;

namespace {

std::unique_ptr<SearchSpace> nb201() {
  return find_plugin(space_plugins(), "space", "nasbench201").make({});
}

/// A latency that is a sum over the operations, with weights of the device.
double additive(const Architecture& architecture, double conv3, double conv1, double pool) {
  double sum = 1;
  for (const std::uint16_t choice : architecture.choices) {
    sum += choice == 3 ? conv3 : choice == 2 ? conv1 : choice == 4 ? pool : 0;
  }
  return sum;
}

struct Devices {
  std::unique_ptr<SearchSpace> space = nb201();
  std::vector<Architecture> known, others;
  std::vector<TransferTask> tasks;
  std::vector<double> truth;

  Devices() {
    Rng rng({.seed = 5});
    for (int i = 0; i < 150; ++i) known.push_back(sample(*space, rng));
    for (int i = 0; i < 100; ++i) others.push_back(sample(*space, rng));
    for (const double pool : {0.2, 0.9}) {
      TransferTask& task = tasks.emplace_back();
      task.name = "device " + std::to_string(pool);
      task.subjects = subjects_of(*space, known);
      for (const Architecture& one : known) task.targets.push_back(additive(one, 2, 0.5, pool));
    }
    for (const Architecture& one : others) truth.push_back(additive(one, 3, 0.3, 1.5));
  }

  std::vector<double> measured(std::span<const Architecture> which) const {
    std::vector<double> values;
    for (const Architecture& one : which) values.push_back(additive(one, 3, 0.3, 1.5));
    return values;
  }
};

std::unique_ptr<Predictor> transfer() {
  return make_predictor("transfer", {{"trees", "10"}});
}

TransferPredictor& tasks_of(Predictor& predictor) {
  return dynamic_cast<TransferPredictor&>(predictor);
}

std::vector<double> means(const std::vector<Forecast>& forecasts) {
  std::vector<double> values;
  for (const Forecast& one : forecasts) values.push_back(one.mean);
  return values;
}

/// All sequences of vertices from a source to a sink over live vertices.
void walk(const OpDag& dag, const std::vector<bool>& live, std::vector<std::uint32_t> path,
          std::vector<std::vector<std::uint32_t>>& paths) {
  if (dag.vertices[path.back()].sink) paths.push_back(path);
  for (const auto& [from, to] : dag.edges) {
    if (from != path.back() || !live[to]) continue;
    path.push_back(to);
    walk(dag, live, path, paths);
    path.pop_back();
  }
}

}  // namespace

TEST_CASE("live structure: what no output needs and what no input reaches are told apart") {
  const auto space = nb201();
  const auto& cells = dynamic_cast<const CellGraphs&>(*space);
  const std::vector<std::string> operations = cells.cell_operations();
  // Node 1 gets nothing, so 1->3 is a constant; 0->2 is a convolution that 2->3 = none drops.
  const Architecture cell =
      space->parse("|none~0|+|nor_conv_3x3~0|none~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|");
  const OpDag dag = dag_of(cells.cell_graph(cell), operations);
  const LiveStructure needed = live_structure(dag, Pruning::kUnneeded);
  const LiveStructure live = live_structure(dag, Pruning::kDead);
  CHECK(needed.work == 2);
  CHECK(needed.additions == 1);
  CHECK(needed.counts[static_cast<std::size_t>(4)] == 1);  // input, output, none, skip, 1x1
  CHECK(live.work == 1);
  CHECK(live.additions == 0);
  CHECK(live.paths == 1);
  CHECK(live.valid);
  CHECK(live.counts[4] == 0);
}

TEST_CASE("live structure: depth, paths and work of 300 cells equal those of all their paths") {
  const auto space = nb201();
  const auto& cells = dynamic_cast<const CellGraphs&>(*space);
  const std::vector<std::string> operations = cells.cell_operations();
  Rng rng({.seed = 1});
  for (int i = 0; i < 300; ++i) {
    const Architecture cell = sample(*space, rng);
    const OpDag dag = dag_of(cells.cell_graph(cell), operations);
    const LiveStructure live = live_structure(dag, Pruning::kDead);
    std::vector<bool> passes;
    for (const OpDag::Vertex& vertex : dag.vertices) passes.push_back(!vertex.nothing);
    std::vector<std::vector<std::uint32_t>> paths;
    walk(dag, passes, {0}, paths);
    double depth = 0;
    std::set<std::uint32_t> worked;
    for (const auto& path : paths) {
      double length = 0;
      for (const std::uint32_t vertex : path) {
        if (dag.vertices[vertex].identity) continue;
        ++length;
        worked.insert(vertex);
      }
      depth = std::max(depth, length);
    }
    CAPTURE(space->format(cell));
    CHECK(live.paths == static_cast<double>(paths.size()));
    CHECK(live.valid == !paths.empty());
    CHECK(live.depth == depth);
    CHECK(live.work == static_cast<double>(worked.size()));
  }
}

TEST_CASE("live structure: a graph counts its roles, critical path and no dead branch") {
  const ArchGraph graph = parse_graph(
      "searchlight-graph 1\n"
      "%0 = input() : float[3,8,8]\n"
      "%1 = conv2d(%0) {out_channels=4, kernel=3, padding=1}\n"
      "%2 = conv2d(%0) {out_channels=4, kernel=1}\n"
      "%3 = conv2d(%0) {out_channels=4, kernel=3, padding=1}\n"
      "%4 = add(%1, %2)\n"
      "%5 = identity(%4)\n"
      "%6 = relu(%5)\n"
      "return y=%6\n");
  const LiveStructure live = live_structure(dag_of(graph), Pruning::kDead);
  CHECK(live.counts[static_cast<std::size_t>(OpRole::kWeight)] == 2);
  CHECK(live.critical_macs == 8 * 8 * 4 * 3 * 9);
  CHECK(live.depth == 3);
  CHECK(live.paths == 2);
  const std::vector<double> cost = cost_features(graph);
  CHECK(cost[0] == 8 * 8 * 4 * 3 * (9 + 1 + 9));  // as the published tables: dead ones count
  CHECK(cost[1] == 0);
  CHECK(cost[4] == 3);
}

TEST_CASE("ridge: one feature as by hand, and the intercept is not shrunk") {
  const std::vector<double> rows{-1, 0, 1}, targets{9, 10, 11};
  const std::vector<double> penalties{0, 2};
  const auto models = fit_ridge(rows, 1, targets, penalties);
  CHECK(models[0].weights[0] == doctest::Approx(1));
  CHECK(models[1].weights[0] == doctest::Approx(2.0 / (2 + 2)));
  CHECK(models[1].intercept == doctest::Approx(10));
}

TEST_CASE("extra trees: a step is learned, and saving loses nothing") {
  std::vector<double> rows, targets;
  Rng rng({.seed = 3});
  for (int i = 0; i < 200; ++i) {
    rows.push_back(rng.uniform());
    rows.push_back(rng.uniform());
    targets.push_back(rows[rows.size() - 2] > 0.5 ? 1 : 0);
  }
  ExtraTrees trees;
  trees.fit(rows, 2, targets, {.trees = 20, .leaf = 2}, rng.stream(1));
  const std::vector<double> low{0.2, 0.9}, high{0.8, 0.1};
  CHECK(trees.predict(low) < 0.1);
  CHECK(trees.predict(high) > 0.9);
  ExtraTrees copy;
  std::vector<double> numbers = trees.save();
  copy.restore(numbers, 2);
  CHECK(copy.predict(high) == trees.predict(high));
  CHECK_THROWS_AS(copy.restore(numbers, 1), Error);
  numbers.pop_back();
  CHECK_THROWS_AS(copy.restore(numbers, 2), Error);
}

TEST_CASE("evidence: two samples under one kernel as by hand") {
  // k(x, z) = b + x z with b = 20, noise s; samples x = -1, 1 with y = -1, 1 (already standard).
  const double s = 0.5;
  EvidenceGp process({{0, false, 1}}, {{"linear", {1}, s}}, {.bias = 20});
  const std::vector<double> targets{-1, 1};
  process.condition({2, {{-1, 1}}}, targets);
  const Forecast at = process.forecast({1, {{0.5}}}).front();
  // A = [[21+s, 19], [19, 21+s]]; A^-1 y = y / (2+s) as y is its eigenvector.
  const double alpha = 1 / (2 + s);
  CHECK(at.mean == doctest::Approx((20 + 0.5) * alpha - (20 - 0.5) * alpha));
  const double amplitude = 2 * alpha;  // y' A^-1 y / (n - 1)
  // k = (19.5, 20.5): half its square lies on the eigenvector (1, 1), 40 + s, half on (-1, 1).
  const double left = 20.25 - 40.0 * 40 / 2 / (40 + s) - 1.0 / 2 / (2 + s);
  CHECK(at.deviation == doctest::Approx(std::sqrt(amplitude * (left + s))));
  CHECK(at.freedom == 1);
}

TEST_CASE("evidence: errors have a third of the degrees of freedom, three if there are as many") {
  for (const auto& [samples, freedom] :
       {std::pair<std::size_t, double>{2, 1}, {3, 2}, {4, 3}, {10, 3}, {31, 10}}) {
    EvidenceGp process({{0, false, 1}}, {{"linear", {1}, 0.1}}, {});
    BlockRows rows{samples, {{}}};
    std::vector<double> targets;
    for (std::size_t i = 0; i < samples; ++i) {
      rows.blocks[0].push_back(static_cast<double>(i % 3));
      targets.push_back(static_cast<double>(i));
    }
    process.condition(std::move(rows), targets);
    CHECK(process.forecast({1, {{0.5}}}).front().freedom == doctest::Approx(freedom));
  }
}

TEST_CASE("evidence: data of one block favour its kernel over that of noise") {
  Rng rng({.seed = 4});
  BlockRows rows{10, {{}, {}}};
  std::vector<double> targets;
  for (int i = 0; i < 10; ++i) {
    rows.blocks[0].push_back(rng.normal());
    rows.blocks[1].push_back(rng.normal());
    targets.push_back(3 * rows.blocks[0].back() + 7);
  }
  EvidenceGp process({{0, false, 1}, {1, false, 1}},
                     {{"right", {1, 0}, 0.01}, {"wrong", {0, 1}, 0.01}}, {});
  process.condition(rows, targets);
  CHECK(process.evidence()[0] > 0.99);
  const std::vector<Forecast> left_out = process.leave_one_out();
  REQUIRE(left_out.size() == 10);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(left_out[i].mean == doctest::Approx(targets[i]).epsilon(0.1));
  }
}

TEST_CASE("evidence: what equal hypotheses are worth is what they were before the samples") {
  const BlockRows rows{4, {{-1, 0.2, 0.5, 2}}};
  const std::vector<double> targets{3, 1, 4, 1};
  EvidenceGp process({{0, false, 1}}, {{"a", {1}, 0.1}, {"b", {1}, 0.1, 0.25}}, {});
  process.condition(rows, targets);
  CHECK(process.evidence()[0] == doctest::Approx(0.8));
  CHECK(process.evidence()[1] == doctest::Approx(0.2));
}

TEST_CASE("evidence: a stray sample is found when asked for") {
  BlockRows rows{20, {{}}};
  std::vector<double> targets;
  for (int i = 0; i < 20; ++i) {
    rows.blocks[0].push_back(i / 10.0 - 1);
    targets.push_back(i == 13 ? 90 : 50 + 10 * rows.blocks[0].back());
  }
  const auto at_end = [&](double stray) {
    EvidenceGp process({{0, false, 1}}, {{"a", {1}, 0.01}, {"b", {1}, 0.3}}, {.stray = stray});
    process.condition(rows, targets);
    return process.forecast({1, {{0.3}}}).front().mean;
  };
  CHECK(std::abs(at_end(0.02) - 53) < 1);
  CHECK(std::abs(at_end(0) - 53) > 1);
}

TEST_CASE("design: each choice has the largest posterior variance, as by inverting matrices") {
  // One dimension, k = b + x z: the first is an extreme, the second the other end.
  const std::vector<KernelPart> parts{{0, false, 1}};
  const KernelVariant kernel{"", {1}, 0.1};
  const BlockRows candidates{5, {{-1, -0.2, 0, 0.4, 2}}};
  const auto chosen = most_uncertain(candidates, {}, parts, kernel, 20, 5);
  CHECK(chosen[0] == 4);
  CHECK(chosen[1] == 0);
  CHECK(std::set<std::size_t>(chosen.begin(), chosen.end()).size() == 5);
  // After the extremes were measured elsewhere, the same extreme again tells no more than others.
  const BlockRows measured{2, {{2, -1}}};
  const auto posterior = [&](double x) {
    const double a = 24.1, c = 18, d = 21.1, det = a * d - c * c;
    const double k1 = 20 + 2 * x, k2 = 20 - x;
    return 20 + x * x - (k1 * k1 * d - 2 * k1 * k2 * c + k2 * k2 * a) / det;
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < 5; ++i) {
    if (posterior(candidates.blocks[0][i]) > posterior(candidates.blocks[0][best])) best = i;
  }
  CHECK(most_uncertain(candidates, measured, parts, kernel, 20, 1).front() == best);
}

TEST_CASE("transfer: an additive device is learned from eight suggested networks") {
  const Devices devices;
  const auto predictor = transfer();
  TransferPredictor& tasks = tasks_of(*predictor);
  tasks.fit_tasks(devices.tasks, {}, {});
  const auto chosen = tasks.suggest(devices.tasks[0].subjects, {}, 8);
  CHECK(std::set<std::size_t>(chosen.begin(), chosen.end()).size() == 8);
  CHECK(chosen == tasks.suggest(devices.tasks[0].subjects, {}, 8));
  std::vector<Architecture> measured;
  for (const std::size_t i : chosen) measured.push_back(devices.known[i]);
  tasks.adapt(subjects_of(*devices.space, measured), devices.measured(measured));
  const auto forecasts = tasks.forecast(subjects_of(*devices.space, devices.others));
  CHECK(spearman(means(forecasts), devices.truth).value() > 0.99);
  std::size_t inside = 0;
  for (std::size_t i = 0; i < forecasts.size(); ++i) {
    const Interval interval = interval_of(forecasts[i], 0.95);
    inside += devices.truth[i] >= interval.low && devices.truth[i] <= interval.high ? 1 : 0;
  }
  CHECK(inside >= 90);
  CHECK(tasks.leave_one_out().forecasts.size() == 8);
  CHECK_FALSE(tasks.findings().empty());

  const auto copy = transfer();
  copy->restore(predictor->save());
  CHECK(means(tasks_of(*copy).forecast(subjects_of(*devices.space, devices.others))) ==
        means(forecasts));
}

TEST_CASE("transfer: predictions of positive measurements are positive") {
  const Devices devices;
  const auto predictor = transfer();
  TransferPredictor& tasks = tasks_of(*predictor);
  tasks.fit_tasks(devices.tasks, {}, {});
  const std::span<const Architecture> few(devices.known.data(), 5);
  std::vector<double> values;
  for (const Architecture& one : few) values.push_back(std::exp(additive(one, 3, -1, -3)));
  tasks.adapt(subjects_of(*devices.space, few), values);
  for (const Forecast& one : tasks.forecast(subjects_of(*devices.space, devices.others))) {
    CHECK(one.mean > 0);
  }
}

TEST_CASE("transfer: what cannot be learned from is refused in one line") {
  const Devices devices;
  const auto predictor = transfer();
  TransferPredictor& tasks = tasks_of(*predictor);
  tasks.fit_tasks(devices.tasks, {}, {});
  const std::vector<Subject> ten = subjects_of(*devices.space, std::span(devices.known).first(10));
  const std::vector<double> same(10, 5.0), one{5.0};
  CHECK_THROWS_WITH_AS(tasks.adapt(ten, same), doctest::Contains("all 10 measurements are 5"),
                       Error);
  CHECK_THROWS_WITH_AS(tasks.adapt(std::span(ten).first(1), one),
                       doctest::Contains("at least two measurements"), Error);
  std::vector<TransferTask> few = devices.tasks;
  few[1].subjects.resize(3);
  few[1].targets.resize(3);
  CHECK_THROWS_WITH_AS(tasks.fit_tasks(few, {}, {}), doctest::Contains(few[1].name.c_str()), Error);
}

TEST_CASE("transfer: networks without a space are subjects too") {
  const auto space = nb201();
  Rng rng({.seed = 8});
  std::vector<ArchGraph> graphs;
  std::vector<double> values;
  Task task = space->info().default_task;
  task.depth = 1;
  for (int i = 0; i < 60; ++i) {
    const Architecture cell = sample(*space, rng);
    graphs.push_back(space->build(cell, task));
    values.push_back(additive(cell, 2, 0.5, 0.2));
  }
  std::vector<Subject> subjects;
  for (const ArchGraph& graph : graphs) subjects.push_back({nullptr, nullptr, &graph});
  const auto predictor = transfer();
  TransferPredictor& tasks = tasks_of(*predictor);
  tasks.fit_tasks({}, subjects, {});
  tasks.adapt(std::span(subjects).first(30), std::span(values).first(30));
  const auto forecasts = tasks.forecast(std::span(subjects).subspan(30));
  CHECK(spearman(means(forecasts), std::span(values).subspan(30)).value() > 0.9);
}
