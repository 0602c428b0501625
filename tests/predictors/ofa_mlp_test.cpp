#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "predictors/csv_tensors.h"
#include "predictors/ofa_encoding.h"
#include "predictors/registry.h"
#include "searchspaces/registry.h"
#include "tests/test_data.h"

using namespace nas;

namespace {

std::unique_ptr<SearchSpace> make_space(std::string_view name) {
  return find_plugin(space_plugins(), "space", name).make({{"grid", "coarse"}});
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string repeated(const std::string& word, std::size_t times) {
  return join(std::vector<std::string>(times, word), ",");
}

std::vector<std::size_t> ones_of(const OfaEncoding& encoding, const Architecture& architecture) {
  std::vector<std::size_t> ones;
  const std::vector<float> row = encoding.encode(architecture);
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == 1.0F) ones.push_back(i);
  }
  return ones;
}

/// "3 5 7" -> "3,5,7".
std::string comma_list(std::string_view text) {
  return join(split_words(text), ",");
}

/// Two predictors of one hidden unit a layer, as files.
struct Published {
  TemporaryDirectory directory;
  std::filesystem::path list = directory.path() / "tensors.csv";
  Published() {
    write("tensors.csv", "predictor,tensor,rows,cols\na,x_W0,2,3\na,x_b0,1,2\nb,y_W0,1,1\n");
    write("x_W0.csv", "1,2,3\n4,5,6\n");
    write("x_b0.csv", "0.5,-1\n");
    write("y_W0.csv", "7\n");
  }
  void write(const std::string& name, const std::string& text) const {
    write_file_atomically(directory.path() / name, text);
  }
  std::string error(const std::string& part) const {
    return error_of([&] { read_csv_tensors(list, part); });
  }
};

}  // namespace

TEST_CASE("csv tensors: the files of one predictor, without what their names have in common") {
  const Published files;
  const PredictorState state = read_csv_tensors(files.list, "a");
  REQUIRE(state.tensors.size() == 2);
  CHECK(state.tensors[0].name == "W0");
  CHECK(state.tensors[0].shape == std::vector<std::int64_t>{2, 3});
  CHECK(state.tensors[0].data == std::vector<double>{1, 2, 3, 4, 5, 6});
  CHECK(state.tensors[1].name == "b0");
  CHECK(state.tensors[1].shape == std::vector<std::int64_t>{2});
}

TEST_CASE("csv tensors: what is missing or malformed is one line with file and line") {
  const Published files;
  CHECK(has(files.error(""), "several predictors (a, b); say which with --part"));
  CHECK(has(files.error("c"), "unknown predictor 'c'"));
  files.write("x_W0.csv", "1,2,3\n4,five,6\n");
  CHECK(has(files.error("a"), "x_W0.csv: line 2: 'five' is not a number"));
  files.write("x_W0.csv", "1,2,3\n4,5\n");
  CHECK(has(files.error("a"), "x_W0.csv: line 2: expected 2 lines of 3 numbers"));
  files.write("x_W0.csv", "1,2,3\n");
  CHECK(has(files.error("a"), "has 3 numbers, expected 6"));
  std::filesystem::remove(files.directory.path() / "x_W0.csv");
  CHECK(has(files.error("a"), "line 2: tensor 'x_W0' has no file x_W0.csv or x_W0.csv.gz"));
  files.write("tensors.csv", "predictor,tensor,rows,cols\na,x_b0,1,2\na,x_b0,1,2\n");
  CHECK(has(files.error("a"), "line 3: tensor 'x_b0' is given twice"));
  files.write("tensors.csv", "predictor,tensor,rows,cols\na,../x_b0,1,2\n");
  CHECK(has(files.error("a"), "is no plain file name"));
  files.write("tensors.csv", "predictor,tensor,rows,cols\na,x_b0,0,2\n");
  CHECK(has(files.error("a"), "line 2: rows = '0'"));
}

