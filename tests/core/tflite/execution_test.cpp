// Published models and single operators, executed to the bit as TensorFlow Lite Micro does.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>
#include <set>
#include <string>

#include "core/int8/executor.h"
#include "core/tflite/import_program.h"
#include "core/tflite/read_tflite.h"
#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/test_data.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

/// One line of integers.
std::vector<std::int64_t> read_numbers(const fs::path& path) {
  std::vector<std::int64_t> numbers;
  for (const std::string& field : split(read_file(path), ',')) {
    numbers.push_back(*parse_int(trim(field)));
  }
  return numbers;
}

const MicroTensor& tensor_of(const MicroProgram& program, int index) {
  return program.tensors[static_cast<std::size_t>(index)];
}

void fill(MicroExecutor& executor, int tensor, const std::vector<std::int64_t>& numbers) {
  const auto size =
      static_cast<std::size_t>(bytes_of(tensor_of(executor.program(), tensor).element));
  const std::span<std::byte> bytes = executor.bytes(tensor);
  REQUIRE(bytes.size() == numbers.size() * size);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::memcpy(bytes.data() + i * size, &numbers[i], size);  // little-endian
  }
}

std::vector<std::int64_t> numbers_of(MicroExecutor& executor, int tensor) {
  const MicroElement element = tensor_of(executor.program(), tensor).element;
  const std::span<std::byte> bytes = executor.bytes(tensor);
  std::vector<std::int64_t> numbers;
  const auto read = [&]<class T>(T value) {
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(T)) {
      std::memcpy(&value, bytes.data() + i, sizeof(T));
      numbers.push_back(static_cast<std::int64_t>(value));
    }
  };
  if (element == MicroElement::kInt8) read(std::int8_t{});
  if (element == MicroElement::kInt16) read(std::int16_t{});
  if (element == MicroElement::kInt32) read(std::int32_t{});
  return numbers;
}

}  // namespace

