#include "app/scoring/proxy_evaluator.h"

#include <cmath>
#include <utility>

#include "app/session/session.h"
#include "core/util/error.h"
#include "predictors/zerocost/proxy.h"

namespace nas {
namespace {

class ProxyEvaluator final : public Evaluator {
 public:
  ProxyEvaluator(std::unique_ptr<ProxyEngine> engine, const std::vector<ProxyChoice>& choices,
                 const SearchSpace& space, const Task& task)
      : engine_(std::move(engine)) {
    info_.name = "zerocost";
    info_.metrics = engine_->outputs().names;
    info_.expense = 50;
    info_.reusable = false;
    info_.task = task;
    info_.network = network_text(space, task);
    info_.fidelity = score_fidelity(*engine_, choices);
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
                                                const std::vector<ProxyChoice>& choices,
                                                const SearchSpace& space, const Task& task) {
  return std::make_unique<ProxyEvaluator>(std::move(engine), choices, space, task);
}

ProxyChoice parse_proxy(const std::string& text) {
  const PluginChoice choice = parse_plugin_choice(text);
  return {choice.name, find_plugin(proxy_plugins(), "proxy", choice.name).resolve(choice.options)};
}

std::string score_fidelity(const ProxyEngine& engine, std::span<const ProxyChoice> choices) {
  std::string text = "untrained:data=" + engine.data_id() +
                     ",seed=" + std::to_string(engine.settings().seed) +
                     ",batch=" + std::to_string(engine.settings().batch) +
                     ",engine=" + std::to_string(kProxyEngineVersion);
  for (const ProxyChoice& choice : choices) {
    const OptionMap usual = find_plugin(proxy_plugins(), "proxy", choice.name).resolve({});
    for (const auto& [name, value] : choice.options) {
      if (usual.at(name) != value) text += "," + choice.name + "." + name + "=" + value;
    }
  }
  return text;
}

std::span<const MetricInfo> proxy_metrics() {
  static const std::vector<std::string> kNames = [] {
    std::vector<ProxyChoice> all;
    for (const Plugin<Proxy>* plugin : proxy_plugins()) all.push_back({std::string(plugin->name)});
    return ProxyEngine(all, {}, nullptr).outputs().names;
  }();
  static const std::vector<MetricInfo> kInfos = [] {
    std::vector<MetricInfo> infos;
    for (const std::string& name : kNames) {
      infos.push_back({.name = name,
                       .title = name,
                       .unit = "",
                       .meaning = "score of the untrained network",
                       .role = MetricRole::kScore});
    }
    return infos;
  }();
  return kInfos;
}

std::string proxy_of_metric(const std::string& metric) {
  return metric.substr(0, metric.find('.'));
}

}  // namespace nas
