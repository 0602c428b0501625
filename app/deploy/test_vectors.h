#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/int8/executor.h"
#include "core/int8/program.h"

namespace nas {

/// What a device must answer: bytes of all inputs and of all outputs, in the program's order.
struct TestVector {
  std::string name;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
};

/// What a program answers to the bytes of its inputs.
std::vector<std::string> answer_of(MicroExecutor& executor, const std::vector<std::string>& inputs);

/// One for each pattern, as the executor (core/int8/executor.h) answers them: `zero`, `ramp`
/// ((89 i + 40) mod 256 - 128 at flat index i) and `noise` (a linear congruential generator,
/// s = (1103515245 s + 12345) mod 2^31 from 12345, of which bits 16 to 23 count, minus 128); then
/// `samples`, the bytes of an input each. Requires inputs of int8 for the patterns. Throws as the
/// executor.
std::vector<TestVector> test_vectors(const MicroProgram& program,
                                     const std::vector<std::string>& samples);

/// {"schema": "searchlight.test_vectors", "version": 1, "inputs": [{"name", "type", "shape",
/// "scale", "zero_point"}], "outputs": [..], "vectors": [{"name", "inputs": [[..]], "outputs":
/// [[..]]}]}; numbers are those of int8, of other types bytes from 0 to 255.
std::string vectors_json(const MicroProgram& program, std::span<const TestVector> vectors);

/// The same as C: an array of structures, inputs and outputs of a vector one after the other.
std::string vectors_header(const MicroProgram& program, std::span<const TestVector> vectors);
std::string vectors_source(std::span<const TestVector> vectors);

}  // namespace nas
