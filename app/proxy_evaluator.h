#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/api/evaluation.h"
#include "predictors/zerocost/engine.h"

namespace nas {

/// "zerocost": one metric a score, source kProxy, without training. Not reusable for an equal
/// digest: some proxies see dead nodes.
std::unique_ptr<Evaluator> make_proxy_evaluator(std::unique_ptr<ProxyEngine> engine,
                                                const Task& task);

/// All scores that objectives and constraints may name: the proxies with their default options.
std::vector<std::string> proxy_metrics();
/// The proxy that a score belongs to: "az_nas" of "az_nas.trainability".
std::string proxy_of_metric(const std::string& metric);

}  // namespace nas
