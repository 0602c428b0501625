#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/int8/executor.h"
#include "core/tflite/import_program.h"
#include "core/tflite/read_tflite.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/test_data.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

/// The inputs of the suite, by flat index: README of mcu-mlperf-tiny, "Golden values".
std::vector<std::int8_t> golden_input(const std::string& name, const MicroTensor& tensor) {
  std::vector<std::int8_t> values(static_cast<std::size_t>(tensor.elements()));
  const std::int64_t zero = tensor.quantisation.zero_point();
  std::uint64_t state = 12345;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto step = static_cast<std::int64_t>(89 * i + 40);
    std::int64_t value = 0;
    if (name == "ramp") value = step % 256 - 128;
    if (name == "near") value = std::clamp<std::int64_t>(zero + step % 17 - 8, -128, 127);
    if (name == "lcg") {
      state = (1103515245 * state + 12345) % (std::uint64_t{1} << 31);
      value = static_cast<std::int64_t>(state >> 16 & 255) - 128;
    }
    values[i] = static_cast<std::int8_t>(value);
  }
  return values;
}

void fill(MicroExecutor& executor, const std::vector<std::int8_t>& values) {
  const auto bytes = executor.bytes(executor.program().inputs.at(0));
  REQUIRE(bytes.size() == values.size());
  std::memcpy(bytes.data(), values.data(), values.size());
}

/// Sum, minimum, maximum and the first eight numbers of an int8 tensor.
std::string summary(std::span<const std::int8_t> values) {
  std::int64_t sum = 0, least = 127, most = -128;
  std::string first;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += values[i];
    least = std::min<std::int64_t>(least, values[i]);
    most = std::max<std::int64_t>(most, values[i]);
    if (i < 8) first += (i == 0 ? "" : " ") + std::to_string(values[i]);
  }
  return std::to_string(sum) + "," + std::to_string(least) + "," + std::to_string(most) + "," +
         first;
}

bool is_int8_model(const MicroProgram& program) {
  return program.tensors[static_cast<std::size_t>(program.inputs.at(0))].element ==
         MicroElement::kInt8;
}

/// What the executor says after each step of a model is what `golden_layers.csv` says, to the bit.
/// Returns how many rows were compared.
std::size_t check_layers(const fs::path& folder, const fs::path& golden) {
  const CsvTable table = CsvTable::parse(read_file(golden), "golden_layers.csv");
  std::map<std::string, MicroExecutor> executors;
  std::string last;
  std::size_t compared = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto cell = [&](std::string_view column) {
      return std::string(table.at(row, table.column(column)));
    };
    const std::string model = cell("model"), input = cell("input");
    const fs::path file = folder / (model + ".tflite");
    if (!executors.contains(model)) {
      MicroProgram program = to_program(read_tflite(file));
      if (!is_int8_model(program)) continue;
      executors.emplace(model, MicroExecutor(std::move(program)));
    }
    if (input != "ramp" && input != "near" && input != "lcg" && input != "zero") continue;
    MicroExecutor& executor = executors.at(model);
    if (std::exchange(last, model + " " + input) != model + " " + input) {
      const int tensor = executor.program().inputs.at(0);
      fill(executor,
           golden_input(input, executor.program().tensors[static_cast<std::size_t>(tensor)]));
      executor.run();
    }
    CAPTURE(last);
    CAPTURE(cell("step"));
    const int tensor = static_cast<int>(*parse_int(cell("output_tensor")));
    const std::string expected =
        cell("sum") + "," + cell("min") + "," + cell("max") + "," + cell("first8");
    CHECK(summary(executor.int8(tensor)) == expected);
    ++compared;
  }
  return compared;
}

}  // namespace

TEST_CASE("acceptance: five int8 models of MLPerf Tiny: every layer equals the golden values") {
  const fs::path folder = test::test_data("mcu-mlperf-tiny");
  if (folder.empty()) return;
  // 81 operators of five models (16 + 13 + 31 + 10 + 11), four inputs.
  CHECK(check_layers(folder / "models", folder / "golden_layers.csv") == 4 * 81);
}

