#include <doctest/doctest.h>

#include <array>

#include "core/api/notation.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/searchspaces/space_testing.h"
#include "tests/test_data.h"

namespace nas {
namespace {

using test::make_space;
using test::usage_error;

std::unique_ptr<SearchSpace> make_proxyless(const std::string& widths = "script") {
  return make_space("proxylessnas", {{"widths", widths}});
}

GraphCost cost_of(const SearchSpace& space, const Architecture& architecture) {
  return graph_cost(space.build(architecture, space.info().default_task));
}

/// The same operation everywhere.
Architecture uniform(const SearchSpace& space, std::uint16_t operation) {
  return {space.info().name, std::vector<std::uint16_t>(space.decisions().size(), operation)};
}

// Cai, Zhu and Han (2019), published networks.
const std::string kGpu =
    "5,3 Z Z Z | 7,3 Z Z 3,3 | 7,6 Z Z 5,3 | 5,6 Z 3,3 5,3 | 7,6 7,6 7,6 5,6 | 7,6";
const std::string kMobile =
    "5,3 3,3 Z Z | 7,3 3,3 5,3 5,3 | 7,6 5,3 5,3 5,3 | 5,6 5,3 5,3 5,3 | 7,6 7,6 7,3 7,3 | 7,6";
const std::string kCpu =
    "3,6 3,3 3,3 3,3 | 3,6 3,3 3,3 5,3 | 3,6 Z Z 3,3 | 5,6 3,3 3,3 3,3 | 5,6 5,3 5,3 3,3 | 5,6";

TEST_CASE("proxylessnas: 6^6 7^15 networks; chains of one operation have their published MACs") {
  const auto space = make_proxyless();
  CHECK(count(*space).digits == "221502229807900608");
  constexpr std::array<std::int64_t, 6> kMacs{257422208, 472620800, 284216192,
                                              526208768, 324407168, 606590720};
  for (std::uint16_t operation = 0; operation < 6; ++operation) {
    CHECK(cost_of(*space, uniform(*space, operation)).macs == kMacs[operation]);
  }
}

TEST_CASE("proxylessnas: Zero leaves the block out, and only blocks of a stage's width have it") {
  const auto space = make_proxyless();
  int skippable = 0;
  for (const Decision& decision : space->decisions()) {
    skippable += decision.choices.back() == "Zero" ? 1 : 0;
  }
  CHECK(skippable == 15);
  const Task& task = space->info().default_task;
  const auto adds = [&](const std::string& text) {
    const ArchGraph graph = space->build(space->parse(text), task);
    int count = 0;
    for (NodeId node = 0; node < graph.size(); ++node) count += graph.op(node).name == "add";
    return count;
  };
  // What is left of the mobile network: 13 blocks with a shortcut.
  CHECK(adds(kMobile) == 13);
  CHECK(adds(kGpu) == 7);
  CHECK(usage_error([&] {
          space->parse("Z" + kMobile.substr(3));
        }).find("the first block of a stage changes size or width") != std::string::npos);
}

TEST_CASE("proxylessnas: a blueprint has all operations side by side, one selector a block") {
  const auto space = make_proxyless();
  const std::optional<Blueprint> blueprint = space->blueprint(space->info().default_task);
  REQUIRE(blueprint);
  CHECK(blueprint->selectors.size() == 21);
  CHECK(blueprint->regions.size() == 1 + 21 * 6);  // with the first block
}

TEST_CASE("proxylessnas: operations by name and published files read as the same network") {
  const auto space = make_proxyless();
  const Architecture gpu = space->parse(kGpu);
  CHECK(space->format(gpu) == kGpu);
  const auto read = [&](const std::string& text) {
    return read_architecture(*space, text).architecture;
  };
  const std::string names =
      "5x5_MBConv3 Zero Zero Zero|7x7_MBConv3 Zero Zero 3x3_MBConv3|7x7_MBConv6 Zero Zero "
      "5x5_MBConv3|5x5_MBConv6 Zero 3x3_MBConv3 5x5_MBConv3|7x7_MBConv6 7x7_MBConv6 7x7_MBConv6 "
      "5x5_MBConv6|7x7_MBConv6";
  CHECK(read(names) == gpu);
  CHECK(read("3x3_MBConv1 " + names) == gpu);
  CHECK(read("5,3 z z z|7,3 Z Z 3,3|7,6 Z Z 5,3|5,6 Z 3,3 5,3|7,6 7,6 7,6 5,6|7,6") == gpu);
  CHECK(read("w=32/16,24,40,80,96,192,320/1280; " + kGpu) == gpu);
  const auto error = [&](const std::string& text) { return usage_error([&] { read(text); }); };
  CHECK(error("w=40/24,32,56,112,128,256,432/1728; " + kGpu).find("those of option widths=gpu") !=
        std::string::npos);
  CHECK(error("3x3_MBConv3 3x3_MBConv5").find("there are 2") != std::string::npos);
  CHECK(error("3x3_MBConv3, 3x3MBConv6").find("'3x3_MBConv6' or 'Zero'") != std::string::npos);
  CHECK(error("4,3" + kGpu.substr(3)).find("a kernel of 3, 5 or 7") != std::string::npos);
  CHECK(error(kGpu.substr(0, kGpu.size() - 6)).find("expected '|'") != std::string::npos);
  CHECK(error("{'first_conv': {'out_channels': 32}, 'blocks': []}").find("22 blocks") !=
        std::string::npos);
}

/// A network file of the form that the authors publish, of the rows of a table.
std::string network_file(const CsvTable& table, std::string_view model) {
  std::string first, blocks, mix;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto text = [&](std::string_view column) {
      return std::string(table.at(row, table.column(column)));
    };
    if (text("model") != model) continue;
    if (text("kind") == "stem") first = text("out_c");
    if (text("kind") == "feature_mix") mix = text("out_c");
    if (text("kind") != "mbconv" && text("kind") != "zero") continue;
    const std::string layer = text("kind") == "zero"
                                  ? R"({"name": "ZeroLayer", "stride": 1})"
                                  : R"({"name": "MBInvertedConvLayer", "in_channels": )" +
                                        text("in_c") + R"(, "out_channels": )" + text("out_c") +
                                        R"(, "kernel_size": )" + text("kernel") +
                                        R"(, "stride": )" + text("stride") +
                                        R"(, "expand_ratio": )" + text("expand_ratio") + "}";
    blocks += (blocks.empty() ? "" : ", ") +
              (R"({"name": "MobileInvertedResidualBlock", "mobile_inverted_conv": )" + layer +
               R"(, "shortcut": null})");
  }
  return R"({"name": "ProxylessNASNets", "bn": {"momentum": 0.1, "eps": 0.001}, "first_conv": )"
         R"({"name": "ConvLayer", "out_channels": )" +
         first + R"(}, "blocks": [)" + blocks +
         R"(], "feature_mix_layer": {"name": "ConvLayer", "out_channels": )" + mix + "}}";
}

TEST_CASE("acceptance: proxylessnas, the published networks have their MACs and parameters") {
  const auto dir = test::test_data("oneshot-proxylessnas-nets");
  if (dir.empty()) return;
  const CsvTable models = CsvTable::parse(read_file(dir / "models.csv"), "models.csv");
  const CsvTable blocks = CsvTable::parse(read_file(dir / "blocks.csv"), "blocks.csv");
  const auto usual = make_proxyless();
  std::size_t networks = 0;
  for (std::size_t row = 0; row < models.rows(); ++row) {
    const std::string name(models.at(row, models.column("model")));
    CAPTURE(name);
    const std::string widths = name.substr(std::string_view("proxyless_").size());
    const auto space = make_proxyless(widths);
    const std::string file = network_file(blocks, name);
    const ReadArchitecture read = read_architecture(*space, file);
    REQUIRE(read.notation != nullptr);
    CHECK(read.notation->name == "network_file");
    const GraphCost cost = cost_of(*space, read.architecture);
    CHECK(cost.macs == parse_int(models.at(row, models.column("macs_224"))));
    CHECK(cost.params == parse_int(models.at(row, models.column("params"))));
    if (widths == "gpu") CHECK(space->format(read.architecture) == kGpu);
    if (widths == "cpu") CHECK(space->format(read.architecture) == kCpu);
    if (widths == "mobile") CHECK(space->format(read.architecture) == kMobile);
    CHECK(usage_error([&] { read_architecture(*usual, file); }).find("option widths=" + widths) !=
          std::string::npos);
    ++networks;
  }
  CHECK(networks == 4);
}

}  // namespace
}  // namespace nas
