#include "cli/commands/search_notes.h"

#include <algorithm>
#include <string>
#include <vector>

#include "app/devices/machine_load.h"
#include "app/study/metric_origin.h"

namespace nas::cli {

void say_recorded(const StudyConfig& config, Context& context) {
  const std::vector<MetricKey> used = named_metrics(config);
  for (const std::string& text : config.origins) {
    const MetricKey metric = parse_origin(text).metric;
    if (std::ranges::find(used, metric) != used.end()) continue;
    context.note(metric.text() +
                 " is neither an objective nor a constraint: it is recorded for each trial that "
                 "meets the constraints, and does not steer the search");
  }
}

void say_load(const StudyConfig& config, Context& context) {
  const auto measures = [](const std::string& origin) {
    return parse_origin(origin).kind == "measured";
  };
  const std::vector<MetricKey> own = metrics_without_origin(config);
  const bool measured =
      std::ranges::any_of(config.origins, measures) ||
      std::ranges::any_of(own, [](const MetricKey& metric) { return !metric.device.empty(); });
  const std::string load = measured ? load_text(busy_processors()) : "";
  if (load.empty()) return;
  context.note(load + "; the latencies that the search measures, and keeps, are too long");
}

}  // namespace nas::cli
