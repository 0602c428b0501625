#include "app/memory/memory_table.h"

#include <doctest/doctest.h>

#include "app/memory/memory_svg.h"
#include "app/memory/plan_timeline.h"
#include "core/util/error.h"
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

TEST_CASE("a timeline comes back from its table") {
  const NetworkPlan plan = plan_of({.grid = 2});
  const MemoryTimeline timeline = timeline_of(plan, mcu_device("stm32f746"));
  REQUIRE(timeline.boxes.size() == plan.memory.buffers.size());
  std::int64_t highest = 0;
  for (const MemoryTimeline::Box& box : timeline.boxes) {
    CHECK(box.first_step <= box.last_step);
    CHECK(box.last_step < timeline.steps);
    highest = std::max(highest, box.offset + box.bytes);
  }
  CHECK(highest == timeline.arena_bytes);
  const Table table = buffer_table(timeline);
  CHECK(buffer_table(read_buffer_table(table)).rows == table.rows);

  Table damaged = table;
  damaged.rows[1][3] = std::string("three");
  CHECK_THROWS_AS(read_buffer_table(damaged), Error);
  damaged = table;
  damaged.columns.back().name = "other";
  CHECK_THROWS_AS(read_buffer_table(damaged), Error);
  CHECK_THROWS_AS(read_buffer_table(memory_table(plan, mcu_device("stm32f746"))), Error);
}

TEST_CASE("who made a buffer has a colour of its own") {
  const std::vector<FamilyColours> colours = maker_colours();
  for (const MemoryTimeline::Box& box : timeline_of(plan_of(), mcu_device("stm32f746")).boxes) {
    CHECK(std::ranges::count(colours, box.made_by, &FamilyColours::name) == 1);
  }
}

}  // namespace
}  // namespace nas
