#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/util/file.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Latencies of 300 cells on two devices: sums over their operations, the second with a failure.
std::string latencies() {
  const auto space = find_plugin(space_plugins(), "space", "nasbench201").make({});
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  std::string csv = "arch,a,b,zero\n";
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Architecture cell = indexed.at(i);
    double a = 1, b = 2;
    for (const std::uint16_t choice : cell.choices) {
      a += choice == 3 ? 3 : choice == 2 ? 1 : 0;
      b += choice == 3 ? 2 : choice == 4 ? 1.5 : 0;
    }
    csv += space->format(cell) + "," + format_double(a) + "," + (i == 7 ? "-1" : format_double(b)) +
           ",-1\n";
  }
  return csv;
}

constexpr const char* kMapping =
    "name = \"two\"\nspace = \"nasbench201\"\n[architecture]\nfields = \"arch\"\n"
    "[defaults]\nmetric = \"latency_ms\"\nmaximize = false\nunit = \"ms\"\nfailed = -1\n"
    "[[column]]\nfield = \"a\"\ndevice = \"a\"\n[[column]]\nfield = \"b\"\ndevice = \"b\"\n";

struct Place {
  TemporaryDirectory directory;
  Place() {
    write_file_atomically(directory.path() / "two.csv", latencies());
    write_file_atomically(directory.path() / "two.toml", kMapping);
    const Outcome outcome = run({"bench", "import", "two.csv", "--mapping", "two.toml", "--quiet"});
    CAPTURE(outcome.err);
    REQUIRE(outcome.code == 0);
  }
  Outcome run(const std::vector<std::string>& words) const {
    return nasctl(directory.path(), words);
  }
  void write(const std::string& name, const std::string& text) const {
    write_file_atomically(directory.path() / name, text);
  }
};

}  // namespace

TEST_CASE("devices of published tables are named with what to import for them") {
  const TemporaryDirectory directory;
  const std::string import = "nasctl bench import latency.csv.gz --mapping help_fbnet";
  const Outcome listed = nasctl(directory.path(), {"device", "list", "--wide"});
  CHECK(contains(listed.out, "27 of fbnet (" + import + ")"));
  const Outcome shown = nasctl(directory.path(), {"device", "show", "titanxp_32"});
  CHECK(is_one_line_error(shown));
  CHECK(contains(shown.err, "published for fbnet: " + import));
  const Outcome searched =
      nasctl(directory.path(), {"search", "run", "--space", "fbnet", "--maximize", "synflow",
                                "--constraint", "latency_ms<20@pixel2"});
  CHECK(is_one_line_error(searched));
  CHECK(contains(searched.err, "latency_ms@pixel2=lookup:FILE'; published for fbnet: " + import));
  CHECK_FALSE(contains(searched.err, "help_nb201"));
}

TEST_CASE("an engine that is not there is one line that says where it was looked for") {
  const TemporaryDirectory directory;
  const std::string variable = "SEARCHLIGHT_ONNXRUNTIME=/nowhere/lib.so $NASCTL ";
  for (const std::string words :
       {"device add ort --runtime onnxruntime",
        "arch latency --space nasbench201 index:0 --runtime onnxruntime"}) {
    const Outcome outcome = shell(directory.path(), variable + words);
    CHECK(is_one_line_error(outcome));
    CHECK(contains(outcome.err, "ONNX Runtime cannot be loaded (/nowhere/lib.so: "));
    CHECK(contains(outcome.err, "set SEARCHLIGHT_ONNXRUNTIME to libonnxruntime.so"));
  }
  const Outcome other = nasctl(directory.path(), {"device", "add", "x", "--runtime", "tflite"});
  CHECK(
      contains(other.err, "runtime 'tflite' is not one of this machine's: libtorch, onnxruntime"));
}

