#include "core/int8/executor.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/util/error.h"
#include "core/util/rng.h"

namespace nas {
namespace {

MicroTensor int8_tensor(std::string name, std::vector<std::int64_t> dims, float scale,
                        std::int64_t zero_point) {
  return {.name = std::move(name),
          .dims = std::move(dims),
          .quantisation = {.scales = {scale}, .zero_points = {zero_point}}};
}

/// One step from tensor 0 (and further constants) to the last tensor.
MicroProgram one_step(MicroOp op, std::vector<MicroTensor> tensors, MicroOptions options = {}) {
  MicroProgram program{.name = "test", .tensors = std::move(tensors)};
  MicroStep step{.op = op, .options = options};
  const int last = static_cast<int>(program.tensors.size()) - 1;
  for (int i = 0; i < last; ++i) step.inputs.push_back(i);
  step.outputs = {last};
  program.steps = {step};
  program.inputs = {0};
  program.outputs = {last};
  return program;
}

std::string int32_bytes(const std::vector<std::int32_t>& values) {
  std::string data(values.size() * 4, '\0');
  std::memcpy(data.data(), values.data(), data.size());
  return data;
}

std::vector<int> run_int8(const MicroProgram& program, const std::vector<std::int8_t>& input) {
  MicroExecutor executor(program);
  std::ranges::copy(input, executor.int8(program.inputs[0]).begin());
  executor.run();
  const auto out = executor.int8(program.outputs[0]);
  return {out.begin(), out.end()};
}

std::vector<std::int8_t> all_numbers() {
  std::vector<std::int8_t> numbers;
  for (int x = -128; x < 128; ++x) numbers.push_back(static_cast<std::int8_t>(x));
  return numbers;
}

/// A function of single numbers against its real one: within one step, as every number is rounded.
void check_function(MicroOp op, MicroTensor in, MicroTensor out, double (*f)(double)) {
  in.dims = out.dims = {1, 256};
  const std::vector<int> results = run_int8(one_step(op, {in, out}), all_numbers());
  for (int x = -128; x < 128; ++x) {
    const double real =
        static_cast<double>(in.quantisation.scale()) * (x - in.quantisation.zero_point());
    const double exact =
        f(real) / static_cast<double>(out.quantisation.scale()) + out.quantisation.zero_point();
    CAPTURE(x);
    CHECK(std::abs(results[static_cast<std::size_t>(x + 128)] - std::clamp(exact, -128.0, 127.0)) <=
          1.0);
  }
}

}  // namespace

TEST_CASE("int8: activations follow their functions within one step") {
  const MicroTensor wide = int8_tensor("x", {}, 0.05F, 10);
  check_function(MicroOp::kLogistic, wide, int8_tensor("y", {}, 1.0F / 256, -128),
                 [](double x) { return 1 / (1 + std::exp(-x)); });
  check_function(MicroOp::kTanh, wide, int8_tensor("y", {}, 1.0F / 128, 0),
                 [](double x) { return std::tanh(x); });
  check_function(MicroOp::kHardSwish, wide, int8_tensor("y", {}, 0.03F, -116),
                 [](double x) { return x * std::clamp(x + 3, 0.0, 6.0) / 6; });
  check_function(MicroOp::kGelu, wide, int8_tensor("y", {}, 0.03F, -116),
                 [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); });
  const MicroTensor positive = int8_tensor("x", {}, 0.02F, -128);
  check_function(MicroOp::kRsqrt, positive, int8_tensor("y", {}, 0.03F, -128), [](double x) {
    // At 0, whose function is infinite, the largest number.
    return x > 0 ? 1 / std::sqrt(x) : 1e3;
  });
  check_function(MicroOp::kRelu, wide, int8_tensor("y", {}, 0.03F, -128),
                 [](double x) { return std::max(x, 0.0); });
  check_function(MicroOp::kRelu6, wide, int8_tensor("y", {}, 0.03F, -128),
                 [](double x) { return std::clamp(x, 0.0, 6.0); });
}

TEST_CASE("int8: softmax gives shares that sum to one") {
  const MicroProgram program =
      one_step(MicroOp::kSoftmax,
               {int8_tensor("x", {2, 4}, 0.1F, 3), int8_tensor("y", {2, 4}, 1.0F / 256, -128)});
  const std::vector<int> out = run_int8(program, {0, 10, 20, 30, 5, 5, 5, 5});
  double sum = 0;
  for (int i = 0; i < 4; ++i) sum += std::exp(i);
  for (int i = 0; i < 4; ++i) {
    CHECK(std::abs(out[static_cast<std::size_t>(i)] + 128 - 256 * std::exp(i) / sum) <= 1);
    CHECK(out[static_cast<std::size_t>(4 + i)] == -64);
  }
}

