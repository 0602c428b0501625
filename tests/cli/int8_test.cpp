#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/tflite/export_program.h"
#include "core/tflite/write_tflite.h"
#include "core/util/file.h"
#include "tests/cli/program.h"
#include "tests/core/tflite/program_maker.h"

namespace nas {
namespace {

using Json = nlohmann::json;
using test::nasctl;
using test::Outcome;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("arch evaluate shows float and int8 beside one another, and what they differ by") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  REQUIRE(nasctl(path, {"arch", "train", "--space", "nasbench201", "index:0", "--data", "glyphs",
                        "--preset", "smoke", "--recipe", "epochs=1", "--recipe",
                        "train_samples=256", "--recipe", "width=8", "--output", "m.safetensors"})
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

TEST_CASE("a plan of a network with attention says that searches count its rows of tokens") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  const std::string network =
      "p=32;r=0.4;d=12;e=168;m=4,4,4,4,4,4,4,4,4,4,4,4;h=3,3,3,3,3,3,3,3,3,3,3,3";
  const std::vector<std::string> asked = {"arch",      "memory", "--space", "mcuformer",
                                          "--width",   "8",      "--input", "3,32,32",
                                          "--classes", "10",     network};
  const std::string note = "--row-wise 1";
  CHECK(nasctl(path, asked).err.find(note) != std::string::npos);
  std::vector<std::string> by_rows = asked;
  by_rows.insert(by_rows.end(), {"--row-wise", "1"});
  const Outcome planned = nasctl(path, by_rows);
  CHECK(planned.code == 0);
  CHECK(planned.err.find(note) == std::string::npos);
}

TEST_CASE("a program that is no graph is planned as it is, and takes no calibration") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  // SUB has no form among our operations, and an integer of its own on a microcontroller.
  test::ProgramMaker maker;
  const int x = maker.input({1, 8, 8, 4});
  const int y = maker.conv(x, 4, 3, 3, {.padding = MicroPadding::kSame});
  maker.program.outputs = {maker.add(MicroOp::kSub, {y, x}, maker.value({1, 8, 8, 4}))};
  write_file_atomically(path / "sub.tflite", format_tflite(to_tflite(maker.program)));
  CHECK(nasctl(path, {"arch", "show", "sub.tflite"}).code == 2);
  const Outcome planned = nasctl(path, {"arch", "memory", "sub.tflite", "--json"});
  REQUIRE(planned.code == 0);
  const Json rows = Json::parse(planned.out).at("rows");
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].at("operator") == "SUB");
  CHECK(nasctl(path, {"arch", "memory", "sub.tflite", "--space", "mcunet"}).code == 2);
  for (const char* name : {"plan.png", "plan.json", "plan"}) {
    CAPTURE(name);
    const Outcome refused = nasctl(path, {"arch", "memory", "sub.tflite", "--output", name});
    CHECK(test::is_one_line_error(refused));
    CHECK(contains(refused.err, "write .svg"));
    CHECK_FALSE(std::filesystem::exists(path / name));
  }
  CHECK(nasctl(path, {"arch", "memory", "sub.tflite", "--output", "plan.SVG"}).code == 0);
  CHECK(read_file(path / "plan.SVG").starts_with("<svg"));
  CHECK(contains(nasctl(path, {"arch", "memory", "sub.tflite", "--output", "plan.SVG"}).err,
                 "exists; name another --output, or replace it with --force"));
  CHECK(nasctl(path, {"arch", "memory", "sub.tflite", "--output", "plan.SVG", "--force"}).code ==
        0);

  write_file_atomically(path / "net.tflite", format_tflite(to_tflite(test::random_network(4))));
  const Outcome idle = nasctl(path, {"arch", "evaluate", "net.tflite", "--data", "glyphs",
                                     "--precision", "int8", "--calibration", "samples=64"});
  CHECK(test::is_one_line_error(idle));
}

}  // namespace nas
