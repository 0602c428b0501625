#include "app/study/predictor_origin.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "app/fitted/predictor_store.h"
#include "app/study/device_origin.h"
#include "app/study/metric_catalogue.h"
#include "core/api/column_names.h"
#include "core/api/transfer_predictor.h"
#include "core/util/error.h"
#include "core/util/hash.h"

namespace nas {
namespace {

class PredictorEvaluator final : public Evaluator {
 public:
  /// `space` is the study's; the predictor is asked in `asked`.
  PredictorEvaluator(StoredPredictor stored, const SearchSpace& space, const SearchSpace& asked,
                     Info info)
      : stored_(std::move(stored)), space_(space), asked_(asked), info_(std::move(info)) {
    info_.expense = 5;
    info_.fidelity = "predictor=" + stored_.row.name + "; " + sha256_mark(stored_.row.sha256);
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    EvalResult result;
    result.metrics = {predict(request.architecture)};
    return result;
  }

  MetricValue predict(const Architecture& proposed) const {
    const Architecture architecture =
        &asked_ == &space_ ? proposed : asked_.parse(space_.format(proposed));
    const Prediction predicted =
        stored_.predictor->predict(asked_, {{architecture}, {}, {}}).front();
    return {.name = info_.metrics.front(),
            .value = predicted.mean,
            .source = MetricSource::kPredicted,
            .fidelity = info_.fidelity,
            .device = info_.device,
            .interval = interval_of(architecture, predicted)};
  }

 private:
  std::optional<Interval> interval_of(const Architecture& architecture,
                                      const Prediction& predicted) const {
    if (!(predicted.deviation > 0)) return std::nullopt;
    Interval interval = interval_around(architecture, predicted);
    const MetricInfo& metric = metric_info(info_.metrics.front());
    if (metric.role == MetricRole::kCost) interval.low = std::max(interval.low, 0.0);
    return interval;
  }

  Interval interval_around(const Architecture& architecture, const Prediction& predicted) const {
    if (const auto* transfer = dynamic_cast<const TransferPredictor*>(stored_.predictor.get())) {
      const std::vector<Architecture> one = {architecture};
      return nas::interval_of(transfer->forecast(subjects_of(asked_, one)).front(),
                              kIntervalProbability);
    }
    constexpr double kDeviations = 1.6449;  // hold nine of ten of a normal distribution
    return {predicted.mean - kDeviations * predicted.deviation,
            predicted.mean + kDeviations * predicted.deviation};
  }

  StoredPredictor stored_;
  const SearchSpace& space_;
  const SearchSpace& asked_;
  Info info_;
};

/// The space that a predictor of a new device learned, where its options are known: a choice may
/// have another number there (another list of resolutions), though the text says the same. nullptr
/// for other predictors, and where only the name of the space is stored.
const SearchSpace* learned_space(const StoredPredictor& stored, const ColumnQuery& learned) {
  const bool known = !stored.benchmark.empty() || stored.row.space != stored.space->info().name;
  const bool of_device = learned.wanted.contains("device") &&
                         dynamic_cast<const TransferPredictor*>(stored.predictor.get()) != nullptr;
  return known && of_device ? stored.space : nullptr;
}

}  // namespace

std::unique_ptr<Evaluator> make_predictor_evaluator(Session& session, const SearchSpace& space,
                                                    const Task& task, const MetricOrigin& origin) {
  StoredPredictor stored = load_predictor(session, origin.argument);
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorKind::kUsage, "predictor '" + stored.row.name + "' " + why);
  };
  if (stored.space->info().name != space.info().name) {
    fail("is for space '" + stored.space->info().name + "', not '" + space.info().name + "'");
  }
  if (!stored.features.empty()) {
    fail("reads columns of a benchmark, which a search does not have; use it with bench simulate");
  }
  const ColumnQuery learned = parse_column_query(stored.target);
  if (find_in_catalogue(learned.metric) != nullptr && learned.metric != origin.metric.name) {
    fail("predicts " + learned.metric + ", not " + origin.metric.name);
  }
  const auto device = learned.wanted.find("device");
  if (device != learned.wanted.end() && device->second != origin.metric.device) {
    fail("predicts " + learned.metric + "@" + device->second + ", not " + origin.metric.text());
  }
  const SearchSpace* learned_in = learned_space(stored, learned);
  if (learned_in != nullptr &&
      learned_in->info().network_settings != space.info().network_settings) {
    fail("learned networks of '" + stored.row.space + "', and the study's are of '" +
         space.info().name + space.info().network_settings +
         "', where the same text means another network");
  }
  Evaluator::Info info = origin_info(origin, space, task);
  info.device = named_device(session, origin.metric.device);
  auto evaluator = std::make_unique<PredictorEvaluator>(
      std::move(stored), space, learned_in == nullptr ? space : *learned_in, std::move(info));
  // What it cannot predict at all is said before the first trial.
  Rng rng({.seed = 0, .purpose = Purpose::kSample});
  evaluator->predict(sample(space, rng));
  return evaluator;
}

}  // namespace nas
