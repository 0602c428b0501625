#include "app/proxy_evaluator.h"

#include <cmath>
#include <utility>

#include "core/util/error.h"
#include "predictors/zerocost/proxy.h"

namespace nas {
namespace {

class ProxyEvaluator final : public Evaluator {
 public:
  ProxyEvaluator(std::unique_ptr<ProxyEngine> engine, const Task& task)
      : engine_(std::move(engine)) {
    info_.name = "zerocost";
    info_.metrics = engine_->outputs().names;
    info_.expense = 50;
    info_.reusable = false;
    info_.task = task;
    info_.fidelity = "untrained:data=" + engine_->data_id() +
                     ",seed=" + std::to_string(engine_->settings().seed) +
                     ",batch=" + std::to_string(engine_->settings().batch);
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    EvalResult result;
    for (const ProxyScore& score : engine_->score(request.graph)) {
      if (!std::isfinite(score.value)) {
        throw Error(ErrorKind::kNumeric, "proxy '" + score.name + "': " + score.note);
      }
      result.metrics.push_back(
          {score.name, score.value, MetricSource::kProxy, info_.fidelity, std::nullopt});
    }
    return result;
  }

 private:
  std::unique_ptr<ProxyEngine> engine_;
  Info info_;
};

}  // namespace

std::unique_ptr<Evaluator> make_proxy_evaluator(std::unique_ptr<ProxyEngine> engine,
                                                const Task& task) {
  return std::make_unique<ProxyEvaluator>(std::move(engine), task);
}

std::vector<std::string> proxy_metrics() {
  std::vector<ProxyChoice> all;
  for (const Plugin<Proxy>* plugin : proxy_plugins()) all.push_back({std::string(plugin->name)});
  return ProxyEngine(all, {}, nullptr).outputs().names;
}

std::string proxy_of_metric(const std::string& metric) {
  return metric.substr(0, metric.find('.'));
}

}  // namespace nas
