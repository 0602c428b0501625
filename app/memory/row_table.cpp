#include "app/memory/row_table.h"

#include "core/util/text.h"

namespace nas {
namespace {

std::string share(std::int64_t bytes, std::int64_t limit) {
  return format_count(bytes) + " of " + format_count(limit) + " bytes" +
         (bytes > limit ? ", TOO MUCH" : "");
}

}  // namespace

Table row_table(const RowWiseNetwork& network, const McuDevice& device) {
  const MicroProgram& program = network.program;
  const RowWisePlan& plan = network.plan;
  Table table{.kind = "row_memory",
              .columns = {{"first_step", "first step"},
                          {"last_step", "last step"},
                          {"ends_in", "ends in", true},
                          {"tokens"},
                          {"whole_bytes"},
                          {"row_bytes"},
                          {"factor_bytes"},
                          {"bytes"}}};
  for (const RowRegion& region : plan.regions) {
    table.rows.push_back({static_cast<std::int64_t>(region.first),
                          static_cast<std::int64_t>(region.last), program.steps[region.last].name,
                          region.tokens, region.whole_bytes, region.row_bytes, region.factor_bytes,
                          region.bytes()});
  }
  const RowRegion& peak = plan.regions[plan.peak];
  table.caption = "SRAM of " + std::string(device.name) + ": " +
                  share(plan.sram_bytes(), device.sram_bytes) + ", in steps " +
                  std::to_string(peak.first) + " to " + std::to_string(peak.last) +
                  "\nflash: " + share(network.flash_bytes, device.flash_bytes) +
                  "\nrows of tokens run through the steps of a region one after another; bytes are "
                  "those that are live";
  add_for_programs(table, "device", std::string(device.name));
  add_for_programs(table, "sram_bytes", plan.sram_bytes());
  add_for_programs(table, "network_flash_bytes", network.flash_bytes);
  add_for_programs(table, "network_macs", micro_macs(program));
  add_for_programs(table, "fits", network.fits(device));
  return table;
}

}  // namespace nas
