// HELP's released weights give the released authors' numbers: shared/data/hw-help-golden.

#include "predictors/help/help_net.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "core/util/file.h"
#include "predictors/help/references.h"
#include "searchspaces/registry.h"
#include "tests/predictors/help_checkpoint.h"
#include "tests/predictors/latency_tables.h"
#include "tests/test_data.h"

using namespace nas;

namespace {

using Json = nlohmann::json;
using Encodings = std::vector<std::vector<double>>;

Encodings encodings_of(const std::string& space, const std::filesystem::path& root) {
  const test::LatencyTable table =
      space == "nasbench201" ? test::read_nb201_latencies(root / "hw-help-nb201", {})
      : space == "fbnet"     ? test::read_fbnet_latencies(root / "hw-help-fbnet", 5000)
                             : test::read_ofa_latencies(root / "hw-help-ofa", 5000);
  Encodings codes;
  for (const Architecture& one : table.architectures) {
    codes.push_back(help_encoding(*table.space, one));
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

TEST_CASE("help: networks of Once-for-All are read by their numbers, whatever the grid") {
  const auto make = [](const OptionMap& options) {
    return find_plugin(space_plugins(), "space", "ofa_mobilenetv3").make(options);
  };
  const auto fine = make({}), coarse = make({{"grid", "coarse"}});
  const std::string text =
      "r=176;d=2,3,4,2,2;k=3,5,7,3,3,5,7,3,3,5,7,3,3,5,7,3,3,5,7,3;"
      "e=3,4,6,3,3,4,6,3,3,4,6,3,3,4,6,3,3,4,6,3";
  const std::vector<double> code = help_encoding(*fine, fine->parse(text));
  CHECK(code == help_encoding(*coarse, coarse->parse(text)));
  std::vector<std::int64_t> kernels, ratios;
  for (int i = 0; i < 20; ++i) {
    kernels.push_back(std::vector{3, 5, 7, 3}[i % 4]);
    ratios.push_back(std::vector{3, 4, 6, 3}[i % 4]);
  }
  const std::vector<std::int64_t> depths{2, 3, 4, 2, 2};
  CHECK(code == help_ofa(176, depths, kernels, ratios));
  REQUIRE(code.size() == 145);
  CHECK(code[0] == 1);    // kernel 3 of the first block
  CHECK(code[4] == 1);    // kernel 5 of the second
  CHECK(code[8] == 0);    // the third does not exist
  CHECK(code[132] == 1);  // 176 pixels
  CHECK(std::count(code.begin(), code.end(), 1) == 2 * 13 + 1);
  const Architecture large = fine->parse("r=260" + text.substr(5));
  CHECK_THROWS_WITH(help_encoding(*fine, large),
                    "HELP knows resolutions from 128 to 224 in steps of 4, not 260; take the space "
                    "with grid=coarse");
}

TEST_CASE("help: references are read where their texts have semicolons, and where they have none") {
  const auto make = [](const char* name) {
    return find_plugin(space_plugins(), "space", name).make({});
  };
  const auto ofa = make("ofa_mobilenetv3"), fbnet = make("fbnet");
  Rng rng({.seed = 5});
  for (const auto& [space, separator] : {std::pair(ofa.get(), " "), {fbnet.get(), ";"}}) {
    std::vector<Architecture> wanted;
    std::string texts;
    for (int i = 0; i < 10; ++i) {
      wanted.push_back(sample(*space, rng));
      texts += (i > 0 ? separator : "") + space->format(wanted.back());
    }
    CHECK(read_references("it", *space, texts) == wanted);
    texts.clear();
    for (int i = 0; i < 3; ++i) texts += (i > 0 ? separator : "") + space->format(wanted[0]);
    const std::string error =
        std::string("it: references = 3 architectures, must be ten, separated by ") +
        (separator == std::string(" ") ? "spaces" : "';'");
    CHECK_THROWS_WITH_AS(read_references("it", *space, texts), error.c_str(), Error);
  }
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
                test::help_checkpoint(folder, space));
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
