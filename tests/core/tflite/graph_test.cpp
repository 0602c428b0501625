#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>

#include "core/ir/cost.h"
#include "core/ir/forms/text_form.h"
#include "core/tflite/export_program.h"
#include "core/tflite/import_graph.h"
#include "core/tflite/read_tflite.h"
#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/core/tflite/program_maker.h"
#include "tests/test_data.h"

namespace nas {
namespace {

using test::ProgramMaker;

TfliteNetwork network_of(ProgramMaker& maker, int output) {
  maker.program.outputs = {output};
  maker.program.tensors[static_cast<std::size_t>(output)].name = std::string("y");
  return to_graph(to_tflite(maker.program), true);
}

std::string error_of(const MicroProgram& program) {
  try {
    to_graph(to_tflite(program));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::vector<float> numbers(const TensorFile& file, const std::string& name) {
  const std::string& bytes = file.tensors.at(name).bytes;
  std::vector<float> values(bytes.size() / 4);
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

}  // namespace

TEST_CASE("tflite: layers become those of a graph, channels first, activations of their own") {
  ProgramMaker maker;
  int x = maker.conv(maker.input({1, 8, 8, 3}), 4, 3, 3,
                     {.padding = MicroPadding::kSame, .activation = MicroActivation::kRelu});
  x = maker.depthwise(x, 1, 3, {.padding = MicroPadding::kSame, .stride_h = 2, .stride_w = 2});
  x = maker.add(MicroOp::kAveragePool2d, {x}, maker.value({1, 1, 1, 4}),
                {.filter_h = 4, .filter_w = 4});
  const int dims = maker.ints({1, 4});
  x = maker.add(MicroOp::kReshape, {x, dims}, maker.value({1, 4}));
  x = maker.fully_connected(x, 2);
  const TfliteNetwork network = network_of(maker, x);
  CHECK(to_text(network.graph) ==
        to_text(parse_graph("searchlight-graph 1\n%0 = input() : float[3,8,8]\n"
                            "%1 = conv2d(%0) {out_channels=4, kernel=3, padding=1, bias=true}\n"
                            "%2 = relu(%1)\n%3 = pad(%2) {bottom=1, right=1}\n"
                            "%4 = conv2d(%3) {out_channels=4, kernel=3, stride=2, groups=4, "
                            "bias=true}\n%5 = global_avg_pool(%4) {keep_dims=true}\n"
                            "%6 = reshape(%5) {dim0=1, dim1=1, dim2=4}\n%7 = flatten(%6)\n"
                            "%8 = linear(%7) {out_features=2}\nreturn y=%8\n")));
}

TEST_CASE("tflite: weights are dequantised and turned: [O, H, W, I] to [O, I, H, W]") {
  ProgramMaker maker;
  const TfliteNetwork network =
      network_of(maker, maker.conv(maker.input({1, 6, 6, 3}), 2, 3, 2, {}));
  CHECK(network.graph.params(1).items[0].shape == Shape{2, 3, 3, 2});
  const std::vector<float> weights = numbers(network.weights, "conv2d.weight");
  const MicroTensor& stored = maker.tensor(1);
  for (std::size_t o = 0; o < 2; ++o) {
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t p = 0; p < 6; ++p) {
        const auto number = static_cast<std::int8_t>(stored.data[(o * 6 + p) * 3 + i]);
        CHECK(weights[(o * 3 + i) * 6 + p] == stored.quantisation.scales[o] * number);
      }
    }
  }
  CHECK(numbers(network.weights, "conv2d.bias").size() == 2);
}

TEST_CASE("tflite: an image that is flattened goes by places first, as the file has it") {
  ProgramMaker maker;
  int x = maker.input({1, 2, 3, 4});
  const int dims = maker.ints({1, 24});
  x = maker.add(MicroOp::kReshape, {x, dims}, maker.value({1, 24}));
  const TfliteNetwork network = network_of(maker, x);
  // [C, H, W] -> [C, W, H] -> [H, W, C]
  CHECK(to_text(network.graph) ==
        to_text(parse_graph("searchlight-graph 1\n%0 = input() : float[4,2,3]\n"
                            "%1 = swap_axes(%0) {first=1, second=2}\n"
                            "%2 = swap_axes(%1) {first=0, second=2}\n%3 = flatten(%2)\n"
                            "return y=%3\n")));
}

TEST_CASE("tflite: what no graph can say is named, all of it in one error") {
  MicroProgram program = test::every_operator();
  CHECK(error_of(program) ==
        "made: operators are not supported: RSQRT, LEAKY_RELU, SUB, PADV2, "
        "STRIDED_SLICE, TRANSPOSE_CONV");
  ProgramMaker maker;
  const int x = maker.conv(maker.input({1, 8, 8, 3}), 4, 3, 3, {.stride_h = 2, .stride_w = 1});
  maker.program.outputs = {maker.add(MicroOp::kRelu, {x}, maker.value(maker.tensor(x).dims))};
  CHECK(error_of(maker.program).find("step 0 (CONV_2D): has strides of 2 and 1") !=
        std::string::npos);
}

TEST_CASE("acceptance: MLPerf Tiny's models are graphs with the MACs and parameters of the suite") {
  const auto folder = test::test_data("mcu-mlperf-tiny");
  if (folder.empty()) return;
  const CsvTable models = CsvTable::parse(read_file(folder / "models.csv"), "models.csv");
  for (std::size_t row = 0; row < models.rows(); ++row) {
    const std::string file(models.at(row, models.column("file")));
    CAPTURE(file);
    const TfliteNetwork network = to_graph(read_tflite(folder / "models" / file), true);
    network.graph.check();
    const GraphCost cost = graph_cost(network.graph);
    CHECK(cost.macs == *parse_int(models.at(row, models.column("macs"))));
    CHECK(cost.params == *parse_int(models.at(row, models.column("params"))));
    std::int64_t stored = 0;
    for (const auto& [name, tensor] : network.weights.tensors) {
      stored += static_cast<std::int64_t>(tensor.bytes.size() / 4);
    }
    CHECK(stored == cost.params);
  }
}

}  // namespace nas
