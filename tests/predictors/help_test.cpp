// HELP's released weights give the released authors' numbers: shared/data/hw-help-golden.

#include "predictors/help/help_net.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include <nlohmann/json.hpp>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "tests/predictors/latency_protocol.h"
#include "tests/test_data.h"

using namespace nas;

namespace {

using Json = nlohmann::json;
using Encodings = std::vector<std::vector<double>>;

std::map<std::string, PredictorTensor> checkpoint(const std::filesystem::path& folder,
                                                  const std::string& space) {
  const Json manifest = Json::parse(read_file(folder / (space + "_manifest.json")));
  const std::string bytes = read_file(folder / (space + "_weights_f32le.bin"));
  std::map<std::string, PredictorTensor> tensors;
  for (const Json& entry : manifest.at("tensors")) {
    const std::string name =
        entry.at("group").get<std::string>() + "/" + entry.at("name").get<std::string>();
    std::vector<float> values(entry.at("count").get<std::size_t>());
    std::memcpy(values.data(), bytes.data() + entry.at("offset_bytes").get<std::size_t>(),
                values.size() * sizeof(float));
    tensors[name] = {
        name, entry.at("shape").get<std::vector<std::int64_t>>(), {values.begin(), values.end()}};
  }
  return tensors;
}

std::vector<std::int64_t> numbers(std::string_view text) {
  std::vector<std::int64_t> result;
  for (const std::string& word : split_words(text)) result.push_back(parse_int(word).value());
  return result;
}

Encodings encodings_of(const std::string& space, const std::filesystem::path& root) {
  Encodings codes;
  if (space == "ofa") {
    const CsvTable csv = CsvTable::parse(read_file(root / "hw-help-ofa" / "latency.csv.gz"), "ofa");
    for (std::size_t row = 0; row < csv.rows(); ++row) {
      codes.push_back(help_ofa(
          parse_int(csv.at(row, csv.column("r"))).value(), numbers(csv.at(row, csv.column("d"))),
          numbers(csv.at(row, csv.column("ks"))), numbers(csv.at(row, csv.column("e")))));
    }
    return codes;
  }
  const bool cells = space == "nasbench201";
  const test::LatencyTable table = cells ? test::read_nb201_latencies(root / "hw-help-nb201", {})
                                         : test::read_fbnet_latencies(root / "hw-help-fbnet", 5000);
  for (const Architecture& one : table.architectures) {
    codes.push_back(cells ? help_graph(one.choices) : help_fbnet(one.choices));
  }
  return codes;
}

Encodings pick(const Encodings& all, const Json& indices) {
  Encodings picked;
  for (const Json& index : indices) picked.push_back(all[index.get<std::size_t>()]);
  return picked;
}

double farthest(const std::vector<double>& values, const Json& expected) {
  double most = 0;
  REQUIRE(values.size() >= expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    most = std::max(most, std::abs(values[i] - expected[i].get<double>()));
  }
  return most;
}

}  // namespace

TEST_CASE("help: ten references are scaled to [0, 1], labels to [0.05, 0.95] inside the pool") {
  const std::vector<double> embedding = help_embedding(std::vector<double>{2, 4, 3});
  CHECK(embedding == std::vector<double>{0, 1, 0.5});
  CHECK(help_label(2, 2, 4) == doctest::Approx(0.05));
  CHECK(help_label(4, 2, 4) == doctest::Approx(0.95));
}

TEST_CASE("acceptance: help: released weights, modulation and adaptation on seven devices, 1e-9") {
  const auto folder = test::test_data("hw-help-golden");
  if (folder.empty() || test::test_data("hw-help-ofa").empty() ||
      test::test_data("hw-help-nb201").empty() || test::test_data("hw-help-fbnet").empty()) {
    return;
  }
  const Json golden = Json::parse(read_file(folder / "golden_adaptation.json"));
  std::map<std::string, Encodings> codes;
  std::size_t pairs = 0;
  for (const auto& [key, expected] : golden.items()) {
    if (!expected.is_object() || !expected.contains("pred_adapted")) continue;
    CAPTURE(key);
    ++pairs;
    const std::string space = key.substr(0, key.find('/'));
    if (!codes.contains(space)) codes[space] = encodings_of(space, folder.parent_path());
    HelpNet net(space == "nasbench201" ? HelpEncoder::kGraph : HelpEncoder::kVector,
                checkpoint(folder, space));
    const auto embedding = expected["hardware_embedding"].get<std::vector<double>>();
    const Encodings support = pick(codes[space], expected["finetune_indices"]);
    const Encodings queries = pick(codes[space], expected["query_indices"]);
    const auto labels = expected["finetune_labels_normalised"].get<std::vector<double>>();
    const HelpNet::Modulation z = net.modulation(embedding);
    CHECK(farthest(z.weights, expected["z_w_first5"]) < 1e-9);
    CHECK(farthest(z.biases, expected["z_b"]) < 1e-9);
    CHECK(std::abs(z.kl - expected["kl_sum"].get<double>()) < 1e-9);
    net.start(embedding, false);
    CHECK(farthest(net.predict(queries), expected["pred_no_z_no_adapt"]) < 1e-9);
    net.start(embedding, true);
    CHECK(farthest(net.predict(queries), expected["pred_with_z"]) < 1e-9);
    for (const Json& loss : expected["inner_losses"]) {
      CHECK(std::abs(net.step(support, labels) - loss.get<double>()) < 1e-9);
    }
    CHECK(std::abs(net.loss(support, labels) - expected["support_loss_after"].get<double>()) <
          1e-9);
    CHECK(farthest(net.predict(queries), expected["pred_adapted"]) < 1e-9);
  }
  CHECK(pairs == 7);
}
