#include "tests/core/tflite/engine_steps.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <map>
#include <utility>

#include "core/int8/executor.h"
#include "core/tflite/export_program.h"
#include "core/tflite/write_tflite.h"
#include "core/util/rng.h"

namespace nas::test {
namespace {

/// The first operand of a step that is computed.
int first_computed(const MicroProgram& program, const MicroStep& step) {
  const auto computed = [&](int tensor) {
    return tensor != MicroStep::kAbsent &&
           !program.tensors[static_cast<std::size_t>(tensor)].constant;
  };
  return *std::ranges::find_if(step.inputs, computed);
}

/// One step of a program as a network: its first computed operand is the input, others that were
/// computed become constants with what our executor says of them.
MicroProgram single_step(const MicroProgram& program, MicroExecutor& executor, std::size_t index) {
  MicroProgram alone{.name = "step " + std::to_string(index)};
  MicroStep step = program.steps[index];
  const int first = first_computed(program, step);
  std::map<int, int> places;
  const auto place = [&](int tensor, bool is_input) {
    if (tensor == MicroStep::kAbsent) return tensor;
    const auto [found, added] = places.try_emplace(tensor, static_cast<int>(places.size()));
    if (!added) return found->second;
    MicroTensor copy = program.tensors[static_cast<std::size_t>(tensor)];
    if (is_input && !copy.constant && tensor != first) {
      copy.constant = true;
      const auto bytes = executor.bytes(tensor);
      copy.data.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    if (tensor == first) alone.inputs = {found->second};
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

/// A convolution whose channels are in groups.
bool is_grouped(const MicroProgram& program, const MicroStep& step) {
  const auto depth = [&](std::size_t operand) {
    return program.tensors[static_cast<std::size_t>(step.inputs[operand])].dims.back();
  };
  return step.op == MicroOp::kConv2d && depth(0) != depth(1);
}

void fill(MicroExecutor& executor, const Bytes& input) {
  std::memcpy(executor.bytes(executor.program().inputs.at(0)).data(), input.data(), input.size());
}

}  // namespace

Bytes random_input(const MicroProgram& program, std::uint64_t seed) {
  Rng rng({.seed = seed, .purpose = Purpose::kTest});
  const MicroTensor& tensor = program.tensors[static_cast<std::size_t>(program.inputs.at(0))];
  Bytes values(static_cast<std::size_t>(tensor.elements()));
  for (signed char& value : values) value = static_cast<signed char>(rng.below(256) - 128);
  return values;
}

Bytes our_answer(const MicroProgram& program, const Bytes& input) {
  MicroExecutor executor(program);
  fill(executor, input);
  executor.run();
  return bytes_of_tensor(executor, program.outputs.at(0));
}

MicroProgram without_softmax(MicroProgram program) {
  if (program.steps.back().op != MicroOp::kSoftmax) return program;
  program.outputs = {program.steps.back().inputs[0]};
  program.output_names.clear();
  program.steps.pop_back();
  return program;
}

void Difference::add(const Bytes& ours, const Bytes& theirs) {
  REQUIRE(ours.size() == theirs.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const int one = std::abs(ours[i] - theirs[i]);
    largest = std::max(largest, one);
    differing += one > 0 ? 1 : 0;
  }
  numbers += ours.size();
}

void Difference::add(const Difference& other) {
  largest = std::max(largest, other.largest);
  numbers += other.numbers;
  differing += other.differing;
  refused.insert(other.refused.begin(), other.refused.end());
}

std::string words(const Difference& one) {
  std::string text = std::to_string(one.differing) + " of " + std::to_string(one.numbers) +
                     " numbers differ, by at most " + std::to_string(one.largest);
  for (const std::string& op : one.refused) text += "; the engine has no " + op;
  return text;
}

Difference step_differences(const OtherEngine& engine, const MicroProgram& program,
                            const Bytes& input) {
  MicroExecutor executor(program);
  fill(executor, input);
  executor.run();
  Difference all;
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const std::string name(name_of(program.steps[i]));
    CAPTURE(i);
    CAPTURE(name);
    if (!engine.reads_groups() && is_grouped(program, program.steps[i])) {
      all.refused.insert("grouped " + name);
      continue;
    }
    const std::string file = format_tflite(to_tflite(single_step(program, executor, i)));
    const Bytes from = bytes_of_tensor(executor, first_computed(program, program.steps[i]));
    Difference one;
    try {
      one.add(bytes_of_tensor(executor, program.steps[i].outputs[0]), engine.answer(file, from));
    } catch (const std::exception&) {
      one.refused.insert(name);
    }
    CHECK(one.largest <= 1);
    all.add(one);
  }
  return all;
}

Difference whole_difference(const OtherEngine& engine, const MicroProgram& program,
                            const Bytes& input) {
  Difference whole;
  whole.add(our_answer(program, input), engine.answer(format_tflite(to_tflite(program)), input));
  return whole;
}

}  // namespace nas::test
