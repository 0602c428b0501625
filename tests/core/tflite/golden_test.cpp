#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include "core/tflite/export_program.h"
#include "core/tflite/import_program.h"
#include "core/tflite/operators.h"
#include "core/tflite/read_tflite.h"
#include "core/tflite/write_tflite.h"
#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/test_data.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

std::int64_t number(const CsvTable& table, std::size_t row, std::string_view column) {
  return *parse_int(table.at(row, table.column(column)));
}

/// Weights and biases of the layers that have them.
std::int64_t parameters(const MicroProgram& program) {
  std::set<int> tensors;
  for (const MicroStep& step : program.steps) {
    if (!micro_op_info(step.op).weights) continue;
    for (const int input : step.inputs) {
      if (input != MicroStep::kAbsent &&
          program.tensors[static_cast<std::size_t>(input)].constant) {
        tensors.insert(input);
      }
    }
  }
  std::int64_t count = 0;
  for (const int tensor : tensors) {
    count += program.tensors[static_cast<std::size_t>(tensor)].elements();
  }
  return count;
}

/// Reading what is written gives the same model, at whatever place its bytes stand.
void check_round_trip(const fs::path& path) {
  CAPTURE(path.string());
  const TfliteModel model = read_tflite(path);
  const TfliteModel again = parse_tflite(format_tflite(model), path.string());
  CHECK(same_model(model, again));
}

