#include "core/runtime/supernet/collapse.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::size_t best_of(const std::vector<double>& shares) {
  return static_cast<std::size_t>(std::ranges::max_element(shares) - shares.begin());
}

/// Does a skip connection lead clearly, `none` aside?
bool prefers_skip(const ChoiceGroup& group, const std::vector<double>& shares) {
  constexpr double kLead = 1.1;
  double skip = 0, other = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (group.alternatives[i] == AlternativeKind::kNone) continue;
    double& best = group.alternatives[i] == AlternativeKind::kSkip ? skip : other;
    best = std::max(best, shares[i]);
  }
  return skip > 0 && skip >= kLead * other;
}

constexpr std::size_t kWindow = 5;
constexpr double kGrowth = 0.75;

double mean_until(const double* end) {
  return std::accumulate(end - kWindow, end, 0.0) / static_cast<double>(kWindow);
}

}  // namespace

std::vector<NamedValue> share_values(const ChoiceGroups& groups, const ArchVectors& shares) {
  double all_entropy = 0, gap = 0;
  std::map<AlternativeKind, double> kinds;
  const auto count = static_cast<double>(std::max<std::size_t>(groups.choices.size(), 1));
  for (std::size_t g = 0; g < groups.choices.size(); ++g) {
    all_entropy += entropy(shares.alphas[g]) / count;
    std::vector<double> sorted = shares.alphas[g];
    std::ranges::sort(sorted, std::greater<>());
    gap += (sorted[0] - (sorted.size() > 1 ? sorted[1] : 0)) / count;
    kinds[groups.choices[g].alternatives[best_of(shares.alphas[g])]] += 1 / count;
  }
  return {{"entropy", all_entropy},
          {"gap", gap},
          {"skip_share", kinds[AlternativeKind::kSkip]},
          {"parameter_free_share", kinds[AlternativeKind::kParameterFree]},
          {"none_share", kinds[AlternativeKind::kNone]}};
}

CollapseWatch::CollapseWatch(const ChoiceGroups& groups, std::int64_t epochs)
    : groups_(groups),
      state_(kEigenvalues + static_cast<std::size_t>(epochs),
             std::numeric_limits<double>::quiet_NaN()) {
  std::fill_n(state_.begin(), kEigenvalues, 0.0);
}

bool CollapseWatch::say(Said what, bool holds) {
  if (!holds || state_[what] != 0) return false;
  state_[what] = 1;
  return true;
}

std::vector<std::string> CollapseWatch::look(std::int64_t epoch, const ArchVectors& shares,
                                             double eigenvalue) {
  const std::string when = "epoch " + std::to_string(epoch) + ": ";
  std::map<std::string, std::pair<int, int>> cells;  // skips, choices
  int skips = 0;
  for (std::size_t g = 0; g < groups_.choices.size(); ++g) {
    const bool skip = prefers_skip(groups_.choices[g], shares.alphas[g]);
    auto& [of_cell, choices] = cells[groups_.choices[g].part];
    of_cell += skip ? 1 : 0;
    ++choices;
    skips += skip ? 1 : 0;
  }
  std::vector<std::string> texts;
  for (const auto& [cell, counts] : cells) {
    if (!say(kSeveral, counts.first >= 2)) continue;
    texts.push_back(
        when + std::to_string(counts.first) + " of " + std::to_string(counts.second) +
        " edges of '" + cell +
        "' prefer a skip connection: the search begins to collapse (DARTS+ stops at 2)");
  }
  const auto all = static_cast<int>(groups_.choices.size());
  if (say(kHalf, all > 1 && 2 * skips >= all)) {
    texts.push_back(when + std::to_string(skips) + " of " + std::to_string(all) +
                    " choices prefer a skip connection: the search has collapsed");
  }
  const auto end = kEigenvalues + static_cast<std::size_t>(epoch);
  NAS_CHECK(epoch >= 1 && end <= state_.size(), "an epoch that the watch was not made for");
  state_[end - 1] = eigenvalue;
  if (end < kEigenvalues + 2 * kWindow) return texts;
  const double now = mean_until(&state_[end - 1] + 1);
  const double before = mean_until(&state_[end - 1] + 1 - kWindow);
  // NaN compares as false.
  if (say(kSharp, now > 0 && before / now < kGrowth)) {
    texts.push_back(when +
                    "the largest eigenvalue of the validation loss in the alphas rose from " +
                    format_short(before) + " to " + format_short(now) +
                    " in five epochs: what is found from here on generalises worse (Zela et al.)");
  }
  return texts;
}

}  // namespace nas
