#include "core/problems/verification_judge.h"

#include <map>
#include <span>
#include <utility>

#include "core/problems/class_judge.h"
#include "core/util/error.h"
#include "core/util/rng.h"
#include "core/util/verification.h"

namespace nas {
namespace {

/// Segments by the number of what they are of.
using Segments = std::map<std::uint32_t, std::vector<float>>;
/// The mean direction of each.
using Directions = std::map<std::uint32_t, std::vector<float>>;

class VerificationJudge final : public Judge {
 public:
  explicit VerificationJudge(VerificationSetup setup) : setup_(std::move(setup)) {
    for (const std::uint32_t recording : setup_.recordings) {
      labels_.push_back(static_cast<std::uint16_t>(setup_.store.labels[recording]));
    }
  }

  std::vector<std::uint32_t> references() const override { return setup_.cohort; }

  void add(std::span<const std::uint32_t> samples, std::span<const float> outputs) override {
    collect(samples, outputs, segments_,
            [this](std::uint32_t sample) { return setup_.recordings[sample]; });
  }

  void add_references(std::span<const std::uint32_t> samples,
                      std::span<const float> outputs) override {
    collect(samples, outputs, cohort_, [](std::uint32_t sample) { return sample; });
  }

  void add_class_scores(std::span<const std::uint32_t> samples,
                        std::span<const float> scores) override {
    const std::size_t classes = scores.size() / samples.size();
    for (const std::uint32_t sample : samples) {
      if (labels_[sample] >= classes) return;  // a speaker whom nobody trained
    }
    if (classes_ == nullptr) classes_ = judge_classes(labels_);
    classes_->add(samples, scores);
  }

  std::vector<NamedValue> values() const override {
    const Directions directions = directions_of(segments_);
    const std::vector<VerificationTrial> trials = setup_.trials.empty() ? pairs() : setup_.trials;
    std::vector<ScoredTrial> scored;
    for (const VerificationTrial& trial : trials) {
      scored.push_back({score_of(directions, trial), trial.target});
    }
    std::vector<NamedValue> values = rates_of(scored, "");
    if (setup_.interval) add_interval(trials, scored, values);
    if (!cohort_.empty()) {
      normalise(directions, trials, scored);
      for (NamedValue& value : rates_of(scored, "_as_norm")) values.push_back(std::move(value));
    }
    values.push_back({"trials", static_cast<double>(trials.size())});
    if (classes_ != nullptr) values.push_back(classes_->values().front());
    return values;
  }

 private:
  template <class NumberOf>
  void collect(std::span<const std::uint32_t> samples, std::span<const float> outputs,
               Segments& segments, const NumberOf& number_of) {
    NAS_CHECK(!samples.empty() && outputs.size() % samples.size() == 0, "an embedding for each");
    dimension_ = outputs.size() / samples.size();
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::span<const float> row = outputs.subspan(i * dimension_, dimension_);
      std::vector<float>& rows = segments[number_of(samples[i])];
      rows.insert(rows.end(), row.begin(), row.end());
    }
  }

  Directions directions_of(const Segments& segments) const {
    Directions directions;
    for (const auto& [number, rows] : segments) {
      directions.emplace(number, mean_direction(rows, dimension_));
    }
    return directions;
  }

  /// Of all recordings that were judged.
  std::vector<VerificationTrial> pairs() const {
    std::vector<std::uint32_t> recordings;
    for (const auto& judged : segments_) recordings.push_back(judged.first);
    return all_pairs(setup_.store, recordings);
  }

  static double score_of(const Directions& directions, const VerificationTrial& trial) {
    const auto direction = [&](std::uint32_t recording) -> const std::vector<float>& {
      const auto found = directions.find(recording);
      NAS_CHECK(found != directions.end(), "a trial with a recording that was not judged");
      return found->second;
    };
    return cosine_score(direction(trial.enrol), direction(trial.test));
  }

  static std::vector<NamedValue> rates_of(std::span<const ScoredTrial> trials,
                                          const std::string& ending) {
    return {{std::string(kEer.name) + ending, 100 * equal_error_rate(trials)},
            {std::string(kMinDcf.name) + ending, min_detection_cost(trials)}};
  }

  void add_interval(std::span<const VerificationTrial> trials, std::span<const ScoredTrial> scored,
                    std::vector<NamedValue>& values) const {
    constexpr std::size_t kFewest = 5;  // recordings that can be drawn from
    if (segments_.size() < kFewest) return;
    const Interval interval =
        eer_interval(scored, recording_units(trials), {},
                     Rng({.seed = setup_.seed, .purpose = Purpose::kSimulation}));
    values.push_back({"eer_low", 100 * interval.low});
    values.push_back({"eer_high", 100 * interval.high});
  }

  void normalise(const Directions& directions, std::span<const VerificationTrial> trials,
                 std::vector<ScoredTrial>& scored) const {
    const Directions cohort = directions_of(cohort_);
    std::map<std::uint32_t, CohortStatistics> statistics;
    for (const auto& [recording, direction] : directions) {
      std::vector<double> scores;
      for (const auto& other : cohort) scores.push_back(cosine_score(direction, other.second));
      statistics.emplace(recording, cohort_statistics(std::move(scores), setup_.cohort_top));
    }
    for (std::size_t i = 0; i < trials.size(); ++i) {
      scored[i].score =
          as_norm(scored[i].score, statistics.at(trials[i].enrol), statistics.at(trials[i].test));
    }
  }

  VerificationSetup setup_;
  std::vector<std::uint16_t> labels_;  ///< by sample
  Segments segments_;                  ///< by recording
  Segments cohort_;                    ///< by training sample
  std::size_t dimension_ = 0;
  std::unique_ptr<Judge> classes_;
};

}  // namespace

std::unique_ptr<Judge> judge_verification(VerificationSetup setup) {
  return std::make_unique<VerificationJudge>(std::move(setup));
}

}  // namespace nas
