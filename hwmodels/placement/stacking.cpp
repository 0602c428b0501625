#include "hwmodels/placement/stacking.h"

#include <algorithm>

namespace nas {

Stacking::Stacking(std::span<const Buffer> buffers, std::int64_t ceiling) : ceiling_(ceiling) {
  std::vector<std::int64_t> cuts;  // where buffers begin or have ended
  for (const Buffer& buffer : buffers) {
    cuts.push_back(buffer.first);
    cuts.push_back(buffer.last + 1);
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  const auto slot_of = [&](std::int64_t step) {
    return static_cast<Index>(std::lower_bound(cuts.begin(), cuts.end(), step) - cuts.begin());
  };

  const std::size_t count = cuts.empty() ? 0 : cuts.size() - 1;
  floors_.assign(count, 0);
  loads_.assign(count, 0);
  crossing_.assign(count, 0);
  open_.resize(count);
  waiting_.assign(count, 0);
  for (const Buffer& buffer : buffers) {
    pieces_.push_back({buffer.bytes, slot_of(buffer.first), slot_of(buffer.last + 1),
                       buffer.last - buffer.first + 1});
  }
  offsets_.assign(pieces_.size(), 0);
  lifts_.assign(pieces_.size(), 0);
  for (std::size_t i = 0; i < pieces_.size(); ++i) reopen(static_cast<Index>(i));
  for (Index slot = 0; slot < slots(); ++slot) touch(slot);
}

void Stacking::touch(Index slot) {
  if (waiting_[at(slot)] != 0) return;
  waiting_[at(slot)] = 1;
  touched_.push_back(slot);
}

void Stacking::close(Index piece) {
  const Piece& closed = pieces_[at(piece)];
  for (Index slot = closed.begin; slot < closed.end; ++slot) {
    loads_[at(slot)] -= closed.bytes;
    if (slot + 1 < closed.end) --crossing_[at(slot)];
    std::vector<Index>& open = open_[at(slot)];
    *std::find(open.begin(), open.end(), piece) = open.back();
    open.pop_back();
    touch(slot);
  }
}

void Stacking::reopen(Index piece) {
  const Piece& opened = pieces_[at(piece)];
  for (Index slot = opened.begin; slot < opened.end; ++slot) {
    loads_[at(slot)] += opened.bytes;
    if (slot + 1 < opened.end) ++crossing_[at(slot)];
    open_[at(slot)].push_back(piece);
  }
}

bool Stacking::set_floor(Index slot, std::int64_t floor) {
  trail_.push_back({What::kFloor, slot, floors_[at(slot)]});
  floors_[at(slot)] = floor;
  for (const Index piece : open_[at(slot)]) {
    if (lifts_[at(piece)] >= floor) continue;
    trail_.push_back({What::kLift, piece, lifts_[at(piece)]});
    lifts_[at(piece)] = floor;
    for (Index other = pieces_[at(piece)].begin; other < pieces_[at(piece)].end; ++other) {
      if (floors_[at(other)] < floor) touch(other);
    }
  }
  if (slack(slot) >= 0) return true;
  overfull_ = slot;
  return false;
}

bool Stacking::place(Index piece) {
  const Piece& placed = pieces_[at(piece)];
  offsets_[at(piece)] = lifts_[at(piece)];
  close(piece);
  trail_.push_back({What::kPlaced, piece, 0});
  bool fits = true;
  for (Index slot = placed.begin; slot < placed.end; ++slot) {
    fits = set_floor(slot, offsets_[at(piece)] + placed.bytes) && fits;
  }
  return fits;
}

bool Stacking::raise(Index slot, std::int64_t floor) {
  return set_floor(slot, floor);
}

bool Stacking::settle() {
  bool fits = true;
  while (!touched_.empty()) {
    const Index slot = touched_.back();
    touched_.pop_back();
    waiting_[at(slot)] = 0;
    if (!fits || open_[at(slot)].empty()) continue;
    std::int64_t lowest = lifts_[at(open_[at(slot)].front())];
    for (const Index piece : open_[at(slot)]) lowest = std::min(lowest, lifts_[at(piece)]);
    if (lowest > floors_[at(slot)]) fits = set_floor(slot, lowest);
  }
  return fits;
}

void Stacking::undo_to(Mark mark) {
  for (; trail_.size() > mark; trail_.pop_back()) {
    const Change& change = trail_.back();
    switch (change.what) {
      case What::kFloor:
        floors_[at(change.index)] = change.before;
        break;
      case What::kLift:
        lifts_[at(change.index)] = change.before;
        break;
      case What::kPlaced:
        reopen(change.index);
        break;
    }
  }
}

}  // namespace nas
