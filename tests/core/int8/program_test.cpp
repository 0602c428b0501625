#include "core/int8/program.h"

#include <doctest/doctest.h>

#include <functional>

#include "core/util/error.h"

namespace nas {
namespace {

/// Two numbers through one RELU.
MicroProgram small_program() {
  MicroProgram program{.name = "small"};
  program.tensors = {{.name = "x", .dims = {1, 2}}, {.name = "y", .dims = {1, 2}}};
  program.steps = {{.op = MicroOp::kRelu, .inputs = {0}, .outputs = {1}}};
  program.inputs = {0};
  program.outputs = {1};
  return program;
}

void expect_refused(const std::function<void(MicroProgram&)>& damage) {
  MicroProgram program = small_program();
  damage(program);
  CHECK_THROWS_AS(program.check(), Error);
}

}  // namespace

TEST_CASE("int8: the record of an operator stands at its place") {
  for (std::size_t i = 0; i < micro_ops().size(); ++i) {
    CAPTURE(micro_ops()[i].name);
    CHECK(static_cast<std::size_t>(micro_ops()[i].op) == i);
  }
  CHECK(micro_ops().size() == static_cast<std::size_t>(MicroOp::kOther));
  CHECK(micro_op_info(MicroOp::kConv2d).name == "CONV_2D");
  CHECK(name_of({.op = MicroOp::kOther, .name = "ethos-u"}) == "ethos-u");
}

TEST_CASE("int8: a program that reads what nobody made is refused") {
  CHECK_NOTHROW(small_program().check());
  expect_refused([](MicroProgram& program) { program.steps[0].inputs = {1}; });
  expect_refused([](MicroProgram& program) { program.steps[0].inputs = {7}; });
  expect_refused([](MicroProgram& program) { program.steps[0].outputs = {0}; });
  expect_refused([](MicroProgram& program) { program.steps[0].outputs = {}; });
  expect_refused([](MicroProgram& program) { program.outputs = {}; });
  expect_refused([](MicroProgram& program) { program.inputs = {-1}; });
  expect_refused([](MicroProgram& program) { program.tensors[0].dims = {-1, 2}; });
  expect_refused([](MicroProgram& program) { program.tensors[0].data = "abc"; });
}

TEST_CASE("int8: bytes follow element and shape, and never overflow") {
  const MicroTensor matrix{.element = MicroElement::kInt32, .dims = {3, 5}};
  CHECK(matrix.bytes() == 60);
  const MicroTensor huge{.element = MicroElement::kInt64, .dims = {1LL << 40, 1LL << 40}};
  CHECK(huge.bytes() == std::numeric_limits<std::int64_t>::max());
}

}  // namespace nas
