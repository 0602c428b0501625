#pragma once

#include <string>
#include <vector>

namespace nas::test {

/// Whether this build can ask Arm NN (Debian: libarmnn-dev, libarmnntfliteparser-dev and a
/// libarmnn-cpuref-backend). Says loudly where it cannot, so that ctest reports a skipped case.
bool arm_nn_is_here();

/// What Arm NN's parser and its reference back end make of a .tflite file with one input and one
/// output of int8. Throws std::exception with its words where it refuses the file.
std::vector<signed char> arm_nn_answer(const std::string& tflite,
                                       const std::vector<signed char>& input);

}  // namespace nas::test
