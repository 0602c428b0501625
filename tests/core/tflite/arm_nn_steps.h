#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/int8/program.h"

namespace nas::test {

using Bytes = std::vector<signed char>;

/// Random integers for the only input of a program.
Bytes random_input(const MicroProgram& program, std::uint64_t seed);
/// What our executor says.
Bytes our_answer(const MicroProgram& program, const Bytes& input);
/// Up to the logits: a softmax makes many steps of one.
MicroProgram without_softmax(MicroProgram program);

struct Difference {
  int largest = 0;
  std::size_t numbers = 0, differing = 0;
  std::set<std::string> refused{};  ///< operators that Arm NN does not read

  void add(const Bytes& ours, const Bytes& theirs);
  void add(const Difference& other);
};
std::string words(const Difference& one);

/// Every step of a program by itself in Arm NN, on the numbers that our executor gives it; each is
/// checked to be within one step of ours.
Difference step_differences(const MicroProgram& program, const Bytes& input);

}  // namespace nas::test