TEST_CASE("acceptance: five int8 models of MLPerf Tiny: logits and outputs") {
  const fs::path folder = test::test_data("mcu-mlperf-tiny");
  if (folder.empty()) return;
  const CsvTable table =
      CsvTable::parse(read_file(folder / "golden_outputs.csv"), "golden_outputs.csv");
  CHECK(table.rows() == 5324);
  std::map<std::string, std::vector<std::int8_t>> logits, outputs;
  std::size_t compared = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string model(table.at(row, 0)), input(table.at(row, 1));
    const std::string key = model + " " + input;
    if (!outputs.contains(key)) {
      MicroProgram program = to_program(read_tflite(folder / "models" / (model + ".tflite")));
      outputs[key] = {};
      if (!is_int8_model(program)) continue;
      const MicroStep last = program.steps.back();
      MicroExecutor executor(std::move(program));
      const int tensor = executor.program().inputs.at(0);
      fill(executor,
           golden_input(input, executor.program().tensors[static_cast<std::size_t>(tensor)]));
      executor.run();
      const auto made = executor.int8(last.outputs[0]), read = executor.int8(last.inputs[0]);
      outputs[key].assign(made.begin(), made.end());
      logits[key].assign(read.begin(), read.end());
    }
    if (outputs[key].empty()) continue;
    const auto k = static_cast<std::size_t>(*parse_int(table.at(row, 2)));
    CAPTURE(key);
    CAPTURE(k);
    if (!table.at(row, 3).empty()) CHECK(logits[key].at(k) == *parse_int(table.at(row, 3)));
    CHECK(outputs[key].at(k) == *parse_int(table.at(row, 4)));
    ++compared;
  }
  CHECK(compared == 5324 / 2 + 6);  // of four pairs, and the wake word that has no float model
}

TEST_CASE("acceptance: 2,000 predictions of ResNet8 in int8 on images of CIFAR-10") {
  const fs::path folder = test::test_data("mcu-mlperf-tiny");
  const fs::path images = test::test_data("set-cifar10-subset");
  if (folder.empty() || images.empty()) return;
  const CsvTable table =
      CsvTable::parse(read_file(folder / "ic_predictions.csv.gz"), "ic_predictions.csv");
  const std::string bytes = read_file(images / "test.bin.gz");
  constexpr std::size_t kPixels = 3 * 32 * 32, kRecord = kPixels + 1;
  REQUIRE(table.rows() == 2000);
  REQUIRE(bytes.size() == 2000 * kRecord);
  MicroExecutor executor(
      to_program(read_tflite(folder / "models" / "pretrainedResnet_quant.tflite")));
  const int logits = executor.program().steps.back().inputs[0];
  std::int64_t sum = 0, correct = 0, equal = 0;
  std::vector<std::int8_t> image(kPixels);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::size_t record = static_cast<std::size_t>(*parse_int(table.at(row, 0))) * kRecord;
    for (std::size_t place = 0; place < 1024; ++place) {  // planes in the file, places here
      for (std::size_t channel = 0; channel < 3; ++channel) {
        const auto pixel = static_cast<unsigned char>(bytes[record + 1 + channel * 1024 + place]);
        image[place * 3 + channel] = static_cast<std::int8_t>(pixel - 128);
      }
    }
    fill(executor, image);
    executor.run();
    const auto made = executor.int8(logits);
    const auto predicted = std::ranges::max_element(made) - made.begin();
    equal += predicted == *parse_int(table.at(row, table.column("int8_pred"))) ? 1 : 0;
    correct += predicted == *parse_int(table.at(row, table.column("label"))) ? 1 : 0;
    for (std::size_t k = 0; k < made.size(); ++k) {
      sum += made[k];
      const std::size_t column = table.column("int8_logit0") + k;
      if (made[k] != *parse_int(table.at(row, column)))
        FAIL_CHECK("row " << row << ", logit " << k);
    }
  }
  CHECK(equal == 2000);
  CHECK(correct == 1543);
  CHECK(sum == -350'875);
}

TEST_CASE("acceptance: models of TensorFlow Lite Micro in int8: layers and whole outputs") {
  const fs::path folder = test::test_data("mcu-tflm-golden");
  if (folder.empty()) return;
  MicroExecutor sine(to_program(read_tflite(folder / "models" / "hello_world_int8.tflite")));
  const CsvTable table = CsvTable::parse(
      read_file(folder / "models" / "hello_world_int8_golden.csv"), "hello_world_int8_golden.csv");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    fill(sine, {static_cast<std::int8_t>(*parse_int(table.at(row, 0)))});
    sine.run();
    CHECK(sine.int8(sine.program().outputs[0])[0] == *parse_int(table.at(row, 1)));
  }
  MicroExecutor person(to_program(read_tflite(folder / "models" / "person_detect.tflite")));
  const std::pair<const char*, std::pair<int, int>> kScores[] = {
      {"person_input_int8.csv", {-113, 113}}, {"no_person_input_int8.csv", {57, -57}}};
  for (const auto& [file, scores] : kScores) {
    std::vector<std::int8_t> image;
    for (const std::string& number : split(read_file(folder / "models" / file), ',')) {
      image.push_back(static_cast<std::int8_t>(*parse_int(trim(number))));
    }
    fill(person, image);
    person.run();
    const auto made = person.int8(person.program().outputs[0]);
    CHECK(made[0] == scores.first);
    CHECK(made[1] == scores.second);
  }
}

}  // namespace nas
