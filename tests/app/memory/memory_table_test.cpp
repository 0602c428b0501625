#include "app/memory/memory_table.h"

#include <doctest/doctest.h>

#include "app/memory/memory_svg.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

const std::string kSmall =
    "r=96;w=0.3;d=2,2,2,2,2,1;k=3,3,3,3,3,3,3,3,3,3,3;e=3,3,3,3,3,3,3,3,3,3,3";

NetworkPlan plan_of(const NetworkPlanOptions& options = {}) {
  const auto space = find_plugin(space_plugins(), "space", "mcunet").make({});
  return plan_network(space->build(space->parse(kSmall), space->info().default_task), kTinyEngine,
                      options);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("the table of memory has a row for each step and says what fits") {
  const NetworkPlan plan = plan_of();
  const McuDevice& device = mcu_device("stm32f746");
  const Table table = memory_table(plan, device);
  CHECK(table.rows.size() == plan.program.steps.size());
  CHECK(plan.fits(device));
  CHECK(plan.memory.arena.optimal());
  CHECK(has(table.caption, "proved the smallest"));
  CHECK(has(table.caption, "peak in step"));
  CHECK(has(table.caption, " ms for "));
  CHECK(!has(table.caption, "TOO MUCH"));
}

TEST_CASE("patches take less SRAM and more MACs") {
  const NetworkPlan whole = plan_of(), patched = plan_of({.grid = 2});
  CHECK(patched.memory.sram_bytes() < whole.memory.sram_bytes());
  CHECK(patched.macs() > whole.macs());
  CHECK(has(memory_table(patched, mcu_device("stm32f746")).caption, "patches 2 x 2 of "));
}

TEST_CASE("the timeline draws a box for each buffer") {
  const NetworkPlan plan = plan_of();
  const std::string svg = memory_svg(plan, mcu_device("stm32f746"), {"Memory", {kSmall}});
  std::size_t boxes = 0;
  for (std::size_t at = svg.find("<g><title>"); at != std::string::npos;
       at = svg.find("<g><title>", at + 1)) {
    ++boxes;
  }
  CHECK(boxes == plan.memory.buffers.size() + 1);  // and the scratch
  CHECK(has(svg, "SRAM"));
}

}  // namespace
}  // namespace nas
