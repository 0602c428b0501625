#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>

#include "core/tflite/export_program.h"
#include "core/tflite/import_graph.h"
#include "core/tflite/import_program.h"
#include "core/tflite/read_tflite.h"
#include "core/tflite/write_tflite.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "tests/core/onnx/mutate.h"
#include "tests/core/tflite/program_maker.h"
#include "tests/test_data.h"

namespace nas {
namespace {

using test::every_operator;
using test::ProgramMaker;

std::string error_of(const std::string& bytes, const TfliteLimits& limits = {}) {
  try {
    const TfliteModel model = parse_tflite(bytes, "m.tflite", limits);
    to_program(model);
    try {
      to_graph(model, true).graph.check();
    } catch (const Error& error) {
      CHECK(error.kind() != ErrorKind::kInternal);  // not every program is a graph
    }
  } catch (const Error& error) {
    CHECK(error.kind() != ErrorKind::kInternal);
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
  return "";
}

std::string error_of(const TfliteModel& model) {
  return error_of(format_tflite(model));
}

bool has(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

TfliteModel small() {
  ProgramMaker maker;
  const int x = maker.conv(maker.input({1, 8, 8, 3}), 4, 3, 3, {});
  maker.program.outputs = {maker.add(MicroOp::kRelu, {x}, maker.value({1, 6, 6, 4}))};
  return to_tflite(maker.program);
}

/// How many of the damaged copies that fit into `seconds` still are programs.
std::size_t readable(const std::string& bytes, double seconds, std::uint64_t seed,
                     std::size_t& copies) {
  using Clock = std::chrono::steady_clock;
  Rng rng({.seed = seed, .purpose = Purpose::kTest});
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  std::size_t good = 0;
  for (copies = 0; Clock::now() < end; ++copies) {
    good += error_of(test::mutate(bytes, rng)).empty() ? 1 : 0;
  }
  return good;
}

}  // namespace

TEST_CASE("tflite: the small model of these tests is read") {
  CHECK(error_of(small()) == "");
}

TEST_CASE("tflite: a file that is not a model is called by its name") {
  CHECK(has(error_of(std::string()), "empty"));
  CHECK(has(error_of(std::string("<!DOCTYPE html><html><title>404</title>")), "web page"));
  CHECK(has(error_of(std::string("just some text, not a model")), "the mark TFL3 is not there"));
  CHECK(has(error_of(std::string("\xff\xff\xff\xff") + "TFL3" + std::string(20, '\0')),
            "an offset leads out of the file"));
  CHECK(has(error_of(std::string(4, '\0') + "TFL3"), "an offset leads out of the file"));
}

TEST_CASE("tflite: a file that is cut off anywhere is one clear error") {
  const std::string bytes = format_tflite(small());
  std::size_t refused = 0;
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    refused += error_of(bytes.substr(0, length)).empty() ? 0 : 1;
  }
  // Padding behind the last table is all that may be missing.
  CHECK(refused + 8 >= bytes.size());
}

TEST_CASE("tflite: damaged copies are refused or read, and nothing else, for two seconds") {
  std::size_t copies = 0;
  const std::size_t good = readable(format_tflite(to_tflite(every_operator())), 2, 1, copies);
  CHECK(copies > 500);
  CHECK(good < copies);
}

TEST_CASE("tflite: tensors that claim more than they have, or than there can be, take no memory") {
  TfliteModel model = small();
  model.tensors[1].shape = {1 << 30, 1 << 30, 1, 1};
  CHECK(has(error_of(model), "tensor 1: more than 2147483648 numbers"));
  model.tensors[1].shape = {4, 3, 3, 4};
  CHECK(has(error_of(model), "tensor 1: 144 numbers of int8 take 144 bytes, its buffer has 108"));
  model.tensors[1].shape = {4, -3, 3, 3};
  CHECK(has(error_of(model), "a dimension of -3"));
  model.tensors[1].shape.assign(9, 1);
  CHECK(has(error_of(model), "9 dimensions, the limit is 8"));
  model = small();
  model.tensors[1].buffer = 99;
  CHECK(has(error_of(model), "tensor 1: buffer 99 of 3"));
  model = small();
  model.tensors[1].quantisation.scales.pop_back();
  CHECK(has(error_of(model), "3 scales, but 4 zero points"));
  model.tensors[1].quantisation.zero_points.pop_back();
  CHECK(has(error_of(model), "3 scales do not fit dimension 0"));
}

TEST_CASE("tflite: limits hold for tensors, operators, lists and names") {
  const std::string bytes = format_tflite(small());
  CHECK(has(error_of(bytes, {.tensors = 2}), "it has 3 buffers, the limit is 2"));
  CHECK(has(error_of(bytes, {.operators = 1}), "it has 2 operator codes, the limit is 1"));
  CHECK(has(error_of(bytes, {.items = 20}), "its lists have too many entries"));
  CHECK(has(error_of(bytes, {.text_bytes = 3}), "its names are too long"));
  CHECK(has(error_of(bytes, {.rank = 3}), "4 dimensions, the limit is 3"));
}

TEST_CASE("tflite: a model that contradicts itself") {
  TfliteModel model = small();
  model.operators[1].inputs[0] = 4;  // what it makes itself: a cycle
  CHECK(has(error_of(model), "reads tensor 4 before it is made"));

  model = small();
  model.operators[1].outputs = {3};
  CHECK(has(error_of(model), "makes tensor 3, which is there already"));

  model = small();
  model.operators[0].inputs[0] = 17;
  CHECK(has(error_of(model), "operator 0: it names tensor 17 of"));

  model = small();
  model.outputs.clear();
  CHECK(has(error_of(model), "it has no output"));

  model = small();
  model.tensors[3].shape = {1, 5, 6, 4};
  CHECK(has(error_of(model),
            "step 0 (CONV_2D): its output is stated as [1, 5, 6, 4], but it is [1, 6, 6, 4]"));

  model = small();
  model.operators[0].numbers.clear();  // no options: a stride of 0
  CHECK(has(error_of(model), "a window of 3 with stride 0"));

  model = small();
  model.operators[0].inputs.pop_back();
  CHECK(error_of(model) == "");  // the bias may be missing
  model.operators[0].inputs.pop_back();
  CHECK(has(error_of(model), "operand 1 is missing"));

  model = small();
  model.version = 2;
  CHECK(has(error_of(model), "version 2 of the format; version 3 is read"));
}

TEST_CASE("acceptance: a model with 200 MB of weights is planned without a copy of them") {
  ProgramMaker maker;
  const int x = maker.input({1, 8192});
  const int w = maker.value({25600, 8192}, 0.01F, 0);
  maker.program.tensors[static_cast<std::size_t>(w)].constant = true;
  maker.program.tensors[static_cast<std::size_t>(w)].data = std::string(25600 * 8192, '\1');
  maker.program.outputs = {
      maker.add(MicroOp::kFullyConnected, {x, w}, maker.value({1, 25600}, 0.1F, 0))};
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "large.tflite", format_tflite(to_tflite(maker.program)));
  const TfliteModel model = read_tflite(folder.path() / "large.tflite");
  CHECK(model.bytes(model.tensors[1]).data() > model.memory->data());
  const MicroProgram bare = to_program(model, false);
  CHECK(bare.tensors[1].data.empty());
  CHECK(constant_bytes(bare) == 25600 * 8192);
}

TEST_CASE("acceptance: damaged copies of the golden files are refused or read") {
  const auto suite = test::test_data("mcu-mlperf-tiny"),
             goldens = test::test_data("mcu-tflm-golden");
  if (suite.empty() || goldens.empty()) return;
  std::size_t files = 0, copies = 0;
  for (const auto& folder : {suite / "models", goldens / "models"}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() != ".tflite") continue;
      CAPTURE(entry.path().string());
      CHECK(readable(read_file(entry.path()), 0.4, ++files, copies) < copies);
    }
  }
  CHECK(files == 20);
}

}  // namespace nas
