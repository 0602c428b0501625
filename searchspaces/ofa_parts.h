#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/search_space.h"
#include "searchspaces/notation_reader.h"

// What the spaces of Once-for-All share (Cai, Gan, Wang, Zhang and Han, ICLR 2020, arXiv
// 1908.09791; the released code): an input resolution, stages of elastic depth, and lists in their
// texts.

namespace nas {

constexpr std::string_view kOfaGridSource = "arXiv 1908.09791, released code";

/// Training used multiples of 4 from 128 to 224; published specialised networks go up to 260.
std::vector<std::int64_t> ofa_resolutions();

/// The task with an input of the architecture's resolution, the first decision of these spaces,
/// exactly when it leaves the input at the space's default (3x224x224). A task with another input
/// (CIFAR images) is obeyed, and the resolution has no effect.
Task ofa_task(const SearchSpace& space, const Architecture& architecture, const Task& task);

/// "3,5,7": the names of choices.
std::string list_text(std::span<const std::string> names, Choices choices);
/// Reads "3,5,7" as choices among `names`, at least one.
std::vector<std::uint16_t> read_list(NotationReader& reader, std::string_view what,
                                     std::span<const std::string> names);
/// "five", for numbers up to seven.
std::string_view count_word(std::size_t count);

/// Slots stage by stage, of which the first ones exist, as many as the stage's depth.
class StageSlots {
 public:
  explicit StageSlots(std::vector<std::size_t> slots) : slots_(std::move(slots)) {}

  std::size_t stages() const { return slots_.size(); }
  /// By slot: does it exist with these depths, one a stage?
  std::vector<bool> existing(std::span<const std::size_t> depths) const;
  /// Puts a list of all slots, or one of the existing blocks only, into `genes`, one a slot. Throws
  /// Error(kUsage) through the reader, which stands behind the list, for another length.
  void fill(const NotationReader& reader, std::span<const std::uint16_t> list,
            std::span<const std::size_t> depths, std::span<std::uint16_t> genes) const;

 private:
  std::vector<std::size_t> slots_;
};

}  // namespace nas
