#include "app/study/metric_origin.h"

#include <algorithm>
#include <array>
#include <vector>

#include "app/fitted/predictor_store.h"
#include "app/supernets/subnet_judge.h"
#include "app/supernets/supernet_metrics.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "hwmodels/tdnn_latency.h"

namespace nas {
namespace {

Evaluator::Info info_of(const MetricOrigin& origin, const SearchSpace& space, const Task& task) {
  Evaluator::Info info;
  info.name = origin.kind;
  info.metrics = {origin.metric.name};
  info.reusable = false;  // quicker than a look-up
  info.task = task;
  info.network = network_text(space, task);
  return info;
}

class PredictorEvaluator final : public Evaluator {
 public:
  PredictorEvaluator(StoredPredictor stored, const SearchSpace& space, Info info)
      : stored_(std::move(stored)), space_(space), info_(std::move(info)) {
    constexpr std::size_t kShownDigits = 16;
    info_.expense = 5;
    info_.fidelity =
        "predictor=" + stored_.row.name + "; sha256=" + stored_.row.sha256.substr(0, kShownDigits);
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    EvalResult result;
    result.metrics = {{info_.metrics.front(), predict(request.architecture),
                       MetricSource::kPredicted, info_.fidelity, std::nullopt}};
    return result;
  }

  double predict(const Architecture& architecture) const {
    return stored_.predictor->predict(space_, {{architecture}, {}, {}}).front().mean;
  }

 private:
  StoredPredictor stored_;
  const SearchSpace& space_;
  Info info_;
};

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
  auto evaluator =
      std::make_unique<PredictorEvaluator>(std::move(stored), space, info_of(origin, space, task));
  // What it cannot predict at all is said before the first trial.
  Rng rng({.seed = 0, .purpose = Purpose::kSample});
  evaluator->predict(sample(space, rng));
  return evaluator;
}

class TdnnLatencyEvaluator final : public Evaluator {
 public:
  TdnnLatencyEvaluator(TdnnLatency table, Info info)
      : table_(std::move(table)), info_(std::move(info)) {
    info_.expense = 1;
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    EvalResult result;
    result.metrics = {{info_.metrics.front(), table_.milliseconds(request.architecture.choices),
                       MetricSource::kPredicted, "", info_.device}};
    return result;
  }

 private:
  TdnnLatency table_;
  Info info_;
};

std::unique_ptr<Evaluator> make_tdnn_latency_evaluator(Session&, const SearchSpace& space,
                                                       const Task&, const MetricOrigin& origin) {
  if (origin.metric.name != "latency_ms") {
    throw Error(ErrorKind::kUsage,
                "a latency table gives latency_ms@DEVICE, not '" + origin.metric.text() + "'");
  }
  // The table is of the published input, whatever the study's data are.
  Evaluator::Info info = info_of(origin, space, space.info().default_task);
  info.device = Device{origin.metric.device, "gpu", "batch=64,precision=float32"};
  return std::make_unique<TdnnLatencyEvaluator>(TdnnLatency(space, origin.argument),
                                                std::move(info));
}

class SupernetEvaluator final : public Evaluator {
 public:
  SupernetEvaluator(SubnetJudge judge, Info info)
      : judge_(std::move(judge)), info_(std::move(info)) {
    constexpr int kSubnetExpense = 20;  // tens of milliseconds
    info_.expense = kSubnetExpense;
    info_.fidelity = judge_.fidelity();
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    EvalResult result;
    for (const NamedValue& value : judge_.judge(request.architecture)) {
      if (value.name != info_.metrics.front()) continue;
      result.metrics = {{value.name, value.value, MetricSource::kPredicted, info_.fidelity,
                         std::nullopt, info_.network}};
    }
    return result;
  }

 private:
  SubnetJudge judge_;
  Info info_;
};

/// Metrics that a subnet is judged by on these data.
std::vector<std::string> subnet_metrics(const ProblemRecord& problem) {
  std::vector<std::string> names;
  for (const MetricInfo& metric : problem.metrics) names.emplace_back(metric.name);
  if (problem.loss == "cross_entropy") names.emplace_back(kSupernetMetrics[0].name);
  return names;
}

std::unique_ptr<Evaluator> make_supernet_evaluator(Session& session, const SearchSpace& space,
                                                   const Task&, const MetricOrigin& origin) {
  const PluginChoice choice = parse_plugin_choice(origin.argument);
  const auto judging = parse_fields<SubnetJudging>(kSubnetJudgingFields, choice.options,
                                                   "origin supernet:" + choice.name);
  OpenSupernet supernet = open_supernet(session, choice.name);
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorKind::kUsage, "supernet '" + choice.name + "' " + why);
  };
  const SpaceInfo& own = supernet.space->info();
  if (own.name + own.network_settings != space.info().name + space.info().network_settings) {
    fail("is of space '" + own.name + own.network_settings + "', not '" + space.info().name +
         space.info().network_settings + "'");
  }
  const std::vector<std::string> names = subnet_metrics(supernet.problem->record());
  if (std::ranges::find(names, origin.metric.name) == names.end()) {
    fail("gives " + join(names, ", ") + ", not '" + origin.metric.name + "'");
  }
  // The network that it has the weights of, whatever the study's winner is to be.
  const Evaluator::Info info = info_of(origin, space, supernet.task);
  return std::make_unique<SupernetEvaluator>(SubnetJudge(std::move(supernet), judging), info);
}

constexpr std::array<MetricOriginKind, 3> kKinds{{
    {"predictor", "NAME", "a predictor of the results database (nasctl predictor list)",
     make_predictor_evaluator},
    {"supernet", "NAME[:samples=1000,statistics=batch]",
     "a subnet with the weights of a supernet on held-out samples (nasctl supernet list)",
     make_supernet_evaluator},
    {"tdnn_latency", "DIR", "the published latency table of EfficientTDNN, a V100 at batch 64",
     make_tdnn_latency_evaluator},
}};

const MetricOriginKind& find_kind(std::string_view name) {
  std::vector<std::string> names;
  for (const MetricOriginKind& kind : kKinds) {
    if (kind.name == name) return kind;
    names.emplace_back(kind.name);
  }
  throw Error(ErrorKind::kUsage, unknown_name("origin", printable(name), names));
}

}  // namespace

std::span<const MetricOriginKind> metric_origin_kinds() {
  return kKinds;
}

MetricOrigin parse_origin(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::size_t colon = text.find(':', equals == std::string_view::npos ? 0 : equals);
  if (equals == std::string_view::npos || colon == std::string_view::npos ||
      trim(text.substr(colon + 1)).empty()) {
    throw Error(ErrorKind::kUsage, "origin '" + printable(text) +
                                       "': write METRIC=KIND:WHERE, such as eer=predictor:NAME");
  }
  const std::string_view kind = trim(text.substr(equals + 1, colon - equals - 1));
  return {parse_metric(text.substr(0, equals)), std::string(find_kind(kind).name),
          std::string(trim(text.substr(colon + 1)))};
}

std::string to_string(const MetricOrigin& origin) {
  return origin.metric.text() + " = " + origin.kind + ":" + origin.argument;
}

std::unique_ptr<Evaluator> make_origin_evaluator(Session& session, const SearchSpace& space,
                                                 const Task& task, const MetricOrigin& origin) {
  return find_kind(origin.kind).make(session, space, task, origin);
}

}  // namespace nas
