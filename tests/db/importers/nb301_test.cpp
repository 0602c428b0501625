#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "db/importers/import_source.h"
#include "tests/db/importers/importer_testing.h"

namespace nas {
namespace {

using test::contains;
using test::error_of;

/// A result file as NAS-Bench-301 writes them; `settings` and `info` are further members.
std::string result_of(const std::string& settings, const std::string& info,
                      const std::string& last_edge = "skip_connect") {
  std::string text = R"({"final_metric_score": 9, "optimized_hyperparamater_config": {
    "ImageAugmentation:augment": "True", "ImageAugmentation:cutout": "True", )" +
                     settings;
  const std::string darts = "\"NetworkSelectorDatasetInfo:darts:";
  for (const std::string cell : {"normal", "reduce"}) {
    for (const char* node : {"3", "4", "5"}) {
      text += darts + "inputs_node_" + cell + "_" + node + "\": \"0_1\", ";
    }
    for (const char* edge : {"0", "1", "2", "3", "5", "6", "9"}) {
      text += darts + "edge_" + cell + "_" + edge + "\": \"sep_conv_3x3\", ";
    }
    text +=
        darts + "edge_" + cell + "_10\": \"" + last_edge + "\"" + (cell == "normal" ? ", " : "");
  }
  return text + R"(}, "budget": 10.0, "info": [{"val_accuracy": 91.5)" + info +
         R"(}], "test_accuracy": 90.5, "runtime": 100,
            "learning_curves": {"Train/val_accuracy": [50.5, NaN, 91.5]}})";
}

const std::string kNetwork =
    "\"NetworkSelectorDatasetInfo:darts:init_channels\": 50, "
    "\"NetworkSelectorDatasetInfo:darts:layers\": \"8\", "
    "\"NetworkSelectorDatasetInfo:darts:auxiliary\": \"True\", ";

std::string params_of(bool auxiliary) {
  const SearchSpace* space = test::space_of("darts");
  Task task = space->info().default_task;
  task.width = 50;
  task.depth = 8;
  task.auxiliary = auxiliary;
  std::string cell;
  for (const char* node : {"", " | ", " | "}) {
    cell += std::string(node) + "sep_conv_3x3:0 sep_conv_3x3:1";
  }
  cell += " | sep_conv_3x3:0 skip_connect:1";
  return std::to_string(graph_cost(space->build(space->parse(cell + " ; " + cell), task)).params);
}

ImportResult import(const std::filesystem::path& path, bool force = false) {
  ImportRequest request = test::request_for(path);
  request.force = force;
  return import_file(request, "", {});
}

TEST_CASE("nb301: a result file is read with its width, depth and auxiliary head") {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "results_0.json";
  const auto with = [&](const std::string& params) {
    write_file_atomically(path, result_of(kNetwork, ", \"model_parameters\": " + params));
    return import(path);
  };
  const ImportResult result = with(params_of(true));
  const Benchmark& benchmark = result.benchmark;
  CHECK(benchmark.info().space == "darts");
  REQUIRE(benchmark.rows() == 1);
  const std::string network = "statistic=width=50;depth=8;auxiliary=true";
  CHECK(benchmark.value(benchmark.column("accuracy:split=valid,epochs=10," + network), 0) == 91.5);
  CHECK(benchmark.value(benchmark.column("accuracy:split=test"), 0) == 90.5);
  CHECK(benchmark.value(benchmark.column("training_seconds"), 0) == 100);
  CHECK(std::isnan(benchmark.values(benchmark.column("accuracy_curve"))[1]));
  bool recomputed = false;
  for (const SelfCheck& check : result.checks) {
    recomputed = recomputed || (contains(check.what, "recomputed") && check.ok);
  }
  CHECK(recomputed);
  CHECK(contains(error_of([&] { with(params_of(false)); }), "recomputed through space darts"));
}

TEST_CASE("nb301: a number that Python writes as NaN is missing, the budget too") {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "results_0.json";
  std::string text = result_of("", ", \"model_parameters\": NaN");
  text.replace(text.find("\"budget\": 10.0"), 14, "\"budget\": NaN");
  write_file_atomically(path, text);
  const Benchmark benchmark = import(path).benchmark;
  CHECK(benchmark.value(benchmark.column("accuracy:dataset=cifar10,split=valid"), 0) == 91.5);
  for (const BenchmarkColumn& column : benchmark.columns()) {
    CHECK(column.epochs == 0);
    CHECK(column.metric != "params");
  }
}

TEST_CASE(
    "nb301: folders hold one training a file; repeated ones and other networks are told apart") {
  const TemporaryDirectory folder;
  std::filesystem::create_directories(folder.path() / "rs");
  write_file_atomically(folder.path() / "rs/results_0.json", result_of("", ""));
  write_file_atomically(folder.path() / "rs/results_1.json", result_of("", ""));
  write_file_atomically(folder.path() / "rs/results_2.json",
                        result_of(kNetwork, "", "max_pool_3x3"));
  const ImportResult result = import(folder.path());
  CHECK(result.benchmark.rows() == 2);
  const std::string valid = "accuracy:dataset=cifar10,split=valid,epochs=10";
  CHECK(result.benchmark.matching(parse_column_query(valid)).size() == 3);
  CHECK(result.benchmark.matching(parse_column_query(valid + ",statistic=run=2")).size() == 1);

  write_file_atomically(folder.path() / "rs/results_2.json", result_of("", "").substr(0, 900));
  const std::string error = error_of([&] { import(folder.path()); });
  CHECK(contains(error, "rs/results_2.json"));
  CHECK(contains(error, "line "));
}

TEST_CASE("nb301: a whole result file is an architecture in the notation of the space") {
  const SearchSpace* space = test::space_of("darts");
  const std::string text = space->format(space->parse(result_of(kNetwork, "")));
  CHECK(contains(text, "sep_conv_3x3:0 skip_connect:1 ; "));
}

}  // namespace
}  // namespace nas
