#include "core/problems/class_judge.h"

#include <algorithm>
#include <cmath>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr int kTop = 5;

/// Of one sample: log sum exp(score) - score of its class.
double cross_entropy(std::span<const float> scores, std::size_t label) {
  const float highest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const float score : scores) sum += std::exp(static_cast<double>(score - highest));
  return std::log(sum) + highest - scores[label];
}

class ClassJudge final : public Judge {
 public:
  explicit ClassJudge(std::span<const std::uint16_t> labels) : labels_(labels) {}

  void add(std::span<const std::uint32_t> samples, std::span<const float> outputs) override {
    NAS_CHECK(!samples.empty() && outputs.size() % samples.size() == 0, "scores for each sample");
    const std::size_t classes = outputs.size() / samples.size();
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::size_t label = labels_[samples[i]];
      NAS_CHECK(label < classes, "a score for each class");
      add_one(outputs.subspan(i * classes, classes), label);
    }
    count_ += samples.size();
  }

  std::vector<NamedValue> values() const override {
    const auto n = static_cast<double>(std::max<std::size_t>(count_, 1));
    return {{std::string(kAccuracy.name), 100 * first_ / n},
            {"top5_accuracy", 100 * among_top_ / n},
            {"loss", loss_ / n}};
  }

 private:
  void add_one(std::span<const float> scores, std::size_t label) {
    const float score = scores[label];
    int rank = 0;
    for (std::size_t c = 0; c < scores.size(); ++c) {
      // A class whose score is not a number is not behind another: such an answer is wrong.
      const bool behind = scores[c] < score || (scores[c] == score && c >= label);
      rank += behind ? 0 : 1;
    }
    first_ += rank < 1 ? 1 : 0;
    among_top_ += rank < kTop ? 1 : 0;
    loss_ += cross_entropy(scores, label);
  }

  std::span<const std::uint16_t> labels_;
  std::size_t count_ = 0;
  double first_ = 0;
  double among_top_ = 0;
  double loss_ = 0;
};

}  // namespace

std::unique_ptr<Judge> judge_classes(std::span<const std::uint16_t> labels) {
  return std::make_unique<ClassJudge>(labels);
}

}  // namespace nas
