#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/presentation/table.h"
#include "core/ir/draw/op_colours.h"

namespace nas {

/// A microcontroller's memory over the steps of a network: what a picture of it needs, and no more.
/// The plan it comes from is `timeline_of` (app/memory/plan_timeline.h).
struct MemoryTimeline {
  /// A buffer: where it lies, and while which steps.
  struct Box {
    std::string name;     ///< of the tensor that is made there first
    std::string shape;    ///< "56x56x24"
    std::string made_by;  ///< one of `maker_colours()`: "convolution"
    std::int64_t first_step = 0, last_step = 0;
    std::int64_t offset = 0, bytes = 0;
  };
  std::vector<Box> boxes;
  std::int64_t steps = 0;
  std::int64_t arena_bytes = 0;
  std::int64_t sram_bytes = 0;                 ///< arena and scratch
  std::int64_t peak_step = 0, peak_bytes = 0;  ///< the step with the most live bytes, and those
  std::string device;
  std::int64_t device_sram_bytes = 0;

  std::int64_t scratch_bytes() const { return sram_bytes - arena_bytes; }
  /// Whether a line at the device's SRAM leaves the boxes more than half of the picture.
  bool shows_limit() const;
  /// What the picture is high: never 0.
  std::int64_t top_bytes() const;
};

/// The colours of a timeline under names of its own: who made the buffer. Scratch is the last.
std::vector<FamilyColours> maker_colours();

/// A row for each buffer; programs read the facts of the whole in columns of every row.
Table buffer_table(const MemoryTimeline& timeline);
/// What `buffer_table` said. Throws Error(kData) for another table.
MemoryTimeline read_buffer_table(const Table& table);

}  // namespace nas
