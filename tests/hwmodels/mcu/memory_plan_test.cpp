#include "hwmodels/mcu/memory_plan.h"

#include <doctest/doctest.h>

#include <string>

#include "core/util/error.h"
#include "tests/hwmodels/mcu/tiny_engine_table.h"
#include "tests/test_data.h"

// Golden values: mcu-tinyengine, what the official planner says of three networks, and what a
// correct first fit gives in patch mode (README there).

namespace nas {
namespace {

constexpr EngineRules not_in_place() {
  EngineRules rules = kTinyEngine;
  rules.in_place_depthwise = false;
  return rules;
}

struct Totals {
  std::string network;
  std::int64_t arena, arena_not_in_place, columns, kernel, weights, biases, macs;
};
const Totals kTotals[] = {
    {"vww", 89600, 96000, 3528, 864, 420520, 24456, 11600344},
    {"mcunetv2_large", 1404928, 1505280, 25992, 864, 1782200, 68032, 217936384},
    {"detection", 245760, 245760, 10824, 864, 159584, 15640, 18325760},
};

TEST_CASE("three networks take the bytes that TinyEngine's planner says") {
  const auto folder = test::test_data("mcu-tinyengine");
  if (folder.empty()) return;
  for (const Totals& totals : kTotals) {
    CAPTURE(totals.network);
    const auto table = test::read_tiny_engine_table(folder / ("layers_" + totals.network + ".csv"));
    const MemoryPlan plan = plan_memory(table.program, kTinyEngine);
    CHECK(plan.arena.bytes == totals.arena);
    CHECK(plan.arena.optimal());
    CHECK(plan.column_bytes == totals.columns);
    CHECK(plan.kernel_bytes == totals.kernel);
    CHECK(plan.sram_bytes() == totals.arena + totals.columns + totals.kernel);
    CHECK(plan.flash.weights == totals.weights);
    CHECK(plan.flash.biases == totals.biases);
    CHECK(plan.flash.scales == totals.biases);
    CHECK(plan_memory(table.program, not_in_place()).arena.bytes == totals.arena_not_in_place);
  }
}

TEST_CASE("each layer has the scratch, weights and MACs that TinyEngine's planner says") {
  const auto folder = test::test_data("mcu-tinyengine");
  if (folder.empty()) return;
  for (const Totals& totals : kTotals) {
    const auto table = test::read_tiny_engine_table(folder / ("layers_" + totals.network + ".csv"));
    std::int64_t other_macs = 0;
    for (std::size_t i = 0; i < table.layers.size(); ++i) {
      const MicroStep& step = table.program.steps[i];
      const test::TinyEngineLayer& layer = table.layers[i];
      CAPTURE(totals.network + " " + step.name);
      CHECK(column_bytes(table.program, step, kTinyEngine) == layer.column_bytes);
      CHECK(kernel_bytes(table.program, step, kTinyEngine) == layer.kernel_bytes);
      // The planner counts sums and products of elements as MACs; we count them nowhere.
      if (!micro_op_info(step.op).weights) {
        other_macs += layer.macs;
        continue;
      }
      CHECK(micro_macs(table.program, step) == layer.macs);
      CHECK(table.program.tensors[static_cast<std::size_t>(step.inputs[1])].bytes() ==
            layer.weights);
    }
    CHECK(micro_macs(table.program) + other_macs == totals.macs);
  }
}

TEST_CASE("patches shrink the peak to what a correct first fit reaches, or below") {
  const auto folder = test::test_data("mcu-tinyengine");
  if (folder.empty()) return;
  struct Patched {
    std::string network;
    PatchOptions patches;
    std::int64_t first_fit, bound, columns, side, macs;  // macs: of convolutions, with one patch
  };
  const Patched cases[] = {{"vww", {2, 5}, 46768, 43896, 1920, 47, 0},
                           {"mcunetv2_large", {4, 8}, 409640, 407920, 2304, 63, 0}};
  for (const Patched& golden : cases) {
    CAPTURE(golden.network);
    const auto table = test::read_tiny_engine_table(folder / ("layers_" + golden.network + ".csv"));
    const MemoryPlan plan = plan_memory(table.program, kTinyEngine, {.patches = golden.patches});
    CHECK(plan.arena.bytes <= golden.first_fit);
    CHECK(plan.arena.bytes >= golden.bound);
    CHECK(plan.column_bytes == golden.columns);
    CHECK(plan.kernel_bytes == 864);
    REQUIRE(plan.patches);
    CHECK(plan.patches->patch_h == golden.side);
    CHECK(plan.patches->extra_macs() > 0);
    // Layer by layer as the table of the patched network has it.
    const auto patched =
        test::read_tiny_engine_table(folder / ("layers_" + golden.network + "_patch" +
                                               std::to_string(golden.patches.grid) + ".csv"));
    std::int64_t macs = 0;
    for (std::size_t i = 0; i < golden.patches.steps; ++i) macs += patched.layers[i].macs;
    CHECK(plan.patches->patch_macs == macs);
  }
}

TEST_CASE("patches that do not fit are refused with the reason") {
  const auto folder = test::test_data("mcu-tinyengine");
  if (folder.empty()) return;
  const auto table = test::read_tiny_engine_table(folder / "layers_vww.csv");
  const auto error_of = [&](PatchOptions options) -> std::string {
    try {
      patch_stage(table.program, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(error_of({1, 5}) == "patches: grid = 1, must be >= 2");
  CHECK(error_of({2, 0}) == "patches: steps = 0, must be in [1, 54]");
  CHECK(error_of({3, 5}).find("cannot be cut into a grid of 3") != std::string::npos);
  CHECK(most_patch_steps(table.program, 2) >= 5);
}

}  // namespace
}  // namespace nas