TEST_CASE("int8: a strided convolution with padding equals the sum written out") {
  // One channel, 4x4, kernel 3, stride 2, SAME: nothing before, one row and column behind.
  MicroTensor weights{.name = "w",
                      .dims = {1, 3, 3, 1},
                      .quantisation = {.scales = {1.0F}, .zero_points = {0}},
                      .constant = true,
                      .data = std::string("\1\2\3\4\5\6\7\10\11", 9)};
  MicroTensor bias{.name = "b",
                   .element = MicroElement::kInt32,
                   .dims = {1},
                   .constant = true,
                   .data = int32_bytes({4})};
  const MicroProgram program = one_step(
      MicroOp::kConv2d,
      {int8_tensor("x", {1, 4, 4, 1}, 1, -1), weights, bias, int8_tensor("y", {1, 2, 2, 1}, 1, 0)},
      {.padding = MicroPadding::kSame, .stride_h = 2, .stride_w = 2});
  std::vector<std::int8_t> image(16);
  for (int i = 0; i < 16; ++i)
    image[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i % 3 - 1);
  std::vector<int> expected;
  for (int row = 0; row < 2; ++row) {
    for (int column = 0; column < 2; ++column) {
      int sum = 4;
      for (int i = 0; i < 3; ++i) {
        for (int j = 0; j < 3; ++j) {
          const int y = 2 * row + i, x = 2 * column + j;
          if (y < 4 && x < 4) sum += (4 * y + x) % 3 * (3 * i + j + 1);
        }
      }
      expected.push_back(sum);
    }
  }
  CHECK(run_int8(program, image) == expected);
}

TEST_CASE("int8: operands are broadcast from the last dimension on") {
  MicroTensor gate = int8_tensor("g", {1, 1, 1, 2}, 1, 0);
  gate.constant = true;
  gate.data = std::string("\2\3", 2);
  const MicroProgram program = one_step(MicroOp::kMul, {int8_tensor("x", {1, 2, 1, 2}, 1, 0), gate,
                                                        int8_tensor("y", {1, 2, 1, 2}, 1, 0)});
  CHECK(run_int8(program, {1, 2, 3, -4}) == std::vector<int>{2, 6, 6, -12});
}

TEST_CASE("int8: all steps that cannot be executed are named in one error") {
  MicroProgram program =
      one_step(MicroOp::kOther, {int8_tensor("x", {1, 2}, 1, 0), int8_tensor("y", {1, 2}, 1, 0)});
  program.steps[0].name = "ethos-u";
  program.tensors.push_back(int8_tensor("z", {1, 3}, 1, 0));
  // A file's names may hold anything; an error stays one line.
  program.steps.push_back(
      {.op = MicroOp::kRelu, .name = "a\n\x1b[2J", .inputs = {1}, .outputs = {2}});
  try {
    MicroExecutor executor(program);
    FAIL("no error");
  } catch (const Error& error) {
    const std::string text = error.what();
    CHECK(error.kind() == ErrorKind::kUnsupported);
    CHECK(text.find("ethos-u") != std::string::npos);
    CHECK(text.find("RELU 'a") != std::string::npos);
    CHECK(std::ranges::none_of(text, [](unsigned char c) { return c < ' '; }));
  }
}

TEST_CASE("int8: scales and zero points that mean nothing are refused") {
  const auto refused = [](float scale, std::int64_t zero_point) {
    const MicroTensor odd = int8_tensor("x", {1, 2}, scale, zero_point);
    const MicroTensor good = int8_tensor("y", {1, 2}, 1, 0);
    CHECK_THROWS_AS(MicroExecutor(one_step(MicroOp::kRelu, {odd, good})), Error);
    CHECK_THROWS_AS(MicroExecutor(one_step(MicroOp::kLogistic, {odd, good})), Error);
  };
  refused(0, 0);
  refused(-1, 0);
  refused(std::nanf(""), 0);
  refused(1, 1000);
}

TEST_CASE("int8: a plan that shares memory gives the answers of separate tensors") {
  MicroProgram program =
      one_step(MicroOp::kRelu, {int8_tensor("x", {1, 4}, 1, 0), int8_tensor("y", {1, 4}, 1, 0)});
  MicroExecutor executor(program, {.offsets = {0, 0}, .bytes = 4});
  const std::int8_t input[] = {-3, 5, -7, 9};
  std::ranges::copy(input, executor.int8(0).begin());
  executor.run();
  CHECK(std::ranges::equal(executor.int8(1), std::vector<std::int8_t>{0, 5, 0, 9}));
  CHECK_THROWS_AS(MicroExecutor(program, {.offsets = {0, 1}, .bytes = 4}), Error);
}

}  // namespace nas
