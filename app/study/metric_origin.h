#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "app/session/session.h"
#include "app/study/constraint.h"
#include "core/api/evaluation.h"

namespace nas {

/// Where a study takes a metric from instead of measuring or training: "eer = predictor:NAME",
/// "latency_ms@v100 = tdnn_latency:DIR".
struct MetricOrigin {
  MetricKey metric;
  std::string kind;
  std::string argument;
};
/// Throws Error(kUsage) for an unknown metric or kind (near miss) and for what is left empty.
MetricOrigin parse_origin(std::string_view text);
std::string to_string(const MetricOrigin& origin);  ///< parse_origin reads it back
/// For people: "with the shared weights of supernet first", "predicted by NAME".
std::string describe(const MetricOrigin& origin);

/// A kind of origin, as help shows it.
struct MetricOriginKind {
  std::string_view name;
  std::string_view argument;  ///< "NAME"
  std::string_view meaning;
  std::string_view words;  ///< of its values, before the argument: "predicted by"
  std::string_view names;  ///< what the argument begins with: "device"; "" = a file or a number
  std::unique_ptr<Evaluator> (*make)(Session& session, const SearchSpace& space, const Task& task,
                                     const MetricOrigin& origin);
};
std::span<const MetricOriginKind> metric_origin_kinds();

/// What the evaluators of all origins say of themselves: the metric, and the network of `task`,
/// whose values are not reused by other studies. Device, fidelity and expense are left to each.
Evaluator::Info origin_info(const MetricOrigin& origin, const SearchSpace& space, const Task& task);

/// Gives the metric for each architecture of `space`; `task` is the network that a study's sizes
/// are of. Throws Error(kUsage | kData | kIo) for an origin that does not fit the space or is
/// damaged.
std::unique_ptr<Evaluator> make_origin_evaluator(Session& session, const SearchSpace& space,
                                                 const Task& task, const MetricOrigin& origin);

}  // namespace nas
