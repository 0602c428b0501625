#pragma once

#include <memory>
#include <span>

#include "core/api/evaluation.h"
#include "core/api/metric_info.h"
#include "core/api/search_space.h"

namespace nas {

/// What a study says of the networks whose values are wanted.
struct EvaluatorSetup {
  const SearchSpace& space;
  Task task;    ///< the network that cost and latency mean
  Device host;  ///< this machine, with the study's batch and threads
};

/// The record of an evaluator that needs neither data nor a training: the metrics that it gives,
/// and how it is made. One for each file in the list of app/CMakeLists.txt, without the session, so
/// that the explorer knows its metrics too.
struct EvaluatorKind {
  std::span<const MetricInfo> metrics;
  std::unique_ptr<Evaluator> (*make)(const EvaluatorSetup& setup);
  bool always = false;  ///< also where objectives and constraints name no metric of it
};

/// In the order of the list: a metric is given by the first that has its name.
std::span<const EvaluatorKind* const> evaluator_kinds();

}  // namespace nas
