#include "hwmodels/placement/placement_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include "core/util/error.h"
#include "core/util/rng.h"
#include "hwmodels/placement/stacking.h"

namespace nas {
namespace {

using Index = Stacking::Index;

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

/// Slots [begin, end) that no open buffer leaves.
struct Stretch {
  Index begin = 0, end = 0;
};

/// What can begin at the floor of a slot.
struct Question {
  Index slot = 0;
  Stretch plateau{};             ///< slots around it with the same floor
  Index candidates = 0;          ///< open buffers that live within the plateau
  std::int64_t raised = kNever;  ///< the next floor if nothing begins at this one; kNever: must
  std::int64_t slack = 0;
  std::int64_t floor = 0;
  double failures = 1;  ///< of the slot

  Index answers() const { return candidates + (raised == kNever ? 0 : 1); }
};

/// What failed so far, kept from one try to the next: how often each slot of time was the one that
/// had no answer or too much load (the weights of Boussemart et al., ECAI 2004).
struct Experience {
  std::vector<double> failures;  ///< by slot, from 1
};

/// What a try places first of what may come next.
struct Preference {
  std::vector<double> rank;  ///< by buffer: higher first
  bool walls = false;        ///< before rank: what fills a plateau up to its walls
};

/// One descent with fixed preferences and a limit on its nodes.
class Descent {
 public:
  Descent(Stacking& stacking, Experience& experience, const Preference& preference,
          const PlacementBudget& budget)
      : stacking_(stacking), experience_(experience), preference_(preference), budget_(budget) {}

  PlacementAnswer run() {
    const Stacking::Mark mark = stacking_.mark();
    if (stacking_.settle() && solve({0, stacking_.slots()})) return PlacementAnswer::kPlaced;
    stacking_.undo_to(mark);
    return gave_up_ ? PlacementAnswer::kGaveUp : PlacementAnswer::kImpossible;
  }

  std::int64_t nodes() const { return nodes_; }

 private:
  /// Places all that is open in a stretch; else leaves everything as it was.
  bool solve(const Stretch& stretch) {
    const Stacking::Mark mark = stacking_.mark();
    std::vector<Stretch> parts = parts_of(stretch);
    // A short part fails soonest.
    std::stable_sort(parts.begin(), parts.end(), [](const Stretch& a, const Stretch& b) {
      return a.end - a.begin < b.end - b.begin;
    });
    for (const Stretch& part : parts) {
      if (branch(part)) continue;
      stacking_.undo_to(mark);
      return false;
    }
    return true;
  }

  std::vector<Stretch> parts_of(const Stretch& stretch) const {
    std::vector<Stretch> parts;
    for (Index slot = stretch.begin; slot < stretch.end; ++slot) {
      if (stacking_.open(slot).empty()) continue;
      Index last = slot;
      while (last + 1 < stretch.end && stacking_.continues(last)) ++last;
      parts.push_back({slot, last + 1});
      slot = last;
    }
    return parts;
  }

  /// `solve` for a stretch that does not fall apart.
  bool branch(const Stretch& stretch) {
    const Stacking::Mark mark = stacking_.mark();
    while (true) {
      if (++nodes_ > budget_.nodes || budget_.stop.stop_requested()) gave_up_ = true;
      if (gave_up_) break;
      const Question question = hardest_question(stretch);
      if (question.answers() == 0) ++failures(question.slot);
      for (const Index piece : candidates(question)) {
        const Stacking::Mark before = stacking_.mark();
        if (settled(stacking_.place(piece)) && solve(stretch)) return true;
        stacking_.undo_to(before);
        if (gave_up_) break;
      }
      if (gave_up_ || question.raised == kNever) break;
      if (!settled(stacking_.raise(question.slot, question.raised))) break;
    }
    stacking_.undo_to(mark);
    return false;
  }

  double& failures(Index slot) { return experience_.failures[static_cast<std::size_t>(slot)]; }

