#include "app/memory/memory_timeline.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::string_view kKind = "memory_buffers";

/// The facts of the whole, each under its name in the table.
template <class Timeline, class Visit>
void visit_whole(Timeline& timeline, const Visit& visit) {
  visit("steps", timeline.steps);
  visit("arena_bytes", timeline.arena_bytes);
  visit("sram_bytes", timeline.sram_bytes);
  visit("peak_step", timeline.peak_step);
  visit("peak_bytes", timeline.peak_bytes);
  visit("device", timeline.device);
  visit("device_sram_bytes", timeline.device_sram_bytes);
}

template <class Box, class Visit>
void visit_box(Box&& box, const Visit& visit) {
  visit("name", box.name);
  visit("shape", box.shape);
  visit("made_by", box.made_by);
  visit("first_step", box.first_step);
  visit("last_step", box.last_step);
  visit("offset", box.offset);
  visit("bytes", box.bytes);
}

/// Reads the cells of one row by the names of their columns.
class RowReader {
 public:
  RowReader(const Table& table, std::size_t row) : table_(table), row_(table.rows.at(row)) {}

  template <class Value>
  void operator()(std::string_view name, Value& value) const {
    const auto column =
        std::ranges::find(table_.columns, name, [](const Column& c) { return c.name; });
    const auto place = static_cast<std::size_t>(column - table_.columns.begin());
    const Value* cell = place < row_.size() ? std::get_if<Value>(&row_[place]) : nullptr;
    if (cell == nullptr) {
      throw Error(ErrorKind::kData,
                  "the table of buffers has no '" + std::string(name) + "' of the kind expected");
    }
    value = *cell;
  }

 private:
  const Table& table_;
  const std::vector<Cell>& row_;
};

}  // namespace

bool MemoryTimeline::shows_limit() const {
  return device_sram_bytes < 2 * std::max<std::int64_t>(sram_bytes, 1);
}

std::int64_t MemoryTimeline::top_bytes() const {
  const std::int64_t needed = std::max<std::int64_t>(sram_bytes, 1);
  return shows_limit() ? std::max(needed, device_sram_bytes) : needed;
}

std::vector<FamilyColours> maker_colours() {
  std::vector<FamilyColours> colours;
  for (const auto& [family, name] : std::initializer_list<std::pair<OpFamily, std::string_view>>{
           {OpFamily::kPort, "network input"},
           {OpFamily::kConv, "convolution"},
           {OpFamily::kNorm, "depthwise"},  // the paler blue: a convolution of its own kind
           {OpFamily::kLinear, "fully connected"},
           {OpFamily::kPool, "pooling"},
           {OpFamily::kMerge, "sum, product"},
           {OpFamily::kOther, "other"},
           {OpFamily::kShape, "scratch"}}) {
    colours.push_back(colours_of(family));
    colours.back().name = name;
  }
  return colours;
}

Table buffer_table(const MemoryTimeline& timeline) {
  Table table{.kind = std::string(kKind)};
  visit_box(MemoryTimeline::Box{}, [&](std::string_view name, const auto&) {
    table.columns.push_back({.name = std::string(name), .shrink = name == "name"});
  });
  for (const MemoryTimeline::Box& box : timeline.boxes) {
    std::vector<Cell>& row = table.rows.emplace_back();
    visit_box(box, [&](std::string_view, const auto& value) { row.emplace_back(value); });
  }
  visit_whole(timeline, [&](std::string_view name, const auto& value) {
    add_for_programs(table, std::string(name), Cell(value));
  });
  return table;
}

MemoryTimeline read_buffer_table(const Table& table) {
  if (table.kind != kKind || table.rows.empty()) {
    throw Error(ErrorKind::kData, "not a table of buffers in a microcontroller's memory");
  }
  MemoryTimeline timeline;
  visit_whole(timeline, RowReader(table, 0));
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    visit_box(timeline.boxes.emplace_back(), RowReader(table, row));
  }
  return timeline;
}

}  // namespace nas
