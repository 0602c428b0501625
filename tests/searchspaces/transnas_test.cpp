#include <doctest/doctest.h>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/searchspaces/space_testing.h"
#include "tests/test_data.h"

// Parameters are those that NAS-Bench-Suite-Zero lists for class_scene (63 classes) and
// class_object (100); the micro table's are compared through the importers' self-check.

namespace nas {
namespace {

std::int64_t params(std::string_view space, std::string_view text, std::int64_t classes) {
  const auto made = test::make_space(space);
  const Task task = test::task_of({3, 256, 256}, classes);
  return graph_cost(made->build(made->parse(text), task)).params;
}

TEST_CASE("transnas: listed parameters of cells and networks") {
  CHECK(params("transnas_micro", "64-41414-1_00_210", 63) == 910687);
  CHECK(params("transnas_micro", "64-41414-1_00_210", 100) == 929668);
  CHECK(params("transnas_micro", "64-41414-1_00_223", 63) == 9440607);
  CHECK(params("transnas_macro", "64-1242-basic", 63) == 11218783);
  CHECK(params("transnas_macro", "64-1242-basic", 100) == 11237764);
  CHECK(params("transnas_macro", "64-133341-basic", 63) == 1748575);
  CHECK(params("transnas_macro", "64-332241-basic", 63) == 20816479);
}

TEST_CASE("transnas: MACs of convolutions at 256 x 256 are nearly the listed FLOPs") {
  // Suite-Zero's counter also counts batch normalisation and pooling: 13,602.456 M.
  const auto space = test::make_space("transnas_macro");
  const Task task = test::task_of({3, 256, 256}, 63);
  const auto macs = graph_cost(space->build(space->parse("64-1242-basic"), task)).macs;
  CHECK(static_cast<double>(macs) == doctest::Approx(13602.456e6).epsilon(0.003));
  CHECK(static_cast<double>(macs) < 13602.456e6);
}

TEST_CASE("transnas: networks outside of the published 3,256 are refused") {
  const auto space = test::make_space("transnas_macro");
  const auto error = [&](std::string_view text) {
    return test::usage_error([&] { space->parse(text); });
  };
  CHECK(error("64-1111-basic").find("0 modules double") != std::string::npos);
  CHECK(error("64-4444-basic").find("4 modules double") != std::string::npos);
  CHECK(error("64-333332-basic").find("5 modules halve") != std::string::npos);
  CHECK_FALSE(error("64-123-basic").empty());
  CHECK_FALSE(error("64-1253-basic").empty());
  CHECK_FALSE(error("64-1234").empty());
  CHECK(error("64-1234-basic").empty());
  CHECK_FALSE(test::usage_error([] {
                test::make_space("transnas_micro")->parse("64-41414-4_00_000");
              }).empty());
}

TEST_CASE("transnas: images with odd sizes build as well, with the same parameters") {
  const auto space = test::make_space("transnas_micro");
  const Architecture architecture = space->parse("64-41414-1_11_111");
  const auto even = graph_cost(space->build(architecture, test::task_of({3, 64, 64}, 10)));
  const auto odd = graph_cost(space->build(architecture, test::task_of({3, 50, 37}, 10)));
  CHECK(even.params == odd.params);
}

/// Rows whose official index is not the space's, whose first official index is `first`.
std::size_t wrong_indices(const std::filesystem::path& file, std::string_view name,
                          std::int64_t first) {
  const CsvTable table = CsvTable::parse(read_file(file), file.filename().string());
  const auto space = test::make_space(name);
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  CHECK(table.rows() == indexed.size());
  const std::size_t index = table.column("index"), text = table.column("arch_str");
  std::size_t wrong = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto ours =
        static_cast<std::int64_t>(indexed.index_of(space->parse(table.at(row, text))));
    wrong += parse_int(table.at(row, index)) == ours + first ? 0 : 1;
  }
  return wrong;
}

TEST_CASE("acceptance: transnas indices are the official ones of all 7,352 networks") {
  const auto dir = test::test_data("tab-tnb101");
  if (dir.empty()) return;
  CHECK(wrong_indices(dir / "tnb101_macro.csv.gz", "transnas_macro", 0) == 0);
  CHECK(wrong_indices(dir / "tnb101_micro.csv.gz", "transnas_micro", 3256) == 0);
}

}  // namespace
}  // namespace nas