  /// After a change that gave `fits`: is everything within the ceiling?
  bool settled(bool fits) {
    fits = stacking_.settle() && fits;
    if (!fits) ++failures(stacking_.overfull_slot());
    return fits;
  }

  Question hardest_question(const Stretch& stretch) const {
    Question hardest;
    bool found = false;
    for (Index begin = stretch.begin; begin < stretch.end;) {
      const std::int64_t floor = stacking_.floor(begin);
      Index end = begin + 1;
      while (end < stretch.end && stacking_.floor(end) == floor) ++end;
      const bool walled = (begin == stretch.begin || stacking_.floor(begin - 1) > floor) &&
                          (end == stretch.end || stacking_.floor(end) > floor);
      for (Index slot = begin; walled && slot < end; ++slot) {
        Question question = ask(slot, {begin, end});
        if (found && !harder(question, hardest)) continue;
        question.raised = next_floor(question, question.raised);
        if (found && !harder(question, hardest)) continue;
        hardest = question;
        found = true;
        if (hardest.answers() == 0) return hardest;
      }
      begin = end;
    }
    return hardest;
  }

  /// What leaves no choice comes first, then few answers in a slot that failed often.
  static bool harder(const Question& a, const Question& b) {
    const auto key = [](const Question& question) {
      const Index answers = question.answers();
      const double share = answers < 2 ? 0 : static_cast<double>(answers) / question.failures;
      return std::tuple(std::min<Index>(answers, 2), share, question.slack, question.floor);
    };
    return key(a) < key(b);
  }

  bool within(Index piece, const Stretch& stretch) const {
    const Stacking::Piece& life = stacking_.pieces()[static_cast<std::size_t>(piece)];
    return stretch.begin <= life.begin && life.end <= stretch.end;
  }

  /// `raised` is the lowest lift of the others, if the slack reaches that far.
  Question ask(Index slot, const Stretch& plateau) const {
    Question question;
    question.slot = slot;
    question.plateau = plateau;
    question.slack = stacking_.slack(slot);
    question.floor = stacking_.floor(slot);
    question.failures = experience_.failures[static_cast<std::size_t>(slot)];
    for (const Index piece : stacking_.open(slot)) {
      if (within(piece, plateau)) {
        ++question.candidates;
      } else {
        question.raised = std::min(question.raised, stacking_.lift(piece));
      }
    }
    if (question.raised != kNever && question.raised - question.floor > question.slack) {
      question.raised = kNever;
    }
    return question;
  }

  /// The lowest place in the slot above its floor, kNever beyond the slack. In a plan that is
  /// pushed down, a candidate that begins higher stands on a buffer which is open now and does not
  /// live in the slot.
  std::int64_t next_floor(const Question& question, std::int64_t lowest) const {
    if (question.slack == 0) return lowest;
    Stretch reach{question.slot, question.slot + 1};
    for (const Index piece : stacking_.open(question.slot)) {
      if (!within(piece, question.plateau)) continue;
      const Stacking::Piece& life = stacking_.pieces()[static_cast<std::size_t>(piece)];
      reach.begin = std::min(reach.begin, life.begin);
      reach.end = std::max(reach.end, life.end);
    }
    for (Index slot = reach.begin; slot < reach.end; ++slot) {
      for (const Index piece : stacking_.open(slot)) {
        const Stacking::Piece& life = stacking_.pieces()[static_cast<std::size_t>(piece)];
        if (life.begin <= question.slot && question.slot < life.end) continue;
        lowest = std::min(lowest, stacking_.lift(piece) + life.bytes);
      }
    }
    const bool reached = lowest != kNever && lowest - question.floor <= question.slack;
    return reached ? lowest : kNever;
  }

