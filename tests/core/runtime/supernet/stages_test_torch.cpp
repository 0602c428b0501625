#include <ATen/core/Tensor.h>
#include <doctest/doctest.h>

#include <filesystem>

#include "core/runtime/supernet/stages.h"
#include "searchspaces/registry.h"
#include "tests/core/runtime/tiny_task.h"

namespace nas {
namespace {

std::unique_ptr<SearchSpace> space_of(std::string_view name) {
  return find_plugin(space_plugins(), "space", name).make({});
}

std::vector<std::string> names_of(const std::vector<SupernetStage>& stages) {
  std::vector<std::string> names;
  for (const SupernetStage& stage : stages) names.push_back(stage.name);
  return names;
}

/// How many choices of decisions of a kind a stage draws from.
std::size_t drawn(const SearchSpace& space, const SupernetStage& stage, DecisionKind kind) {
  for (std::size_t i = 0; i < space.decisions().size(); ++i) {
    if (space.decisions()[i].kind != kind) continue;
    const auto& choices = stage.training.choices[i];
    return choices.empty() ? space.decisions()[i].choices.size() : choices.size();
  }
  return 0;
}

TEST_CASE("stages: progressive shrinking opens kernels, depths and expansions as published") {
  const auto space = space_of("ofa_mobilenetv3");
  Recipe recipe;
  recipe.epochs = 180;
  recipe.learning_rate = 2.6;
  const PathTraining training{.space = *space};
  const auto stages = supernet_stages(StageSchedule::kOnceForAll, training, recipe);
  CHECK(names_of(stages) ==
        std::vector<std::string>{"largest", "kernel", "depth 1", "depth 2", "width 1", "width 2"});
  const std::int64_t epochs[] = {180, 125, 25, 125, 25, 125};
  const double rates[] = {2.6, 0.96, 0.08, 0.24, 0.08, 0.24};
  const std::int64_t paths[] = {1, 1, 2, 2, 4, 4};
  const std::size_t kernels[] = {1, 3, 3, 3, 3, 3};
  const std::size_t depths[] = {1, 1, 2, 3, 3, 3};
  const std::size_t widths[] = {1, 1, 1, 1, 2, 3};
  for (std::size_t i = 0; i < 6; ++i) {
    CAPTURE(stages[i].name);
    CHECK(stages[i].recipe.epochs == epochs[i]);
    CHECK(stages[i].recipe.learning_rate == doctest::Approx(rates[i]));
    CHECK(stages[i].training.paths == paths[i]);
    CHECK(stages[i].is_taught == (i > 0));
    CHECK(stages[i].sorts_channels == (i > 3));
    CHECK(drawn(*space, stages[i], DecisionKind::kKernel) == kernels[i]);
    CHECK(drawn(*space, stages[i], DecisionKind::kDepth) == depths[i]);
    CHECK(drawn(*space, stages[i], DecisionKind::kExpansion) == widths[i]);
  }
}

TEST_CASE("stages: EfficientTDNN trains each stage as long, without a teacher") {
  const auto space = space_of("efficient_tdnn");
  Recipe recipe;
  recipe.epochs = 64;
  const PathTraining training{.space = *space};
  const auto stages = supernet_stages(StageSchedule::kEfficientTdnn, training, recipe);
  CHECK(names_of(stages) ==
        std::vector<std::string>{"largest", "kernel", "depth", "width 1", "width 2"});
  for (const SupernetStage& stage : stages) {
    CHECK(stage.recipe.epochs == 64);
    CHECK(!stage.is_taught);
  }
  CHECK(drawn(*space, stages[3], DecisionKind::kChannels) == 3);  // 256, 384, 512 of 512
  CHECK(drawn(*space, stages[4], DecisionKind::kChannels) == 5);
}

TEST_CASE("stages: a space whose choices are no sizes is trained at once") {
  const auto space = space_of("nasbench201");
  const PathTraining training{.space = *space};
  CHECK(names_of(supernet_stages(StageSchedule::kSingle, training, {})) ==
        std::vector<std::string>{"all"});
  CHECK_THROWS_WITH(supernet_stages(StageSchedule::kOnceForAll, training, {}),
                    "space 'nasbench201' has no elastic kernel, depth or width to open in stages; "
                    "use the schedule 'single'");
  CHECK_THROWS_WITH(parse_stage_schedule("once_for_al"),
                    doctest::Contains("did you mean 'once_for_all'"));
}

/// Asks for a stop at step `at`, counted over all stages.
struct StopAt final : ProgressSink {
  std::stop_source& source;
  std::int64_t at, seen = 0;
  StopAt(std::stop_source& s, std::int64_t step) : source(s), at(step) {}
  void begin(std::string_view, std::int64_t) override {}
  void update(std::int64_t, std::string_view) override {
    if (++seen == at) source.request_stop();
  }
  void message(std::string_view) override {}
  void end() override {}
};

TEST_CASE("stages: training that was stopped in any stage ends with the same bits") {
  const auto space = space_of("nats_size");
  const auto make_bank = [&] {
    Task task;
    task.input = {3, 8, 8};
    task.classes = 2;
    return WeightBank(*space->blueprint(space->settle(task)), RngKey{.seed = 3});
  };
  TrainSetup setup{.problem = test::bright_or_dark(), .recipe = test::tiny_recipe()};
  setup.recipe.epochs = 2;
  const auto stages =
      supernet_stages(StageSchedule::kOnceForAll, {.space = *space, .probes = 1}, setup.recipe);
  REQUIRE(stages.size() > 3);
  WeightBank whole = make_bank();
  const SupernetReport expected = train_supernet(whole, stages, setup);
  CHECK(expected.stages_done == static_cast<std::int64_t>(stages.size()));
  setup.checkpoint = std::filesystem::temp_directory_path() / "nas_stages_test";
  // In the second epoch of a stage, which begins with the state of the optimiser; and in a later
  // stage.
  for (const std::int64_t step : {5, 14}) {
    CAPTURE(step);
    std::filesystem::remove_all(setup.checkpoint);
    std::stop_source stop;
    StopAt watcher(stop, step);
    setup.progress = &watcher;
    setup.stop = stop.get_token();
    WeightBank first = make_bank();
    CHECK(train_supernet(first, stages, setup).stopped);
    setup.progress = nullptr;
    setup.stop = {};
    WeightBank second = make_bank();
    const SupernetReport resumed = train_supernet(second, stages, setup);
    CHECK((second.weights().tensors == whole.weights().tensors));
    REQUIRE(resumed.curve.size() == expected.curve.size());
    for (std::size_t i = 0; i < resumed.curve.size(); ++i) {
      CHECK(resumed.curve[i].epoch == expected.curve[i].epoch);
      CHECK(resumed.curve[i].value == expected.curve[i].value);
    }
  }
  // Another recipe finds the checkpoint of this one.
  auto other = stages;
  other.back().recipe.learning_rate *= 2;
  WeightBank third = make_bank();
  CHECK_THROWS_WITH(train_supernet(third, other, setup),
                    doctest::Contains("belongs to another training"));
  std::filesystem::remove_all(setup.checkpoint);
}

}  // namespace
}  // namespace nas
