#include "tests/core/tflite/arm_nn.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "core/tflite/export_program.h"
#include "core/tflite/import_program.h"
#include "core/tflite/read_tflite.h"
#include "core/tflite/write_tflite.h"
#include "core/util/file.h"
#include "tests/core/tflite/arm_nn_steps.h"
#include "tests/core/tflite/program_maker.h"
#include "tests/test_data.h"

// The files that we write, read and run by an engine that is not ours: Arm NN's TfLite parser with
// its reference back end. It computes in real numbers between the scales and rounds once, where the
// integers of TensorFlow Lite Micro round twice: single numbers of a step differ by one, and what
// follows carries that on.

namespace nas {

using test::Bytes;
using test::Difference;

TEST_CASE("acceptance: Arm NN runs 200 random networks of ours, every step within one") {
  if (!test::arm_nn_is_here()) return;
  Difference whole, steps;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const MicroProgram program = test::without_softmax(test::random_network(seed));
    const Bytes input = test::random_input(program, seed);
    whole.add(test::our_answer(program, input),
              test::arm_nn_answer(format_tflite(to_tflite(program)), input));
    steps.add(test::step_differences(test::random_network(seed), input));
  }
  MESSAGE("logits: " << test::words(whole));
  MESSAGE("step by step: " << test::words(steps));
  CHECK(whole.largest <= 3);
  CHECK(whole.differing * 5 < whole.numbers);
  CHECK(steps.largest == 1);
  CHECK(steps.differing * 100 < steps.numbers);
  CHECK(steps.refused.empty());
}

TEST_CASE(
    "acceptance: Arm NN answers to MLPerf Tiny's models as we write them as to the originals") {
  const auto folder = test::test_data("mcu-mlperf-tiny");
  if (folder.empty() || !test::arm_nn_is_here()) return;
  for (const std::string name : {"pretrainedResnet_quant", "kws_ref_model", "vww_96_int8",
                                 "ad01_int8", "str_ww_ref_model"}) {
    CAPTURE(name);
    const auto file = folder / "models" / (name + ".tflite");
    const MicroProgram whole = to_program(read_tflite(file));
    const Bytes input = test::random_input(whole, 1);
    CHECK(test::arm_nn_answer(format_tflite(to_tflite(whole)), input) ==
          test::arm_nn_answer(read_file(file), input));
    const MicroProgram program = test::without_softmax(whole);
    Difference logits;
    logits.add(test::our_answer(program, input),
               test::arm_nn_answer(format_tflite(to_tflite(program)), input));
    MESSAGE(name << ": logits: " << test::words(logits)
                 << "; step by step: " << test::words(test::step_differences(whole, input)));
    CHECK(logits.largest <= 3);
  }
}

}  // namespace nas
