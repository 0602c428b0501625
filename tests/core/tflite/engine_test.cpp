#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "core/tflite/export_program.h"
#include "core/tflite/import_program.h"
#include "core/tflite/read_tflite.h"
#include "core/tflite/write_tflite.h"
#include "core/util/file.h"
#include "tests/core/tflite/engine_steps.h"
#include "tests/core/tflite/program_maker.h"
#include "tests/test_data.h"

// The files that we write, read and run by engines that are not ours. Where one rounds once and
// TensorFlow Lite Micro twice, single numbers of a step differ by one, and what follows carries
// that on.

namespace nas {

using test::Bytes;
using test::Difference;
using test::OtherEngine;

namespace {

constexpr std::string_view kTinyModels[] = {"pretrainedResnet_quant", "kws_ref_model",
                                            "vww_96_int8", "ad01_int8", "str_ww_ref_model"};

struct Differences {
  Difference whole, steps;
};

Differences random_networks(const OtherEngine& engine) {
  Differences found;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const MicroProgram program = test::random_network(seed);
    const Bytes input = test::random_input(program, seed);
    found.whole.add(test::whole_difference(engine, test::without_softmax(program), input));
    found.steps.add(test::step_differences(engine, program, input));
  }
  MESSAGE("logits: " << test::words(found.whole));
  MESSAGE("step by step: " << test::words(found.steps));
  CHECK(found.steps.refused.empty());
  return found;
}

}  // namespace

TEST_CASE("acceptance: Arm NN runs 200 random networks of ours, every step within one") {
  const OtherEngine* const engine = test::arm_nn();
  if (engine == nullptr) return;
  const auto [whole, steps] = random_networks(*engine);
  CHECK(whole.largest <= 3);
  CHECK(whole.differing * 5 < whole.numbers);
  CHECK(steps.largest == 1);
  CHECK(steps.differing * 100 < steps.numbers);
}

TEST_CASE("acceptance: TensorFlow Lite runs 200 random networks of ours") {
  const OtherEngine* const engine = test::tensorflow_lite();
  if (engine == nullptr) return;
  const auto [whole, steps] = random_networks(*engine);
  CHECK(whole.largest <= 1);
  CHECK(whole.differing * 20 < whole.numbers);
  CHECK(steps.largest <= 1);
  CHECK(steps.differing * 1000 < steps.numbers);
}

TEST_CASE(
    "acceptance: Arm NN answers to MLPerf Tiny's models as we write them as to the originals") {
  const auto folder = test::test_data("mcu-mlperf-tiny");
  const OtherEngine* const engine = test::arm_nn();
  if (folder.empty() || engine == nullptr) return;
  for (const std::string_view name : kTinyModels) {
    CAPTURE(name);
    const auto file = folder / "models" / (std::string(name) + ".tflite");
    const MicroProgram whole = to_program(read_tflite(file));
    const Bytes input = test::random_input(whole, 1);
    CHECK(engine->answer(format_tflite(to_tflite(whole)), input) ==
          engine->answer(read_file(file), input));
    const Difference logits = test::whole_difference(*engine, test::without_softmax(whole), input);
    MESSAGE(name << ": logits: " << test::words(logits) << "; step by step: "
                 << test::words(test::step_differences(*engine, whole, input)));
    CHECK(logits.largest <= 3);
  }
}

TEST_CASE("acceptance: TensorFlow Lite answers to MLPerf Tiny's models as we do") {
  const auto folder = test::test_data("mcu-mlperf-tiny");
  const OtherEngine* const engine = test::tensorflow_lite();
  if (folder.empty() || engine == nullptr) return;
  for (const std::string_view name : kTinyModels) {
    CAPTURE(name);
    const MicroProgram program =
        to_program(read_tflite(folder / "models" / (std::string(name) + ".tflite")));
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const Bytes input = test::random_input(program, seed);
      const Difference whole =
          test::whole_difference(*engine, test::without_softmax(program), input);
      MESSAGE(name << ": logits: " << test::words(whole) << "; step by step: "
                   << test::words(test::step_differences(*engine, program, input)));
      // Noise in the place of an image drives ResNet8's residual sums to where one step makes
      // three.
      CHECK(whole.largest <= (name == kTinyModels[0] ? 3 : 1));
    }
  }
}

}  // namespace nas
