// Trees on the proxies of NAS-Bench-Suite-Zero: the logged runs of its authors (NASLib, branch
// zerocost; XGBoost on all proxies, 400 architectures to learn from, 200 to judge, ten seeds).

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "predictors/registry.h"
#include "tests/searchers/toy_study.h"
#include "tests/test_data.h"

using namespace nas;
using namespace nas::test;

namespace {

const std::vector<std::string> kProxies = {"epe_nas", "fisher", "flops",   "grad_norm",
                                           "grasp",   "jacov",  "l2_norm", "nwot",
                                           "params",  "plain",  "snip",    "synflow"};

struct Sample {
  Samples all;
  std::vector<double> accuracy;
};

Sample read_sample(const std::filesystem::path& path, std::string_view task) {
  const CsvTable csv = CsvTable::parse(read_file(path), path.string());
  Sample sample;
  for (const std::string& proxy : kProxies) {
    const auto& columns = csv.columns();
    if (std::find(columns.begin(), columns.end(), proxy) != columns.end()) {
      sample.all.feature_names.push_back(proxy);
    }
  }
  for (std::size_t i = 0; i < csv.rows(); ++i) {
    if (csv.at(i, csv.column("task")) != task) continue;
    sample.all.architectures.push_back({"toy", {0}});
    sample.accuracy.push_back(parse_double(csv.at(i, csv.column("val_accuracy"))).value());
    for (const std::string& proxy : sample.all.feature_names) {
      const double value = parse_double(csv.at(i, csv.column(proxy))).value_or(std::nan(""));
      sample.all.features.push_back(value <= -1e8 ? -INFINITY : value);
    }
  }
  return sample;
}

Samples part(const Samples& all, std::span<const std::size_t> rows) {
  Samples samples{{}, all.feature_names, {}};
  const std::size_t width = all.feature_names.size();
  for (const std::size_t row : rows) {
    samples.architectures.push_back(all.architectures[row]);
    for (std::size_t k = 0; k < width; ++k) {
      samples.features.push_back(all.features[row * width + k]);
    }
  }
  return samples;
}

struct Rank {
  double spearman = 0, kendall = 0;
};

Rank rank_of(const Sample& sample, int seeds) {
  const ToySpace space({1});
  Rank rank;
  for (int seed = 0; seed < seeds; ++seed) {
    std::vector<std::size_t> order(sample.accuracy.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Rng rng({.seed = static_cast<std::uint64_t>(seed), .purpose = Purpose::kSplit});
    rng.shuffle(std::span(order));
    const auto train = std::span(order).first(400), test = std::span(order).subspan(400, 200);
    std::vector<double> targets, truth, guesses;
    for (const std::size_t row : train) targets.push_back(sample.accuracy[row]);
    for (const std::size_t row : test) truth.push_back(sample.accuracy[row]);
    const auto predictor = make_predictor("xgboost", {});
    predictor->fit(space, part(sample.all, train), targets,
                   {.seed = static_cast<std::uint64_t>(seed)});
    for (const Prediction& guess : predictor->predict(space, part(sample.all, test))) {
      guesses.push_back(guess.mean);
    }
    rank.spearman += spearman(truth, guesses).value() / seeds;
    rank.kendall += kendall_tau_b(truth, guesses).value() / seeds;
  }
  return rank;
}

}  // namespace

TEST_CASE("acceptance: XGBoost on proxies orders the samples of Suite-Zero as logged") {
  const auto folder = test_data("zc-suite-zero");
  if (folder.empty()) return;
  struct Case {
    std::string file, task;
    double spearman, kendall;
  };
  const std::vector<Case> cases = {
      {"sample725_nb201", "cifar10", .941, .794},
      {"sample725_nb201", "cifar100", .939, .794},
      {"sample725_nb201", "ImageNet16-120", .931, .788},
      {"sample725_nb301", "cifar10", .582, .409},
      {"sample711_tnb101_micro", "class_scene", .866, .697},
      {"sample711_tnb101_micro", "class_object", .821, .652},
      {"sample711_tnb101_micro", "jigsaw", .798, .622},
      {"sample711_tnb101_micro", "room_layout", .866, .703},
      {"sample711_tnb101_micro", "autoencoder", .819, .632},
      {"sample711_tnb101_micro", "normal", .844, .673},
      {"sample711_tnb101_micro", "segmentsemantic", .912, .753},
      {"sample725_tnb101_macro", "class_scene", .918, .751},
      {"sample725_tnb101_macro", "class_object", .861, .669},
      {"sample725_tnb101_macro", "jigsaw", .785, .580},
      {"sample725_tnb101_macro", "room_layout", .677, .495},
      {"sample725_tnb101_macro", "autoencoder", .921, .747},
      {"sample725_tnb101_macro", "normal", .809, .613},
      {"sample725_tnb101_macro", "segmentsemantic", .907, .734},
  };
  for (const Case& expected : cases) {
    const Sample sample = read_sample(folder / (expected.file + ".csv.gz"), expected.task);
    const Rank rank = rank_of(sample, 3);
    CAPTURE(expected.file);
    CAPTURE(expected.task);
    MESSAGE(expected.file << " " << expected.task << ": " << rank.spearman << " / " << rank.kendall
                          << " (logged " << expected.spearman << " / " << expected.kendall << ")");
    CHECK(rank.spearman > expected.spearman - 0.05);
  }
  CHECK(rank_of(read_sample(folder / "sample725_nb201.csv.gz", "cifar10"), 5).spearman >= .92);
}