  /// Preferred first; of equal buffers one.
  std::vector<Index> candidates(const Question& question) const {
    std::vector<Index> pieces;
    for (const Index piece : stacking_.open(question.slot)) {
      if (within(piece, question.plateau)) pieces.push_back(piece);
    }
    std::sort(pieces.begin(), pieces.end(), [&](Index a, Index b) {
      return std::tuple(walls_met(b, question.plateau), rank(b), a) <
             std::tuple(walls_met(a, question.plateau), rank(a), b);
    });
    std::vector<Index> distinct;
    for (const Index piece : pieces) {
      const bool known = std::any_of(distinct.begin(), distinct.end(), [&](Index other) {
        return stacking_.pieces()[static_cast<std::size_t>(other)] ==
               stacking_.pieces()[static_cast<std::size_t>(piece)];
      });
      if (!known) distinct.push_back(piece);
    }
    return distinct;
  }

  int walls_met(Index piece, const Stretch& plateau) const {
    if (!preference_.walls) return 0;
    const Stacking::Piece& life = stacking_.pieces()[static_cast<std::size_t>(piece)];
    return (life.begin == plateau.begin ? 1 : 0) + (life.end == plateau.end ? 1 : 0);
  }

  /// The preference, times how often its slots failed.
  double rank(Index piece) const {
    const Stacking::Piece& life = stacking_.pieces()[static_cast<std::size_t>(piece)];
    const auto first = experience_.failures.begin();
    return preference_.rank[static_cast<std::size_t>(piece)] *
           std::accumulate(first + life.begin, first + life.end, 0.0);
  }

  Stacking& stacking_;
  Experience& experience_;
  const Preference& preference_;
  const PlacementBudget& budget_;
  std::int64_t nodes_ = 0;
  bool gave_up_ = false;
};

/// Of the n-th try: by life, area, size and slots in turn, with walls every second time round;
/// after that with noise.
Preference preference_of(const std::vector<Stacking::Piece>& pieces, int attempt, Rng& rng) {
  constexpr int kForms = 4;
  Preference preference;
  preference.walls = attempt / kForms % 2 == 1;
  for (const Stacking::Piece& piece : pieces) {
    const auto bytes = static_cast<double>(piece.bytes);
    const auto steps = static_cast<double>(piece.steps);
    const double forms[kForms] = {steps, bytes * steps, bytes,
                                  static_cast<double>(piece.end - piece.begin)};
    const double noise = attempt < 2 * kForms ? 1 : std::exp(rng.uniform(-0.3, 0.3));
    preference.rank.push_back(forms[attempt % kForms] * noise);
  }
  return preference;
}

}  // namespace

PlacementResult place_within(std::span<const Buffer> buffers, std::int64_t capacity,
                             const PlacementBudget& budget) {
  check_buffers(buffers);
  constexpr std::int64_t kFirstTry = 2000;  // nodes
  constexpr int kTriesOfOneLength = 8;
  constexpr int kMostDoublings = 30;
  PlacementResult result;
  if (most_live_bytes(buffers) > capacity) {
    result.answer = PlacementAnswer::kImpossible;
    return result;
  }
  Stacking stacking(buffers, capacity);
  Experience experience{std::vector<double>(static_cast<std::size_t>(stacking.slots()), 1)};
  Rng rng({.purpose = Purpose::kSearch});
  for (int attempt = 0; result.nodes < budget.nodes; ++attempt) {
    const Preference preference = preference_of(stacking.pieces(), attempt, rng);
    const std::int64_t length = kFirstTry << std::min(attempt / kTriesOfOneLength, kMostDoublings);
    const PlacementBudget part{std::min(length, budget.nodes - result.nodes), budget.stop};
    Descent descent(stacking, experience, preference, part);
    result.answer = descent.run();
    result.nodes += descent.nodes();
    if (result.answer == PlacementAnswer::kPlaced) result.offsets = stacking.offsets();
    if (result.answer != PlacementAnswer::kGaveUp || budget.stop.stop_requested()) return result;
  }
  return result;
}

}  // namespace nas
