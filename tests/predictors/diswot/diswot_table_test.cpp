#include <doctest/doctest.h>

#include <cmath>

#include "core/ir/cost.h"
#include "core/problems/images.h"
#include "core/runtime/model.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "predictors/zerocost/engine.h"
#include "searchspaces/registry.h"
#include "tests/test_data.h"

// DisWOT on its 64 students: how well similarity to a random teacher ranks the accuracies after
// distilling. Images of CIFAR-10 with their ten labels go through networks of 100 outputs.

namespace nas {
namespace {

constexpr std::size_t kPixels = 3072;

std::shared_ptr<const Problem> cifar_images(const std::filesystem::path& dir) {
  const std::string bytes = read_file(dir / "train.bin.gz");
  auto data = std::make_shared<ImageDataset>();
  data->id = "cifar10-subset";
  for (int i = 0; i < 10; ++i) data->classes.push_back(std::to_string(i));
  data->train.shape = {3, 32, 32};
  for (std::size_t at = 0; at + kPixels < bytes.size() && data->train.labels.size() < 2000;
       at += kPixels + 1) {
    data->train.labels.push_back(static_cast<std::uint8_t>(bytes[at]));
    data->train.pixels.insert(data->train.pixels.end(), bytes.begin() + static_cast<long>(at) + 1,
                              bytes.begin() + static_cast<long>(at + kPixels) + 1);
  }
  data->mean = {0.5071F, 0.4867F, 0.4408F};  // of CIFAR-100, as released
  data->deviation = {0.2675F, 0.2565F, 0.2761F};
  return pose_images(data);
}

struct Students {
  std::vector<ArchGraph> graphs;
  std::vector<double> distilled;
};

Students load_students(const std::filesystem::path& dir) {
  const CsvTable table = CsvTable::parse(read_file(dir / "s0_resnet64_cifar100.csv"), "S0");
  const auto space = find_plugin(space_plugins(), "space", "cifar_resnet").make({});
  Task task;
  task.classes = 100;
  Students students;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    students.graphs.push_back(
        space->build(space->parse(table.at(row, table.column("arch"))), task));
    students.distilled.push_back(parse_double(table.at(row, table.column("acc_kd"))).value());
  }
  return students;
}

struct Outcome {
  double relation = 0, semantic = 0, sum = 0;  ///< Kendall's tau with the accuracies
  double mean_semantic = 0;
};

Outcome rank(const Students& students, const std::shared_ptr<const Problem>& images,
             const std::string& init, std::uint64_t seed) {
  ScoreSettings settings;
  settings.seed = seed;
  settings.batch = 64;
  settings.augment = false;
  const ProxyEngine engine({{"diswot", {{"init", init}, {"teacher", "resnet56"}}}}, settings,
                           images);
  std::vector<double> sums, relations, semantics;
  for (const ArchGraph& graph : students.graphs) {
    const std::vector<ProxyScore> scores = engine.score(graph);
    sums.push_back(scores[0].value);
    relations.push_back(scores[1].value);
    semantics.push_back(scores[2].value);
  }
  const Outcome outcome{kendall_tau_b(relations, students.distilled).value(),
                        kendall_tau_b(semantics, students.distilled).value(),
                        kendall_tau_b(sums, students.distilled).value(), mean(semantics)};
  MESSAGE(init << ", seed " << seed << ": tau relation " << outcome.relation << ", semantic "
               << outcome.semantic << ", sum " << outcome.sum << "; mean relation "
               << mean(relations) << ", semantic " << outcome.mean_semantic);
  return outcome;
}

TEST_CASE("acceptance: diswot ranks its students with N(0,1) weights, and not with Kaiming's") {
  const auto table = test::test_data("tab-diswot-s0");
  const auto cifar = test::test_data("set-cifar10-subset");
  if (table.empty() || cifar.empty()) return;
  set_intra_op_threads(1);
  const Students students = load_students(table);
  const auto images = cifar_images(cifar);
  double normal = 0, values = 0;
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    const Outcome outcome = rank(students, images, "normal", seed);
    normal += outcome.semantic / 3;
    values += outcome.mean_semantic / 3;
    // The relation is 100 to 1,000 times smaller: the sum ranks as the semantic term does.
    CHECK(std::abs(outcome.sum - outcome.semantic) < 0.01);
  }
  // Independent implementation: .52 with batches of 64 and 128, values of -.41.
  CHECK(normal >= 0.45);
  CHECK(normal <= 0.58);
  CHECK(values >= -0.5);
  CHECK(values <= -0.35);
  CHECK(rank(students, images, "kaiming", 0).semantic < 0.3);
}

// The cells that the released scripts found by each score, in millions as printed, and what plain
// training gives them (mean of seeds).
TEST_CASE(
    "acceptance: the cells that DisWOT's scripts found have their stated sizes and accuracies") {
  const auto folder = test::test_data("tab-nb201");
  if (folder.empty()) return;
  struct Found {
    std::size_t index;
    const char* text;
    double params, macs;  // macs 0: not stated
    double c10, c100, in16;
  };
  const Found cells[] = {
      {10598,
       "|nor_conv_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|nor_conv_1x1~0|nor_conv_3x3~1|"
       "nor_conv_3x3~2|",
       0.858, 121.8, 93.48, 70.63, 44.77},
      {2725,
       "|nor_conv_1x1~0|+|nor_conv_3x3~0|none~1|+|nor_conv_3x3~0|skip_connect~1|nor_conv_3x3~2|",
       0.830, 117.9, 93.52, 71.37, 44.99},
      {2246,
       "|skip_connect~0|+|nor_conv_3x3~0|nor_conv_1x1~1|+|nor_conv_1x1~0|nor_conv_3x3~1|"
       "nor_conv_3x3~2|",
       0.858, 121.8, 93.67, 70.53, 45.50},
      {10319,
       "|skip_connect~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|skip_connect~1|"
       "nor_conv_3x3~2|",
       0.802, 0, 90.64, 68.10, 40.77},
      {7855,
       "|nor_conv_1x1~0|+|nor_conv_3x3~0|nor_conv_1x1~1|+|nor_conv_1x1~0|nor_conv_3x3~1|"
       "nor_conv_1x1~2|",
       0.671, 0, 93.00, 70.31, 45.58}};
  const CsvTable table = CsvTable::parse(read_file(folder / "nb201_tss.csv.gz"), "nb201_tss");
  const auto space = find_plugin(space_plugins(), "space", "nasbench201").make({});
  const auto* indexed = dynamic_cast<const IndexedSpace*>(space.get());
  for (const Found& cell : cells) {
    CAPTURE(cell.index);
    const Architecture architecture = space->parse(cell.text);
    CHECK(indexed->at(cell.index) == architecture);
    const GraphCost cost = graph_cost(space->build(architecture, space->info().default_task));
    CHECK(std::abs(static_cast<double>(cost.params) / 1e6 - cell.params) <= 0.0005);
    if (cell.macs > 0) {
      CHECK(std::abs(static_cast<double>(cost.macs) / 1e6 - cell.macs) <= 0.05);
    }
    const auto accuracy = [&](const char* column) {
      return parse_double(table.at(cell.index, table.column(column))).value();
    };
    CHECK(std::abs(accuracy("c10_test_200ep") - cell.c10) <= 0.00501);
    CHECK(std::abs(accuracy("c100_test_200ep") - cell.c100) <= 0.00501);
    CHECK(std::abs(accuracy("in16_test_200ep") - cell.in16) <= 0.00501);
  }
}

}  // namespace
}  // namespace nas