TEST_CASE("acceptance: 89 cases of eight operators of TensorFlow Lite Micro equal to the bit") {
  const fs::path folder = test::test_data("mcu-tflm-golden");
  if (folder.empty()) return;
  const CsvTable cases = CsvTable::parse(read_file(folder / "cases.csv"), "cases.csv");
  std::size_t values = 0;
  for (std::size_t row = 0; row < cases.rows(); ++row) {
    const std::string name(cases.at(row, cases.column("case")));
    CAPTURE(name);
    const fs::path base = folder / "seanet" / fs::path(name).parent_path();
    MicroExecutor executor(to_program(read_tflite(folder / "seanet" / (name + ".tflite"))));
    const MicroProgram& program = executor.program();
    const auto inputs = split_words(cases.at(row, cases.column("inputs")));
    REQUIRE(inputs.size() == program.inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      fill(executor, program.inputs[i], read_numbers(base / inputs[i]));
    }
    executor.run();
    const auto golden = read_numbers(base / std::string(cases.at(row, cases.column("golden"))));
    CHECK(numbers_of(executor, program.outputs[0]) == golden);
    values += golden.size();
  }
  CHECK(values == 161'664);
}

namespace {

/// The inputs that golden values were taken at (README of mcu-tflm-golden, mcu-mlperf-tiny).
std::vector<std::int64_t> pattern(const std::string& name, std::size_t count, std::int64_t zero) {
  std::vector<std::int64_t> numbers(count, 0);
  std::uint32_t state = 12345;
  for (std::size_t i = 0; i < count; ++i) {
    const auto ramp = static_cast<std::int64_t>(89 * i + 40);
    if (name == "ramp") numbers[i] = ramp % 256 - 128;
    if (name == "near") {
      numbers[i] = std::clamp<std::int64_t>(zero + ramp % 17 - 8, -128, 127);
    }
    if (name == "lcg") {
      state = (1103515245U * state + 12345U) & 0x7FFFFFFFU;
      numbers[i] = static_cast<std::int64_t>((state >> 16) & 255U) - 128;
    }
  }
  return numbers;
}

void set_pattern(MicroExecutor& executor, const fs::path& folder, const std::string& name) {
  const MicroProgram& program = executor.program();
  for (std::size_t k = 0; k < program.inputs.size(); ++k) {
    const MicroTensor& input = tensor_of(program, program.inputs[k]);
    const auto count = static_cast<std::size_t>(input.elements());
    const fs::path file = folder / (name + "_input_int8.csv");
    auto numbers = fs::exists(file) ? read_numbers(file)
                                    : pattern(name, count, input.quantisation.zero_point());
    if (k == 1) std::ranges::reverse(numbers);
    if (input.element == MicroElement::kFloat32) {
      std::vector<float> reals;
      for (const std::int64_t x : numbers) reals.push_back(static_cast<float>(x + 128) / 255.0F);
      executor.set_input(k, reals);
    } else {
      fill(executor, program.inputs[k], numbers);
    }
  }
}

/// Every step of every int8 model of a table, after each of its inputs.
std::map<std::string, int> check_layers(const fs::path& table, const fs::path& models) {
  const CsvTable layers = CsvTable::parse(read_file(table), table.filename().string());
  std::map<std::string, int> left_out;
  std::unique_ptr<MicroExecutor> executor;
  std::string at;
  for (std::size_t row = 0; row < layers.rows(); ++row) {
    const auto field = [&](std::string_view name) {
      return std::string(layers.at(row, layers.column(name)));
    };
    const std::string model = field("model"), key = model + " " + field("input");
    if (left_out.contains(model)) continue;
    CAPTURE(key);
    CAPTURE(field("step"));
    CAPTURE(field("op"));
    if (key != at) {
      at = key;
      try {
        executor =
            std::make_unique<MicroExecutor>(to_program(read_tflite(models / (model + ".tflite"))));
      } catch (const Error&) {
        ++left_out[model];
        continue;
      }
      set_pattern(*executor, models, field("input"));
      executor->run();
    }
    const int tensor = static_cast<int>(*parse_int(field("output_tensor")));
    const auto numbers = numbers_of(*executor, tensor);
    if (numbers.empty()) continue;  // floats
    CHECK(static_cast<std::int64_t>(numbers.size()) == parse_int(field("count")));
    CHECK(std::accumulate(numbers.begin(), numbers.end(), std::int64_t{0}) ==
          parse_int(field("sum")));
    CHECK(*std::ranges::min_element(numbers) == parse_int(field("min")));
    CHECK(*std::ranges::max_element(numbers) == parse_int(field("max")));
    std::vector<std::string> first;
    for (std::size_t i = 0; i < std::min<std::size_t>(8, numbers.size()); ++i) {
      first.push_back(std::to_string(numbers[i]));
    }
    CHECK(join(first, " ") == field("first8"));
  }
  return left_out;
}

}  // namespace

TEST_CASE("acceptance: every layer of MLPerf Tiny's int8 models equal to the bit") {
  const fs::path folder = test::test_data("mcu-mlperf-tiny");
  if (folder.empty()) return;
  const auto left_out = check_layers(folder / "golden_layers.csv", folder / "models");
  // Float models are read and planned, not executed.
  CHECK(left_out.size() == 4);
  for (const auto& [model, count] : left_out) CHECK(model.find("quant") == std::string::npos);
}

TEST_CASE("acceptance: every layer of TensorFlow Lite Micro's models equal to the bit") {
  const fs::path folder = test::test_data("mcu-tflm-golden");
  if (folder.empty()) return;
  CHECK(check_layers(folder / "models" / "golden_layers.csv", folder / "models").empty());
  MicroExecutor sine(to_program(read_tflite(folder / "models" / "hello_world_int8.tflite")));
  const CsvTable golden = CsvTable::parse(
      read_file(folder / "models" / "hello_world_int8_golden.csv"), "hello_world_int8_golden.csv");
  std::int64_t sum = 0;
  for (std::size_t row = 0; row < golden.rows(); ++row) {
    fill(sine, sine.program().inputs[0], {*parse_int(golden.at(row, 0))});
    sine.run();
    const auto out = numbers_of(sine, sine.program().outputs[0]);
    CHECK(out[0] == parse_int(golden.at(row, 1)));
    sum += out[0];
  }
  CHECK(sum == 820);
}

TEST_CASE("acceptance: 2,000 predictions of MLPerf Tiny's ResNet8 equal to the bit") {
  const fs::path folder = test::test_data("mcu-mlperf-tiny");
  const fs::path images = test::test_data("set-cifar10-subset");
  if (folder.empty() || images.empty()) return;
  const CsvTable golden =
      CsvTable::parse(read_file(folder / "ic_predictions.csv.gz"), "ic_predictions.csv.gz");
  const std::string pixels = read_file(images / "test.bin.gz");  // label, R, G, B planes
  constexpr std::size_t kPlane = 32 * 32, kRecord = 1 + 3 * kPlane;
  REQUIRE(golden.rows() == 2000);
  REQUIRE(pixels.size() == golden.rows() * kRecord);
  MicroExecutor net(to_program(read_tflite(folder / "models" / "pretrainedResnet_quant.tflite")));
  const MicroProgram& program = net.program();
  const int logits = program.steps.back().inputs[0];
  std::int64_t correct = 0, sum = 0;
  for (std::size_t row = 0; row < golden.rows(); ++row) {
    const char* record = pixels.data() + row * kRecord;
    const std::span<std::int8_t> input = net.int8(program.inputs[0]);
    for (std::size_t i = 0; i < input.size(); ++i) {
      const auto pixel = static_cast<unsigned char>(record[1 + i % 3 * kPlane + i / 3]);
      input[i] = static_cast<std::int8_t>(pixel - 128);
    }
    net.run();
    const std::span<const std::int8_t> out = net.int8(logits);
    for (std::size_t k = 0; k < out.size(); ++k) {
      CHECK(out[k] == parse_int(golden.at(row, golden.column("int8_logit" + std::to_string(k)))));
      sum += out[k];
    }
    const std::int64_t label = std::ranges::max_element(out) - out.begin();
    CHECK(label == parse_int(golden.at(row, golden.column("int8_pred"))));
    correct += label == record[0] ? 1 : 0;
  }
  CHECK(correct == 1543);
  CHECK(sum == -350'875);
}

}  // namespace nas
