#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "core/int8/program.h"
#include "tests/core/tflite/other_engine.h"

namespace nas::test {

/// Random integers for the only input of a program.
Bytes random_input(const MicroProgram& program, std::uint64_t seed);
/// What our executor says.
Bytes our_answer(const MicroProgram& program, const Bytes& input);
/// Up to the logits: a softmax makes many steps of one.
MicroProgram without_softmax(MicroProgram program);

struct Difference {
  int largest = 0;
  std::size_t numbers = 0, differing = 0;
  std::set<std::string> refused{};  ///< operators that the engine does not read

  void add(const Bytes& ours, const Bytes& theirs);
  void add(const Difference& other);
};
std::string words(const Difference& one);

/// Every step of a program by itself in the engine, on the numbers that our executor gives it; each
/// is checked to be within one step of ours.
Difference step_differences(const OtherEngine& engine, const MicroProgram& program,
                            const Bytes& input);
/// The same of the whole program, through our writer.
Difference whole_difference(const OtherEngine& engine, const MicroProgram& program,
                            const Bytes& input);

}  // namespace nas::test
