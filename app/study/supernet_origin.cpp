#include "app/study/supernet_origin.h"

#include <algorithm>
#include <atomic>

#include "app/supernets/subnet_judge.h"
#include "app/supernets/supernet_metrics.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

class SupernetEvaluator final : public Evaluator {
 public:
  SupernetEvaluator(SubnetJudge judge, Info info, ProgressSink& progress)
      : judge_(std::move(judge)), info_(std::move(info)), progress_(progress) {
    constexpr int kSubnetExpense = 20;  // tens of milliseconds
    info_.expense = kSubnetExpense;
    info_.fidelity = judge_.fidelity();
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    const std::string untrained = judge_.supernet().untrained_part(request.architecture);
    if (!untrained.empty() && !said_.exchange(true)) {
      progress_.message(
          "note: " + untrained +
          "; trials with such choices are judged by weights that know nothing of them");
    }
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
  ProgressSink& progress_;  // of the session
  mutable std::atomic<bool> said_ = false;
};

/// Metrics that a subnet is judged by on these data.
std::vector<std::string> subnet_metrics(const ProblemRecord& problem) {
  std::vector<std::string> names;
  for (const MetricInfo& metric : problem.metrics) names.emplace_back(metric.name);
  if (problem.loss == "cross_entropy") names.emplace_back(kSupernetMetrics[0].name);
  return names;
}

}  // namespace

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
  // Its values are not reused also since subnets of an equal digest have other weights.
  Evaluator::Info info = origin_info(origin, space, supernet.task);
  return std::make_unique<SupernetEvaluator>(SubnetJudge(std::move(supernet), judging),
                                             std::move(info), session.progress());
}

}  // namespace nas