std::string error_of(const fs::path& path) {
  try {
    to_program(read_tflite(path));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("acceptance: nine models of MLPerf Tiny: operators, tensors, MACs and parameters") {
  const fs::path folder = test::test_data("mcu-mlperf-tiny");
  if (folder.empty()) return;
  const CsvTable models = CsvTable::parse(read_file(folder / "models.csv"), "models.csv");
  CHECK(models.rows() == 9);
  for (std::size_t row = 0; row < models.rows(); ++row) {
    const fs::path path = folder / "models" / std::string(models.at(row, models.column("file")));
    CAPTURE(path.string());
    const TfliteModel model = read_tflite(path);
    CHECK(static_cast<std::int64_t>(model.operators.size()) == number(models, row, "ops"));
    CHECK(static_cast<std::int64_t>(model.tensors.size()) == number(models, row, "tensors"));
    CHECK(static_cast<std::int64_t>(model.buffers.size()) == number(models, row, "buffers"));
    const MicroProgram program = to_program(model);
    CHECK(micro_macs(program) == number(models, row, "macs"));
    CHECK(parameters(program) == number(models, row, "params"));
    check_round_trip(path);
  }
}

TEST_CASE("acceptance: every layer of MLPerf Tiny: operator, version, shapes, window, MACs") {
  const fs::path folder = test::test_data("mcu-mlperf-tiny");
  if (folder.empty()) return;
  const CsvTable layers = CsvTable::parse(read_file(folder / "layers.csv"), "layers.csv");
  CHECK(layers.rows() == 151);
  std::map<std::string, MicroProgram> programs;
  for (std::size_t row = 0; row < layers.rows(); ++row) {
    const std::string name(layers.at(row, layers.column("model")));
    if (!programs.contains(name)) {
      programs[name] = to_program(read_tflite(folder / "models" / (name + ".tflite")));
    }
    const MicroProgram& program = programs.at(name);
    const auto index = static_cast<std::size_t>(number(layers, row, "step"));
    CAPTURE(name);
    CAPTURE(index);
    const MicroStep& step = program.steps.at(index);
    CHECK(name_of(step) == layers.at(row, layers.column("op")));
    CHECK(step.version == number(layers, row, "version"));
    CHECK(step.outputs.at(0) == number(layers, row, "output_tensor"));
    CHECK(micro_macs(program, step) == number(layers, row, "macs"));
    const MicroTensor& output = program.tensors[static_cast<std::size_t>(step.outputs[0])];
    std::vector<std::string> dims;
    for (const std::int64_t dim : output.dims) dims.push_back(std::to_string(dim));
    CHECK(join(dims, "x") + ":" + std::string(name_of(output.element)) ==
          layers.at(row, layers.column("output_shape")));
    const std::string_view padding = layers.at(row, layers.column("padding"));
    if (padding.empty()) continue;
    CHECK((step.options.padding == MicroPadding::kSame) == (padding == "SAME"));
    CHECK(step.options.stride_h == number(layers, row, "stride_h"));
    CHECK(step.options.stride_w == number(layers, row, "stride_w"));
    CHECK((step.options.activation == MicroActivation::kRelu) ==
          (layers.at(row, layers.column("activation")) == "RELU"));
  }
}

TEST_CASE("acceptance: 89 cases and eleven models of TensorFlow Lite Micro are read and written") {
  const fs::path folder = test::test_data("mcu-tflm-golden");
  if (folder.empty()) return;
  const CsvTable cases = CsvTable::parse(read_file(folder / "cases.csv"), "cases.csv");
  CHECK(cases.rows() == 89);
  for (std::size_t row = 0; row < cases.rows(); ++row) {
    const fs::path path =
        folder / "seanet" / (std::string(cases.at(row, cases.column("case"))) + ".tflite");
    check_round_trip(path);
    const MicroProgram program = to_program(read_tflite(path));
    CHECK(program.steps.size() == 1);
    CHECK(name_of(program.steps[0]) == cases.at(row, cases.column("op")));
    CHECK(program.steps[0].version == number(cases, row, "version"));
  }
  const CsvTable models = CsvTable::parse(read_file(folder / "models.csv"), "models.csv");
  CHECK(models.rows() == 11);
  for (std::size_t row = 0; row < models.rows(); ++row) {
    const fs::path path = folder / "models" / std::string(models.at(row, models.column("file")));
    CAPTURE(path.string());
    const TfliteModel model = read_tflite(path);
    CHECK(static_cast<std::int64_t>(model.operators.size()) == number(models, row, "ops"));
    CHECK(static_cast<std::int64_t>(model.tensors.size()) == number(models, row, "tensors"));
    CHECK(static_cast<std::int64_t>(model.buffers.size()) == number(models, row, "buffers"));
    std::map<std::string, int> counts;
    for (const TfliteOperator& op : model.operators) ++counts[operator_name(op)];
    for (const std::string& entry : split_words(models.at(row, models.column("operators")))) {
      const std::vector<std::string> parts = split(entry, ':');
      const std::string custom = "custom '" + parts[0] + "'";
      CHECK(counts[counts.contains(parts[0]) ? parts[0] : custom] == parse_int(parts[1]));
    }
    std::int64_t variables = 0;
    for (const TfliteTensor& tensor : model.tensors) variables += tensor.is_variable ? 1 : 0;
    CHECK(variables == number(models, row, "variable_tensors"));
  }
}

TEST_CASE("acceptance: what can be planned of foreign models is read, and Vela's is refused") {
  const fs::path folder = test::test_data("mcu-tflm-golden");
  if (folder.empty()) return;
  for (const auto& entry : fs::directory_iterator(folder / "models")) {
    if (entry.path().extension() != ".tflite") continue;
    CAPTURE(entry.path().string());
    const bool vela = entry.path().stem() == "person_detect_vela";
    const std::string error = error_of(entry.path());
    CHECK(error.empty() != vela);
    if (vela) {
      CHECK(error.find("compiled for an Arm Ethos-U") != std::string::npos);
      CHECK_FALSE(stated_offsets(read_tflite(entry.path())).empty());
    }
  }
  const MicroProgram person = to_program(read_tflite(folder / "models" / "person_detect.tflite"));
  CHECK(micro_macs(person) == 7'157'888);
  CHECK(parameters(person) == 210'706);
}

}  // namespace nas
