#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "predictors/registry.h"
#include "searchspaces/registry.h"
#include "tests/searchers/toy_study.h"
#include "tests/test_data.h"

using namespace nas;

namespace {

constexpr std::size_t kLayers = 22, kOperations = 9;

/// FBNet as a plain product: 22 layers of nine operations.
test::ToySpace fbnet() {
  return test::ToySpace(std::vector<std::size_t>(kLayers, kOperations));
}

struct FbnetTable {
  CsvTable table;
  Samples samples;

  FbnetTable(const SearchSpace& space, const std::filesystem::path& file)
      : table(CsvTable::parse(read_file(file), file.string())) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
      Architecture architecture{space.info().name, {}};
      for (const std::string& word : split_words(table.at(row, table.column("ops")))) {
        architecture.choices.push_back(static_cast<std::uint16_t>(parse_int(word).value()));
      }
      samples.architectures.push_back(std::move(architecture));
    }
  }

  std::vector<double> of(std::string_view device) const {
    std::vector<double> values;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      values.push_back(parse_double(table.at(row, table.column(device))).value());
    }
    return values;
  }
};

double largest_residual(const Predictor& predictor, const SearchSpace& space,
                        const Samples& samples, const std::vector<double>& targets) {
  const std::vector<Prediction> predicted = predictor.predict(space, samples);
  double worst = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    worst = std::max(worst, std::abs(predicted[i].mean - targets[i]));
  }
  return worst;
}

}  // namespace

TEST_CASE("ridge: recovers a sum over decisions from few samples, and shrinks with a penalty") {
  const test::ToySpace space({3, 4, 2});
  const auto truth = [](const Architecture& a) {
    return 7.0 + 2.0 * a.choices[0] - 0.5 * a.choices[1] * a.choices[1] + 4.0 * a.choices[2];
  };
  Samples samples;
  std::vector<double> targets;
  Rng rng({.seed = 2, .purpose = Purpose::kTest});
  for (int i = 0; i < 20; ++i) {
    samples.architectures.push_back(sample(space, rng));
    targets.push_back(truth(samples.architectures.back()));
  }
  const auto exact = make_predictor("ridge", {});
  exact->fit(space, samples, targets, {});
  CHECK(largest_residual(*exact, space, samples, targets) < 1e-12);
  const Architecture unseen = space.parse("2,3,1");
  CHECK(exact->predict(space, {{unseen}, {}, {}})[0].mean == doctest::Approx(truth(unseen)));
  const auto shrunk = make_predictor("ridge", {{"penalty", "1e6"}});
  shrunk->fit(space, samples, targets, {});
  double mean = 0;
  for (const double target : targets) mean += target / 20;
  CHECK(shrunk->predict(space, {{unseen}, {}, {}})[0].mean == doctest::Approx(mean).epsilon(1e-3));
}

TEST_CASE("acceptance: ridge, the tables behind four devices of FBNet are recovered exactly") {
  const auto data = test::test_data("hw-help-fbnet");
  if (data.empty()) return;
  const test::ToySpace space = fbnet();
  const FbnetTable fbnet(space, data / "latency.csv.gz");
  REQUIRE(fbnet.samples.architectures.size() == 5000);
  // The values that HW-NAS-Bench prints for operation 0 everywhere.
  const std::pair<const char*, double> kIntercepts[] = {
      {"eyeriss", 3.940896}, {"fpga", 10.73952}, {"pixel3", 7.7889731}, {"raspi4", 17.6185791}};
  const Architecture zeros{space.info().name, std::vector<std::uint16_t>(kLayers, 0)};
  for (const auto& [device, intercept] : kIntercepts) {
    CAPTURE(std::string(device));
    const auto predictor = make_predictor("ridge", {});
    const std::vector<double> targets = fbnet.of(device);
    predictor->fit(space, fbnet.samples, targets, {});
    const double worst = largest_residual(*predictor, space, fbnet.samples, targets);
    CHECK(worst < 1e-6);
    const double all_zero = predictor->predict(space, {{zeros}, {}, {}})[0].mean;
    CHECK(std::abs(all_zero - intercept) < 1e-6);
    MESSAGE(std::string(device), ": largest residual ", worst, " ms");
  }
  // A measured device is no such sum.
  const auto phone = make_predictor("ridge", {});
  phone->fit(space, fbnet.samples, fbnet.of("samsung_s7"), {});
  CHECK(largest_residual(*phone, space, fbnet.samples, fbnet.of("samsung_s7")) > 0.1);
}

TEST_CASE("acceptance: ridge, entries of the recovered table of FBNet") {
  const auto data = test::test_data("hw-help-fbnet");
  const auto recovered = test::test_data("hw-fbnet-lut");
  if (data.empty() || recovered.empty()) return;
  const test::ToySpace space = fbnet();
  const FbnetTable fbnet(space, data / "latency.csv.gz");
  const std::filesystem::path file = recovered / "fbnet_cifar100_additive_lut.csv";
  const CsvTable table = CsvTable::parse(read_file(file), file.string());
  REQUIRE(table.rows() == 4 * kLayers * kOperations);
  std::unique_ptr<Predictor> predictor;
  std::string device;
  double base = 0, worst = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto text = [&](std::string_view column) {
      return std::string(table.at(row, table.column(column)));
    };
    Architecture one{space.info().name, std::vector<std::uint16_t>(kLayers, 0)};
    if (text("device") != device) {
      device = text("device");
      predictor = make_predictor("ridge", {});
      predictor->fit(space, fbnet.samples, fbnet.of(device), {});
      base = predictor->predict(space, {{one}, {}, {}})[0].mean;
    }
    one.choices[static_cast<std::size_t>(parse_int(text("layer")).value())] =
        static_cast<std::uint16_t>(parse_int(text("op_index")).value());
    const double cost = predictor->predict(space, {{one}, {}, {}})[0].mean - base;
    const double expected = parse_double(text("cost_ms_relative_to_op0")).value();
    worst = std::max(worst, std::abs(cost - expected));
  }
  CHECK(worst < 1e-6);
  MESSAGE("largest difference of 792 entries: ", worst, " ms");
}