TEST_CASE("a new device: suggest, measure, fit, apply, and search under a predicted limit") {
  const Place place;
  const Outcome suggested = place.run({"device", "suggest", "--bench", "two", "--count", "8",
                                       "--target", "latency_ms@mine", "--format", "csv"});
  REQUIRE(suggested.code == 0);
  const std::vector<std::string> lines = split(suggested.out, '\n');
  REQUIRE(lines.size() >= 9);
  CHECK(lines[0] == "architecture,latency_ms");
  std::string measured = lines[0] + "\n";
  for (std::size_t i = 1; i <= 8; ++i) {
    const std::string& row = lines[i];
    double value = 1;  // what the device does: a pool costs as much as a 3x3 convolution
    for (const char* op : {"nor_conv_3x3", "avg_pool_3x3"}) {
      for (std::size_t at = row.find(op); at != std::string::npos; at = row.find(op, at + 1)) {
        value += 2;
      }
    }
    measured += row + format_double(value) + "\n";
  }
  place.write("mine.csv", measured);
  const Outcome fitted =
      place.run({"predictor", "fit", "mine", "--kind", "latency", "--bench", "two", "--target",
                 "latency_ms@mine", "--measured", "mine.csv", "--json"});
  CAPTURE(fitted.err);
  REQUIRE(fitted.code == 0);
  const nlohmann::json score = nlohmann::json::parse(fitted.out);
  CHECK(score.at("measured") == 8);
  CHECK(score.at("sources") == 2);
  CHECK(contains(fitted.err, "1 of 300 networks have no measurement"));
  const Outcome applied =
      place.run({"predictor", "apply", "mine", "--json",
                 "|nor_conv_3x3~0|+|none~0|none~1|+|none~0|avg_pool_3x3~1|none~2|"});
  REQUIRE(applied.code == 0);
  CHECK(std::abs(nlohmann::json::parse(applied.out).at("prediction").get<double>() - 5) < 1);
  place.write("others.csv",
              "architecture,latency_ms\nindex:3,1\n"
              "|nor_conv_3x3~0|+|none~0|none~1|+|none~0|avg_pool_3x3~1|none~2|,5\n"
              "|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|nor_conv_3x3~0|none~1|none~2|,7\n");
  const Outcome judged =
      place.run({"predictor", "eval", "mine", "--measured", "others.csv", "--json"});
  CAPTURE(judged.err);
  REQUIRE(judged.code == 0);
  const nlohmann::json measured_score = nlohmann::json::parse(judged.out);
  CHECK(measured_score.at("held_out") == 3);
  CHECK(measured_score.at("spearman").get<double>() > 0.999);
  CHECK(measured_score.at("within_95").get<double>() > 50);
  CHECK(is_one_line_error(
      place.run({"predictor", "eval", "mine", "--measured", "others.csv", "--bench", "two"})));
  place.write("others.csv", "architecture,latency_ms\nindex:3,-1\n");
  CHECK(contains(place.run({"predictor", "eval", "mine", "--measured", "others.csv"}).err,
                 "others.csv:2: "));
  CHECK(place.run({"predictor", "apply", "mine", "--bench", "two"}).code == 0);
  CHECK(contains(place.run({"predictor", "apply", "mine", "index:0", "--bench", "tow"}).err,
                 "unknown benchmark 'tow'"));
  REQUIRE(place
              .run({"bench", "score", "macro", "--space", "nasbench_macro", "--proxies", "params",
                    "--count", "3", "--quiet"})
              .code == 0);
  CHECK(contains(place.run({"predictor", "apply", "mine", "index:0", "--bench", "macro"}).err,
                 "benchmark 'macro' is of 'nasbench_macro'"));
  const Outcome searched =
      place.run({"search", "run", "--name", "s", "--space", "nasbench201", "--searcher", "random",
                 "--budget", "20", "--maximize", "macs", "--constraint", "latency_ms<8@mine",
                 "--origin", "latency_ms@mine=predictor:mine", "--quiet"});
  CAPTURE(searched.err);
  CHECK(searched.code == 0);
  CHECK(contains(place.run({"device", "list"}).out, "mine"));
}

TEST_CASE("a device of a table: its own rows are measurements, the others judge") {
  const Place place;
  const Outcome fitted = place.run({"predictor", "fit", "b", "--kind", "latency", "--bench", "two",
                                    "--target", "latency_ms@b", "--train", "12", "--json"});
  REQUIRE(fitted.code == 0);
  const nlohmann::json score = nlohmann::json::parse(fitted.out);
  CHECK_FALSE(score.contains("held_out"));  // 300 rows are all candidates
  const Outcome shown = place.run({"device", "show", "b", "--json"});
  REQUIRE(shown.code == 0);
  const nlohmann::json row = nlohmann::json::parse(shown.out).at("rows").at(0);
  CHECK(row.at("measured") == 299);
  CHECK(row.at("failed") == 1);
}

TEST_CASE("bad measurements of a new device are one clear line each, exit 2") {
  const Place place;
  const auto fails = [&place](const std::string& csv, const std::string& why) {
    place.write("bad.csv", csv);
    const Outcome outcome =
        place.run({"predictor", "fit", "x", "--kind", "latency", "--bench", "two", "--target",
                   "latency_ms@mine", "--measured", "bad.csv"});
    CAPTURE(csv);
    CAPTURE(outcome.err);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(contains(outcome.err, why));
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') <= 2);  // a note on failures
  };
  fails("architecture,latency\nindex:0,3\n", "unknown column 'latency_ms'");
  fails("architecture,latency_ms\nindex:0,-1\n", "bad.csv:2: latency_ms = -1");
  fails("architecture,latency_ms\nindex:0,2\nindex:1,-3\n", "bad.csv:3: latency_ms = -3");
  fails("architecture,latency_ms\nindex:0,nan\n", "expected a positive number");
  fails("architecture,latency_ms\nindex:0,3\nindex:1,1e300\n", "bad.csv:3: latency_ms = 1e300");
  fails("architecture,latency_ms\nindex:0,\n", "holds no measurement");
  fails("architecture,latency_ms\nindex:0,5\nindex:1,5\nindex:2,5\n", "all 3 measurements are 5");
  fails("architecture,latency_ms\nindex:0,5\n", "at least two measurements");
  const Outcome unknown = place.run(
      {"predictor", "fit", "x", "--kind", "latency", "--bench", "two", "--target", "latency_ms@c"});
  CHECK(unknown.code == 2);
  CHECK(contains(unknown.err, "has no measurement of latency_ms@c"));
  CHECK(place.run({"device", "show", "c"}).code == 2);
}

}  // namespace nas::test
