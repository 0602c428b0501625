#include <doctest/doctest.h>

#include <set>

#include "core/tflite/export_program.h"
#include "core/tflite/import_program.h"
#include "core/tflite/operators.h"
#include "core/tflite/read_tflite.h"
#include "core/tflite/write_tflite.h"
#include "core/util/error.h"
#include "tests/core/tflite/program_maker.h"

namespace nas {
namespace {

using test::every_operator;
using test::ProgramMaker;

/// With the versions that a file states.
MicroProgram as_in_file(MicroProgram program) {
  for (MicroStep& step : program.steps) step.version = operator_version(program, step);
  return program;
}

MicroProgram through_bytes(const MicroProgram& program) {
  return to_program(parse_tflite(format_tflite(to_tflite(program)), program.name));
}

std::string error_of(const MicroProgram& program) {
  try {
    to_tflite(program);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("tflite: a program with every operator comes back from its bytes as it was") {
  const MicroProgram program = as_in_file(every_operator());
  std::set<MicroOp> used;
  for (const MicroStep& step : program.steps) used.insert(step.op);
  CHECK(used.size() == micro_ops().size());
  CHECK((through_bytes(program) == program));
}

TEST_CASE("tflite: random networks come back from their bytes as they were") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    const MicroProgram program = as_in_file(test::random_network(seed));
    CHECK((through_bytes(program) == program));
  }
}

TEST_CASE("tflite: what is written is read as the same model, and written as the same bytes") {
  TfliteModel model =
      to_tflite(every_operator(),
                {.description = "every operator",
                 .offsets = std::vector<std::int32_t>(every_operator().tensors.size(), -1)});
  const std::string bytes = format_tflite(model);
  const TfliteModel again = parse_tflite(bytes, model.source);
  CHECK(same_model(again, model));
  CHECK(format_tflite(again) == bytes);
  CHECK(stated_offsets(again).size() == model.tensors.size());
  CHECK(again.description == "every operator");
  model.operators[0].numbers[1] = 7;
  CHECK_FALSE(same_model(again, model));
}

TEST_CASE("tflite: numbers of constants begin at multiples of 16 bytes of the file") {
  const std::string bytes = format_tflite(to_tflite(every_operator()));
  const TfliteModel model = parse_tflite(bytes, "m");
  for (const TfliteBuffer& buffer : model.buffers) {
    if (!buffer.bytes.empty()) CHECK((buffer.bytes.data() - model.memory->data()) % 16 == 0);
  }
}

TEST_CASE("tflite: operators of int8 have the versions that engines expect of them") {
  const MicroProgram program = as_in_file(every_operator());
  for (const MicroStep& step : program.steps) {
    if (step.op == MicroOp::kConv2d || step.op == MicroOp::kDepthwiseConv2d) {
      CHECK(step.version == 3);
    }
    if (step.op == MicroOp::kFullyConnected) CHECK(step.version == 4);
    if (step.op == MicroOp::kAdd || step.op == MicroOp::kSoftmax) CHECK(step.version == 2);
    if (step.op == MicroOp::kReshape) CHECK(step.version == 1);
  }
}

TEST_CASE("tflite: what no file can say is named, all steps in one error") {
  MicroProgram program = every_operator();
  program.steps[0].options.padding = MicroPadding::kExplicit;
  program.steps[3].op = MicroOp::kOther;
  program.steps[3].name = "SVDF";
  CHECK(error_of(program) ==
        "no .tflite file can be written of step 0 (CONV_2D) with a padding of its own, step 3 "
        "(SVDF)");
  program = every_operator();
  program.tensors[1].data.clear();
  CHECK(error_of(program) == "tensor 't1' is constant, but its numbers are not there");
}

TEST_CASE("tflite: without numbers a program has the shapes, and small constants alone") {
  ProgramMaker maker;
  int x = maker.conv(maker.input({1, 9, 9, 64}), 64, 3, 3, {});
  const int dims = maker.ints({1, 3136});
  x = maker.add(MicroOp::kReshape, {x, dims}, maker.value({1, 3136}));
  maker.program.outputs = {x};
  const TfliteModel model = parse_tflite(format_tflite(to_tflite(maker.program)), "m");
  const MicroProgram bare = to_program(model, false);
  CHECK(bare.tensors[1].data.empty());
  CHECK(bare.tensors[1].constant);
  CHECK(bare.tensors[4].data.size() == 8);
  CHECK(micro_macs(bare) == micro_macs(maker.program));
  CHECK(constant_bytes(bare) == constant_bytes(maker.program));
}

}  // namespace nas
