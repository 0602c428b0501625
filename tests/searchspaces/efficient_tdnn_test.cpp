#include <doctest/doctest.h>

#include <set>

#include "core/api/notation.h"
#include "core/ir/same/digest.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/searchspaces/space_testing.h"
#include "tests/test_data.h"

namespace nas {
namespace {

using test::make_space;
using test::usage_error;

GraphCost cost_of(const SearchSpace& space, std::string_view text, std::int64_t frames) {
  Task task = space.info().default_task;
  task.input[1] = frames;
  return graph_cost(space.build(space.parse(text), task));
}

TEST_CASE("efficient_tdnn: published networks have their exact MACs and parameters") {
  struct Row {
    std::string_view text;
    std::int64_t frames, macs, params;
  };
  // Largest and smallest of the space, then Base, Mobile and Small of the authors' model card.
  const Row rows[] = {
      {"4.512.512.512.512.512.5.5.5.5.5.1536", 300, 1929261440, 7550528},
      {"2.128.128.128.1.1.1.384", 300, 83474560, 443968},
      {"3.512.512.512.512.5.3.3.3.1536", 301, 1445211648, 5789760},
      {"3.384.256.256.256.5.3.3.3.768", 301, 570984384, 2416416},
      {"2.256.256.256.3.3.3.400", 301, 204072768, 899200},
  };
  const auto space = make_space("efficient_tdnn", {{"grid", "fine"}});
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const GraphCost cost = cost_of(*space, row.text, row.frames);
    CHECK(published_macs(space->info(), cost) == row.macs);
    CHECK(cost.params == row.params);
  }
}

TEST_CASE("efficient_tdnn: both grids have their published sizes") {
  const auto coarse = make_space("efficient_tdnn");
  CHECK(count(*coarse).digits == "4066875");
  CHECK(count(*coarse).exact);
  // 49^3 3^3 145 + 49^4 3^4 145 + 49^5 3^5 145: the sheet rounds the last to 9.95e12.
  CHECK(count(*make_space("efficient_tdnn", {{"grid", "fine"}})).digits == "10021183582095");
  const auto* indexed = dynamic_cast<const IndexedSpace*>(coarse.get());
  REQUIRE(indexed != nullptr);
  const auto text = [&](std::uint64_t index) { return coarse->format(indexed->at(index)); };
  CHECK(text(0) == "2.128.128.128.1.1.1.384");
  CHECK(text(16'874) == "2.512.512.512.5.5.5.1536");
  CHECK(text(16'875) == "3.128.128.128.128.1.1.1.1.384");
  CHECK(text(16'875 + 253'125) == "4.128.128.128.128.128.1.1.1.1.1.384");
  CHECK(text(4'066'874) == "4.512.512.512.512.512.5.5.5.5.5.1536");
}

TEST_CASE("efficient_tdnn: a text is of both grids where its widths are, and is one network") {
  const std::string text = "3.512.176.256.512.5.3.1.3.536";
  const auto coarse = make_space("efficient_tdnn");
  const auto fine = make_space("efficient_tdnn", {{"grid", "fine"}});
  const Task& task = coarse->info().default_task;
  CHECK(digest(coarse->build(coarse->parse(text), task)) ==
        digest(fine->build(fine->parse(text), task)));
  CHECK(network_text(*coarse, task) == "sequence: float[80,300] -> embedding: embedding[192]");
}

TEST_CASE("efficient_tdnn: sampled depths are equally likely, as in the published search") {
  const auto space = make_space("efficient_tdnn");
  Rng rng({.seed = 7, .purpose = Purpose::kTest});
  int depths[3] = {};
  for (int i = 0; i < 3000; ++i) ++depths[sample(*space, rng).choices[0]];
  for (const int times : depths) CHECK(std::abs(times - 1000) < 110);  // 4 sigma
}

TEST_CASE("efficient_tdnn: another depth is a neighbour, whatever the blocks are") {
  const auto space = make_space("efficient_tdnn");
  std::set<std::string> texts;
  for (const Architecture& neighbour :
       neighbours(*space, space->parse("3.512.512.384.256.5.3.3.5.1536"))) {
    texts.insert(space->format(neighbour));
  }
  CHECK(texts.size() == 2 + 4 * 4 + 4 * 2 + 4);
  CHECK(texts.contains("2.512.512.384.5.3.3.1536"));
  CHECK(texts.contains("4.512.512.384.256.128.5.3.3.5.1.1536"));
}

TEST_CASE("efficient_tdnn: texts of the released code and its tables are read") {
  const auto space = make_space("efficient_tdnn");
  const std::string expected = "2.256.512.384.1.5.5.384";
  for (const std::string_view text :
       {"(2, [256, 512, 384], [1, 5, 5], 384)", "2,256-512-384,1-5-5,384",
        "2, 256-512-384, 1-5-5, 384", "[2, 256, 512, 384, 1, 5, 5, 384]"}) {
    CAPTURE(text);
    CHECK(space->format(read_architecture(*space, text).architecture) == expected);
  }
}

TEST_CASE("efficient_tdnn: bad texts and options are refused with position and reason") {
  const auto space = make_space("efficient_tdnn");
  const auto error = [&](std::string_view text) {
    return usage_error([&] { space->parse(text); });
  };
  CHECK(error("5.128.128.128.1.1.1.384").find("unknown depth '5'") != std::string::npos);
  CHECK(error("2.128.130.128.1.1.1.384").find("at character 7") != std::string::npos);
  CHECK(error("2.128.128.128.1.1.384").find("unknown block_2/kernel '384'") != std::string::npos);
  CHECK(error("2.128.128.128.1.1.1.384.384").find("expected the end") != std::string::npos);
  CHECK_FALSE(usage_error([] { make_space("efficient_tdnn", {{"grid", "medium"}}); }).empty());
}

/// "4,512-512-512-512-512,5-5-5-5-5,1536" of the columns of a table.
std::string record_of(const CsvTable& table, std::size_t row) {
  std::vector<std::string> parts;
  for (const std::string_view name : {"depth", "channels", "kernels", "cat"}) {
    parts.emplace_back(table.at(row, table.column(name)));
  }
  return join(parts, ",");
}

TEST_CASE("acceptance: efficient_tdnn, 500 networks have their exact MACs and parameters") {
  const auto dir = test::test_data("tdnn-efficienttdnn");
  if (dir.empty()) return;
  const CsvTable table = CsvTable::parse(read_file(dir / "golden_500.csv"), "golden_500.csv");
  REQUIRE(table.rows() == 500);
  const auto space = make_space("efficient_tdnn");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const Architecture architecture = read_architecture(*space, record_of(table, row)).architecture;
    CAPTURE(space->format(architecture));
    const GraphCost cost = graph_cost(space->build(architecture, space->info().default_task));
    CHECK(published_macs(space->info(), cost) ==
          parse_int(table.at(row, table.column("macs_T300"))));
    CHECK(cost.params == parse_int(table.at(row, table.column("params"))));
  }
}

}  // namespace
}  // namespace nas