TEST_CASE("ofa_mlp: inputs are those of the released layouts; unused slots are zeros") {
  const auto mobile = make_space("ofa_mobilenetv3");
  const OfaEncoding encoding(*mobile);
  CHECK(encoding.width() == 128);
  const std::vector<std::size_t> ones = ones_of(
      encoding,
      mobile->parse("r=224;d=2,3,2,2,4;k=" + repeated("5", 20) + ";e=" + repeated("6", 20)));
  std::vector<std::size_t> expected;
  for (const std::size_t slot : {0, 1, 4, 5, 6, 8, 9, 12, 13, 16, 17, 18, 19}) {
    expected.push_back(3 * slot + 1);
    expected.push_back(60 + 3 * slot + 2);
  }
  expected.push_back(120 + 7);
  std::sort(expected.begin(), expected.end());
  CHECK(ones == expected);

  const auto resnet = make_space("ofa_resnet50");
  const OfaEncoding other(*resnet);
  CHECK(other.width() == 82);
  CHECK(
      ones_of(other, resnet->parse("r=240;d=2,0,1,0,0;w=0,1,2,2,1,0;e=" + repeated("0.35", 11))) ==
      std::vector<std::size_t>{6, 9, 10, 14, 18, 21, 23, 25, 30, 33, 42, 45, 48, 54, 57, 60, 63, 72,
                               75});
  CHECK(OfaEncoding(*make_space("ofa_proxyless")).width() == 63 + 63 + 8);
}

TEST_CASE("ofa_mlp: other spaces have all choices as inputs; unknown resolutions are refused") {
  const auto plain = find_plugin(space_plugins(), "space", "nasbench201").make({});
  CHECK(ones_of(OfaEncoding(*plain), {"nasbench201", {1, 0, 2, 3, 4, 0}}) ==
        std::vector<std::size_t>{1, 5, 12, 18, 24, 25});
  const auto fine = find_plugin(space_plugins(), "space", "ofa_mobilenetv3").make({});
  const Architecture odd =
      fine->parse("r=132;d=2,2,2,2,2;k=" + repeated("3", 20) + ";e=" + repeated("3", 20));
  const OfaEncoding encoding(*fine);
  CHECK(has(error_of([&] { encoding.encode(odd); }), "resolution 132 is not among"));
  CHECK(has(error_of([&] { encoding.encode(odd); }), "grid=coarse"));
}

TEST_CASE("ofa_mlp: learns accuracies in percent and keeps them") {
  const auto space = make_space("ofa_mobilenetv3");
  Samples samples;
  std::vector<double> targets;
  Rng rng({.seed = 3, .purpose = Purpose::kTest});
  for (int i = 0; i < 200; ++i) {
    samples.architectures.push_back(sample(*space, rng));
    const Architecture& a = samples.architectures.back();
    targets.push_back(70 + 2.0 * a.choices[0] + a.choices[1]);
  }
  const auto predictor = make_predictor("ofa_mlp", {{"width", "32"}, {"epochs", "60"}});
  predictor->fit(*space, samples, targets, {.seed = 1});
  const std::vector<Prediction> predicted = predictor->predict(*space, samples);
  double error = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    error += std::abs(predicted[i].mean - targets[i]) / static_cast<double>(targets.size());
  }
  CHECK(error < 0.6);  // the mean is 2.7 off
  const auto copy = make_predictor("ofa_mlp", {});
  copy->restore(predictor->save());
  CHECK(copy->predict(*space, samples)[7].mean == predicted[7].mean);
}

TEST_CASE(
    "acceptance: ofa_mlp, 503 and 303 networks have the accuracies of the released predictors") {
  const auto dir = test::test_data("oneshot-ofa-predictor");
  if (dir.empty()) return;
  struct Case {
    const char *space, *part, *golden;
    std::size_t rows;
  };
  for (const Case& one : {Case{"ofa_mobilenetv3", "mbv3_w1.2", "golden_mbv3.csv", 503},
                          Case{"ofa_resnet50", "resnet50d", "golden_r50.csv", 303}}) {
    CAPTURE(std::string(one.space));
    const auto space = make_space(one.space);
    const auto predictor = make_predictor("ofa_mlp", {});
    predictor->restore(read_csv_tensors(dir / "tensors.csv", one.part));
    const CsvTable table = CsvTable::parse(read_file(dir / one.golden), one.golden);
    REQUIRE(table.rows() == one.rows);
    Samples samples;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const auto text = [&](std::string_view column) {
        return comma_list(table.at(row, table.column(column)));
      };
      const bool mobile = one.rows == 503;
      samples.architectures.push_back(
          space->parse(mobile ? "r=" + text("resolution") + ";d=" + text("depths") +
                                    ";k=" + text("kernels") + ";e=" + text("expands")
                              : "r=" + text("resolution") + ";d=" + text("d") + ";w=" + text("w") +
                                    ";e=" + text("e")));
    }
    const std::vector<Prediction> predicted = predictor->predict(*space, samples);
    double worst = 0;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const double expected = parse_double(table.at(row, table.column("predicted_acc"))).value();
      worst = std::max(worst, std::abs(predicted[row].mean / 100 - expected));
    }
    CHECK(worst < 1e-6);
    MESSAGE(std::string(one.space), ": largest difference ", worst);
  }
}
