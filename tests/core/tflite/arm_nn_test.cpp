#include "tests/core/tflite/arm_nn.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "core/int8/executor.h"
#include "core/tflite/export_program.h"
#include "core/tflite/import_program.h"
#include "core/tflite/read_tflite.h"
#include "core/tflite/write_tflite.h"
#include "core/util/rng.h"
#include "tests/core/tflite/program_maker.h"
#include "tests/test_data.h"

// The files that we write, read and run by an engine that is not ours: Arm NN's TfLite parser with
// its reference back end, which computes in real numbers between the scales. It rounds where the
// integers of TensorFlow Lite Micro round twice, so that single numbers differ by a step.

namespace nas {
namespace {

using Bytes = std::vector<signed char>;

Bytes random_input(const MicroProgram& program, std::uint64_t seed) {
  Rng rng({.seed = seed, .purpose = Purpose::kTest});
  const MicroTensor& tensor = program.tensors[static_cast<std::size_t>(program.inputs.at(0))];
  Bytes values(static_cast<std::size_t>(tensor.elements()));
  for (signed char& value : values) value = static_cast<signed char>(rng.below(256) - 128);
  return values;
}

Bytes our_answer(const MicroProgram& program, const Bytes& input) {
  MicroExecutor executor(program);
  std::memcpy(executor.bytes(program.inputs.at(0)).data(), input.data(), input.size());
  executor.run();
  const auto output = executor.int8(program.outputs.at(0));
  return {output.begin(), output.end()};
}

struct Difference {
  int largest = 0;
  std::size_t numbers = 0, differing = 0;

  void add(const Bytes& ours, const Bytes& theirs) {
    REQUIRE(ours.size() == theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      const int one = std::abs(ours[i] - theirs[i]);
      largest = std::max(largest, one);
      differing += one > 0 ? 1 : 0;
    }
    numbers += ours.size();
  }
};

/// Up to the logits: a softmax makes many steps of one.
MicroProgram without_softmax(MicroProgram program) {
  if (program.steps.back().op != MicroOp::kSoftmax) return program;
  program.outputs = {program.steps.back().inputs[0]};
  program.output_names.clear();
  program.steps.pop_back();
  return program;
}

/// One step of a program as a network: its first computed operand is the input, others that were
/// computed become constants with what our executor says of them.
MicroProgram single_step(const MicroProgram& program, MicroExecutor& executor, std::size_t index) {
  MicroProgram alone{.name = "step " + std::to_string(index)};
  MicroStep step = program.steps[index];
  std::map<int, int> places;
  const auto place = [&](int tensor, bool is_input) {
    if (tensor == MicroStep::kAbsent) return tensor;
    const auto [found, added] = places.try_emplace(tensor, static_cast<int>(places.size()));
    if (!added) return found->second;
    MicroTensor copy = program.tensors[static_cast<std::size_t>(tensor)];
    if (is_input && !copy.constant && !alone.inputs.empty()) {
      copy.constant = true;
      const auto bytes = executor.bytes(tensor);
      copy.data.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    } else if (is_input && !copy.constant) {
      alone.inputs.push_back(found->second);
    }
    alone.tensors.push_back(std::move(copy));
    return found->second;
  };
  for (int& input : step.inputs) input = place(input, true);
  for (int& output : step.outputs) output = place(output, false);
  alone.outputs = step.outputs;
  alone.steps.push_back(std::move(step));
  return alone;
}

Bytes bytes_of_tensor(MicroExecutor& executor, int tensor) {
  const auto values = executor.int8(tensor);
  return {values.begin(), values.end()};
}

/// Every step of a program by itself, on the numbers that our executor gives it.
Difference step_differences(const MicroProgram& program, const Bytes& input) {
  MicroExecutor executor(program);
  std::memcpy(executor.bytes(program.inputs.at(0)).data(), input.data(), input.size());
  executor.run();
  Difference all;
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    CAPTURE(i);
    CAPTURE(std::string(name_of(program.steps[i])));
    const MicroProgram alone = single_step(program, executor, i);
    const Bytes from = bytes_of_tensor(executor, program.steps[i].inputs[0]);
    const Bytes theirs = test::arm_nn_answer(format_tflite(to_tflite(alone)), from);
    const int before = std::exchange(all.largest, 0);
    all.add(bytes_of_tensor(executor, program.steps[i].outputs[0]), theirs);
    CHECK(all.largest <= 1);
    all.largest = std::max(all.largest, before);
  }
  return all;
}

std::string words(const Difference& one) {
  return std::to_string(one.differing) + " of " + std::to_string(one.numbers) +
         " numbers differ, by at most " + std::to_string(one.largest);
}

}  // namespace

TEST_CASE("acceptance: Arm NN runs 200 random networks of ours, logits within one step") {
  if (!test::arm_nn_is_here()) return;
  Difference all;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const MicroProgram program = without_softmax(test::random_network(seed));
    const Bytes input = random_input(program, seed);
    const int before = std::exchange(all.largest, 0);
    all.add(our_answer(program, input),
            test::arm_nn_answer(format_tflite(to_tflite(program)), input));
    CHECK(all.largest <= 1);
    all.largest = std::max(all.largest, before);
  }
  MESSAGE(words(all));
}

TEST_CASE("acceptance: Arm NN runs every step of 40 random networks, answers within one step") {
  if (!test::arm_nn_is_here()) return;
  Difference all;
  for (std::uint64_t seed = 1000; seed < 1040; ++seed) {
    CAPTURE(seed);
    const MicroProgram program = test::random_network(seed);
    const Difference one = step_differences(program, random_input(program, seed));
    all.largest = std::max(all.largest, one.largest);
    all.numbers += one.numbers;
    all.differing += one.differing;
  }
  MESSAGE(words(all));
}

TEST_CASE("acceptance: Arm NN runs MLPerf Tiny's int8 models as we write them again") {
  const auto folder = test::test_data("mcu-mlperf-tiny");
  if (folder.empty() || !test::arm_nn_is_here()) return;
  for (const std::string name : {"pretrainedResnet_quant", "kws_ref_model", "vww_96_int8",
                                 "ad01_int8", "str_ww_ref_model"}) {
    CAPTURE(name);
    const MicroProgram whole = to_program(read_tflite(folder / "models" / (name + ".tflite")));
    const MicroProgram program = without_softmax(whole);
    const Bytes input = random_input(program, 1);
    Difference logits;
    logits.add(our_answer(program, input),
               test::arm_nn_answer(format_tflite(to_tflite(program)), input));
    const Difference steps = step_differences(whole, input);
    MESSAGE(name << ": logits: " << words(logits) << "; step by step: " << words(steps));
    CHECK(logits.largest <= 1);
  }
}

}  // namespace nas
