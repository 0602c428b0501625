#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "hwmodels/placement/buffer.h"

namespace nas {

/// Buffers that are piled up below a ceiling, from the ground up, with the way back. Time is cut
/// into slots in which the same buffers are live; a slot has a floor, below which nothing more can
/// be placed, and a load, the bytes of the open (not yet placed) buffers that are live in it.
///
/// Invariants after `settle` has returned true, for every slot that open buffers are live in:
///   - floor + load <= ceiling, or no plan continues this one;
///   - some open buffer can begin at the floor, as far as the floors of its other slots say.
/// Every change is recorded, so that a search takes back what failed.
class Stacking {
 public:
  using Index = std::int32_t;

  /// A buffer's life in slots, [begin, end).
  struct Piece {
    std::int64_t bytes = 0;
    Index begin = 0, end = 0;
    std::int64_t steps = 0;  ///< length of its life
    friend bool operator==(const Piece&, const Piece&) = default;
  };

  Stacking(std::span<const Buffer> buffers, std::int64_t ceiling);

  Index slots() const { return static_cast<Index>(floors_.size()); }
  const std::vector<Piece>& pieces() const { return pieces_; }
  const std::vector<std::int64_t>& offsets() const { return offsets_; }

  std::int64_t floor(Index slot) const { return floors_[at(slot)]; }
  /// Bytes that may stay empty above the floor.
  std::int64_t slack(Index slot) const { return ceiling_ - floors_[at(slot)] - loads_[at(slot)]; }
  /// Open buffers that are live in a slot, in no order.
  std::span<const Index> open(Index slot) const { return open_[at(slot)]; }
  /// Does an open buffer live in this slot and in the one after it?
  bool continues(Index slot) const { return crossing_[at(slot)] > 0; }
  /// The highest floor in the life of an open buffer: it cannot begin below.
  std::int64_t lift(Index piece) const { return lifts_[at(piece)]; }

  /// Places a buffer at its lift. False: the load of a slot does not fit any more.
  bool place(Index piece);
  /// Says that nothing more is placed below `floor` in this slot. False as above.
  bool raise(Index slot, std::int64_t floor);
  /// Raises floors to what the lifts say, from the slots that changed on. False as above. The
  /// first call looks at all slots.
  bool settle();

  /// The slot whose load did not fit in the last call that returned false.
  Index overfull_slot() const { return overfull_; }

  using Mark = std::size_t;
  Mark mark() const { return trail_.size(); }
  void undo_to(Mark mark);

 private:
  enum class What : std::uint8_t { kFloor, kLift, kPlaced };
  struct Change {
    What what;
    Index index;
    std::int64_t before;
  };

  static std::size_t at(Index index) { return static_cast<std::size_t>(index); }
  bool set_floor(Index slot, std::int64_t floor);
  void touch(Index slot);
  void close(Index piece);
  void reopen(Index piece);

  std::int64_t ceiling_;
  std::vector<Piece> pieces_;
  std::vector<std::int64_t> offsets_, lifts_;  ///< by piece
  std::vector<std::int64_t> floors_, loads_;   ///< by slot
  std::vector<std::int32_t> crossing_;         ///< by slot
  std::vector<std::vector<Index>> open_;       ///< by slot
  std::vector<Change> trail_;
  Index overfull_ = 0;
  std::vector<Index> touched_;         ///< slots that `settle` has to look at
  std::vector<std::uint8_t> waiting_;  ///< by slot: is it among them
};

}  // namespace nas
