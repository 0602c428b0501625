#include "predictors/help/references.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/util/error.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "predictors/help/help_net.h"
#include "predictors/transfer/measured_scale.h"

namespace nas {

std::vector<Architecture> spread_references(std::string_view who,
                                            std::span<const TransferTask> tasks) {
  struct Seen {
    std::size_t tasks = 0;
    double rank = 0;  // sum of parts in [0, 1]
  };
  std::map<Architecture, Seen> seen;
  for (const TransferTask& task : tasks) {
    const std::vector<double> ranks = average_ranks(task.targets);
    std::map<Architecture, double> once;
    for (std::size_t i = 0; i < ranks.size(); ++i) {
      once[*task.subjects[i].architecture] = ranks[i] / static_cast<double>(ranks.size());
    }
    for (const auto& [architecture, rank] : once) {
      Seen& one = seen[architecture];
      ++one.tasks;
      one.rank += rank;
    }
  }
  std::vector<std::pair<double, Architecture>> known;
  for (std::size_t least = tasks.size(); least > 0 && known.size() < kHelpReferences; --least) {
    known.clear();
    for (const auto& [architecture, one] : seen) {
      if (one.tasks < least) continue;
      known.emplace_back(one.rank / static_cast<double>(one.tasks), architecture);
    }
  }
  if (known.size() < kHelpReferences) {
    throw Error(ErrorKind::kData, std::string(who) + ": " + std::to_string(known.size()) +
                                      " different architectures were measured; a device is "
                                      "represented by ten");
  }
  std::sort(known.begin(), known.end());
  std::vector<Architecture> references;
  for (std::size_t i = 0; i < kHelpReferences; ++i) {
    references.push_back(known[(2 * i + 1) * known.size() / (2 * kHelpReferences)].second);
  }
  return references;
}

std::vector<Architecture> read_references(std::string_view who, const SearchSpace& space,
                                          std::string_view texts) {
  Rng any(RngKey{});
  const bool has_semicolons = space.format(sample(space, any)).find(';') != std::string::npos;
  const std::vector<std::string> words = has_semicolons ? split_words(texts) : split(texts, ';');
  if (words.size() != kHelpReferences) {
    throw Error(ErrorKind::kUsage, std::string(who) +
                                       ": references = " + std::to_string(words.size()) +
                                       " architectures, must be ten, separated by " +
                                       (has_semicolons ? "spaces" : "';'"));
  }
  std::vector<Architecture> references;
  for (const std::string& word : words) references.push_back(space.parse(trim(word)));
  return references;
}

ReferenceLatencies reference_latencies(std::span<const Architecture> references,
                                       std::span<const Subject> subjects,
                                       std::span<const double> targets) {
  ReferenceLatencies result{std::vector<double>(references.size()), 0};
  std::vector<Subject> missing;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const auto found = std::find_if(subjects.begin(), subjects.end(), [&](const Subject& subject) {
      return *subject.architecture == references[i];
    });
    if (found == subjects.end()) {
      missing.push_back({subjects.front().space, &references[i], nullptr});
      places.push_back(i);
      continue;
    }
    result.values[i] = targets[static_cast<std::size_t>(found - subjects.begin())];
    ++result.measured;
  }
  if (missing.empty()) return result;
  const std::vector<double> estimates = ridge_estimates(subjects, targets, missing);
  for (std::size_t i = 0; i < places.size(); ++i) result.values[places[i]] = estimates[i];
  return result;
}

MiddlePart::MiddlePart(std::span<const double> targets) : rows(targets.size()) {
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::size_t a, std::size_t b) { return targets[a] < targets[b]; });
  const auto cut = static_cast<std::ptrdiff_t>(rows.size() / 10);
  rows = {rows.begin() + cut, rows.end() - cut};
  low = targets[rows.front()];
  high = targets[rows.back()];
}

HelpTask help_task(std::string_view who, const TransferTask& task,
                   std::span<const Architecture> references) {
  const MiddlePart middle(task.targets);
  if (middle.low == middle.high) {
    throw Error(ErrorKind::kData, std::string(who) + ": source '" + task.name +
                                      "': the middle 80 % of its measurements are " +
                                      format_double(middle.low) +
                                      ", which tells no network from another");
  }
  HelpTask result;
  result.embedding =
      help_embedding(reference_latencies(references, task.subjects, task.targets).values);
  for (const std::size_t row : middle.rows) {
    const Subject& subject = task.subjects[row];
    result.encodings.push_back(help_encoding(*subject.space, *subject.architecture));
    result.labels.push_back(help_label(task.targets[row], middle.low, middle.high));
  }
  return result;
}

}  // namespace nas
