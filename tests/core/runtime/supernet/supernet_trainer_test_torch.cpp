#include <ATen/core/Tensor.h>
#include <c10/core/GradMode.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/runtime/supernet/path_draw.h"
#include "core/runtime/supernet/supernet_trainer.h"
#include "core/runtime/supernet/weight_bank_torch.h"
#include "core/util/file.h"
#include "searchspaces/registry.h"
#include "tests/core/runtime/tiny_task.h"

namespace nas {
namespace {

std::unique_ptr<SearchSpace> space_of(std::string_view name) {
  return find_plugin(space_plugins(), "space", name).make({});
}

/// A supernet of NAS-Bench-201 for 8 x 8 images of two classes.
WeightBank small_bank(const SearchSpace& space) {
  Task task;
  task.input = {3, 8, 8};
  task.classes = 2;
  task.width = 4;
  task.depth = 1;
  return {*space.blueprint(space.settle(task)), RngKey{.seed = 3}};
}

double last_value(const TrainReport& report, const std::string& name) {
  double value = -1;
  for (const CurvePoint& point : report.curve) {
    if (point.name == name) value = point.value;
  }
  return value;
}

std::filesystem::path fresh_path(const std::string& name) {
  const auto path = std::filesystem::temp_directory_path() / ("nas_supernet_" + name);
  std::filesystem::remove_all(path);
  return path;
}

TEST_CASE("supernet training: paths drawn by chance learn a task, and subnets are good at it") {
  const auto space = space_of("nasbench201");
  WeightBank bank = small_bank(*space);
  TrainSetup setup{.problem = test::bright_or_dark(), .recipe = test::tiny_recipe()};
  setup.recipe.epochs = 12;
  const TrainReport report = train_paths(bank, {.space = *space}, setup);
  CHECK(report.epochs_done == 12);
  CHECK(last_value(report, "train_loss") < 0.5);
  const Architecture all3 = space->parse(
      "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|"
      "nor_conv_3x3~2|");
  const EvaluationSetup samples{*setup.problem, setup.recipe};
  for (const SubnetStatistics statistics :
       {SubnetStatistics::kBatch, SubnetStatistics::kRecalibrated}) {
    const auto values = evaluate_subnet(bank, all3.choices, {samples, statistics});
    REQUIRE(values.front().name == "accuracy");
    CHECK(values.front().value > 85);
  }
}

TEST_CASE("supernet training: one that was stopped and resumed gives the same bits") {
  const auto space = space_of("nasbench201");
  for (const double teacher : {0.0, 1.0}) {
    CAPTURE(teacher);
    PathTraining training{.space = *space, .paths = 2, .teacher_weight = teacher};
    TrainSetup setup{.problem = test::bright_or_dark(), .recipe = test::tiny_recipe()};
    WeightBank whole = small_bank(*space);
    const TrainReport expected = train_paths(whole, training, setup);
    // The same in two halves: the second continues from the checkpoint of the first.
    setup.checkpoint = fresh_path("resume");
    std::stop_source stop;
    struct StopAfter final : ProgressSink {
      std::stop_source& source;
      explicit StopAfter(std::stop_source& s) : source(s) {}
      void begin(std::string_view, std::int64_t) override {}
      void update(std::int64_t done, std::string_view) override {
        if (done == 10) source.request_stop();
      }
      void message(std::string_view) override {}
      void end() override {}
    } watcher(stop);
    setup.progress = &watcher;
    setup.stop = stop.get_token();
    {
      WeightBank first = small_bank(*space);
      const TrainReport half = train_paths(first, training, setup);
      CHECK(half.stopped);
      CHECK(half.epochs_done == 2);
    }
    setup.stop = {};
    setup.progress = nullptr;
    WeightBank second = small_bank(*space);
    const TrainReport resumed = train_paths(second, training, setup);
    CHECK((second.weights().tensors == whole.weights().tensors));
    REQUIRE(resumed.curve.size() == expected.curve.size());
    for (std::size_t i = 0; i < resumed.curve.size(); ++i) {
      CHECK(resumed.curve[i].value == expected.curve[i].value);
    }
    // A checkpoint of another sampling is refused.
    training.sampling = PathSampling::kFair;
    CHECK_THROWS_AS(train_paths(second, training, setup), Error);
    std::filesystem::remove(setup.checkpoint);
  }
}

TEST_CASE(
    "supernet evaluation: batches with statistics of their own are mixed, whatever the order") {
  const auto space = space_of("nasbench201");
  WeightBank bank = small_bank(*space);
  TrainSetup setup{.problem = test::bright_or_dark(), .recipe = test::tiny_recipe()};
  setup.recipe.epochs = 12;
  train_paths(bank, {.space = *space}, setup);
  const Architecture path = space->parse(
      "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|"
      "nor_conv_3x3~2|");
  // All dark images, then all bright ones: statistics of 16 of one class would hide which it is.
  EvaluationSetup samples{*setup.problem, setup.recipe, Part::kTest};
  samples.batch = 16;
  samples.samples.emplace();
  for (std::uint32_t i = 0; i < 64; i += 2) samples.samples->push_back(i);
  for (std::uint32_t i = 1; i < 64; i += 2) samples.samples->push_back(i);
  const auto values = evaluate_subnet(bank, path.choices, {samples});
  CHECK(values.front().value > 80);
}

TEST_CASE("path sampling: fair trains every choice of every decision equally often in a step") {
  const auto space = space_of("nasbench201");
  const PathDraw draw({.space = *space, .sampling = PathSampling::kFair});
  Rng rng(RngKey{.seed = 2});
  const std::vector<Architecture> paths = draw.draw(rng);
  REQUIRE(paths.size() == 5);
  for (std::size_t decision = 0; decision < 6; ++decision) {
    std::set<std::uint16_t> seen;
    for (const Architecture& path : paths) seen.insert(path.choices[decision]);
    CHECK(seen.size() == 5);
  }
}

TEST_CASE("path sampling: sandwich has the largest and the smallest, restricted choices stay in") {
  const auto space = space_of("ofa_mobilenetv3");
  PathTraining training{.space = *space, .sampling = PathSampling::kSandwich, .paths = 4};
  training.choices.resize(space->decisions().size());
  for (std::size_t i = 0; i < training.choices.size(); ++i) {
    if (space->decisions()[i].kind == DecisionKind::kKernel) training.choices[i] = {2};
    if (space->decisions()[i].kind == DecisionKind::kResolution) training.choices[i] = {24};
  }
  Rng rng(RngKey{.seed = 2});
  const std::vector<Architecture> paths = PathDraw(training).draw(rng);
  REQUIRE(paths.size() == 4);
  CHECK(space->format(paths[0]).find("d=4,4,4,4,4;k=7,7") != std::string::npos);
  CHECK(space->format(paths[1]).find("d=2,2,2,2,2;k=7,7") != std::string::npos);
  for (const Architecture& path : paths) {
    for (std::size_t i = 0; i < training.choices.size(); ++i) {
      if (!training.choices[i].empty()) CHECK(path.choices[i] == training.choices[i].front());
    }
  }
}

TEST_CASE("path sampling: what cannot be drawn is said") {
  const auto space = space_of("nasbench201");
  PathTraining training{.space = *space};
  training.choices = {{7}};
  CHECK_THROWS_WITH(PathDraw{training}, "decision 'edge_0_1' has no choice 7; it has 5");
  CHECK_THROWS_WITH((PathDraw{{.space = *space, .paths = 0}}),
                    "paths = 0, must be >= 1 with sampling uniform");
  CHECK_THROWS_WITH((PathDraw{{.space = *space, .sampling = PathSampling::kSandwich}}),
                    "paths = 1, must be >= 2 with sampling sandwich");
  CHECK_THROWS_WITH(parse_path_sampling("unifrom"), doctest::Contains("did you mean 'uniform'"));
}

}  // namespace
}  // namespace nas
