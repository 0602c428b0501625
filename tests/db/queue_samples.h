#pragma once

#include <cstdint>
#include <vector>

#include "core/api/trial_queue.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

/// Proposals [first, first + count) with an architecture of their own each.
inline std::vector<QueuedTrial> proposals(std::int64_t first, std::int64_t count) {
  std::vector<QueuedTrial> trials;
  for (std::int64_t number = first; number < first + count; ++number) {
    const TrialClaim claim = sample_claim(1, number);
    trials.push_back({.number = number,
                      .text = claim.text,
                      .digest = claim.digest,
                      .published_params = claim.published_params,
                      .published_macs = claim.published_macs,
                      .epochs = number % 3,
                      .reason = claim.reason,
                      .ask_seconds = claim.ask_seconds});
  }
  return trials;
}

inline const QueuedStudy& queued_study() {
  static const QueuedStudy study{"nasbench201", sample_claim(1, 0).network, "random"};
  return study;
}

}  // namespace nas::test
