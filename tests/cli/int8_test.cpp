#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/util/file.h"
#include "tests/cli/program.h"

namespace nas {
namespace {

using Json = nlohmann::json;
using test::nasctl;
using test::Outcome;

}  // namespace

TEST_CASE("arch evaluate shows float and int8 beside one another, and what they differ by") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  REQUIRE(nasctl(path, {"arch", "train", "--space", "nasbench201", "index:0", "--data", "glyphs",
                        "--preset", "smoke", "--output", "m.safetensors"})
              .code == 0);
  const Outcome judged =
      nasctl(path, {"arch", "evaluate", "m.safetensors", "--data", "glyphs", "--precision", "int8",
                    "--calibration", "samples=64", "--json"});
  REQUIRE(judged.code == 0);
  const Json rows = Json::parse(judged.out).at("rows");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].at("precision") == "float");
  CHECK(rows[1].at("precision") == "int8");
  CHECK(
      rows[2].at("accuracy").get<double>() ==
      doctest::Approx(rows[1].at("accuracy").get<double>() - rows[0].at("accuracy").get<double>()));
  const Outcome wrong = nasctl(path, {"arch", "evaluate", "m.safetensors", "--data", "glyphs",
                                      "--precision", "int8", "--calibration", "percentil=1"});
  CHECK(test::is_one_line_error(wrong));
  CHECK(wrong.err.find("did you mean 'percentile'") != std::string::npos);
  const Outcome idle = nasctl(path, {"arch", "evaluate", "m.safetensors", "--data", "glyphs",
                                     "--calibration", "samples=64"});
  CHECK(test::is_one_line_error(idle));
}

}  // namespace nas
