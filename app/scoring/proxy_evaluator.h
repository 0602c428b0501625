#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/api/evaluation.h"
#include "core/api/metric_info.h"
#include "predictors/zerocost/engine.h"

namespace nas {

/// "zerocost": one metric a score, source kProxy, without training. Not reusable for an equal
/// digest: some proxies see dead nodes.
std::unique_ptr<Evaluator> make_proxy_evaluator(std::unique_ptr<ProxyEngine> engine,
                                                const std::vector<ProxyChoice>& choices,
                                                const SearchSpace& space, const Task& task);

/// One proxy, "diswot:teacher=resnet20", with all its options. Throws Error(kUsage) with the near
/// miss.
ProxyChoice parse_proxy(const std::string& text);

/// What stored scores were computed with: data, seed, batch, and options that are not the defaults.
std::string score_fidelity(const ProxyEngine& engine, std::span<const ProxyChoice> choices);

/// All scores that objectives and constraints may name: the proxies with their default options.
std::span<const MetricInfo> proxy_metrics();
/// The proxy that a score belongs to: "az_nas" of "az_nas.trainability".
std::string proxy_of_metric(const std::string& metric);

}  // namespace nas
