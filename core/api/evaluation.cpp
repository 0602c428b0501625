#include "core/api/evaluation.h"

namespace nas {

std::string to_string(MetricSource source) {
  switch (source) {
    case MetricSource::kComputed:
      return "computed";
    case MetricSource::kMeasured:
      return "measured";
    case MetricSource::kTabular:
      return "tabular";
    case MetricSource::kPredicted:
      return "predicted";
    case MetricSource::kProxy:
      return "proxy";
  }
  NAS_CHECK(false, "a metric source without a name");
  return {};
}

}  // namespace nas
