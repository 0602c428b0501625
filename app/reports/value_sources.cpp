#include "app/reports/value_sources.h"

#include <algorithm>

#include "app/study/metric_origin.h"
#include "core/api/task.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// The first value of a metric with its trial.
struct FirstValue {
  const TrialRow* trial = nullptr;
  const MetricValue* value = nullptr;
};

FirstValue first_value(const StudyData& study, const MetricKey& key) {
  for (const TrialRow& trial : study.trials) {
    for (const MetricValue& value : trial.metrics) {
      if (value.name == key.name && (value.device ? value.device->name : "") == key.device) {
        return {&trial, &value};
      }
    }
  }
  return {};
}

/// "batch=1,threads=2": of each of the devices with this name, as two machines have a host each.
std::string settings_of(const StudyData& study, const MetricKey& key) {
  std::vector<std::string> settings;
  for (const TrialRow& trial : study.trials) {
    for (const MetricValue& value : trial.metrics) {
      if (value.name != key.name || !value.device || value.device->name != key.device) continue;
      const std::string& text = value.device->settings;
      const bool known = std::find(settings.begin(), settings.end(), text) != settings.end();
      if (!known && !text.empty()) settings.push_back(text);
    }
  }
  return join(settings, " and ");
}

std::string words_of(const StudyData& study, const MetricKey& key, const MetricValue& value) {
  for (const std::string& text : study.config.origins) {
    const MetricOrigin origin = parse_origin(text);
    if (origin.metric == key) return describe(origin);
  }
  switch (value.source) {
    case MetricSource::kMeasured:
      return value.fidelity.empty() ? "measured" : "trained";
    case MetricSource::kTabular:
      return "tabular";
    case MetricSource::kPredicted:
      return "predicted";
    case MetricSource::kProxy:
      return "a score of the untrained network";
    case MetricSource::kComputed:
      break;
  }
  return "";
}

}  // namespace

std::string value_sources(const StudyData& study, std::span<const MetricKey> metrics) {
  std::vector<std::string> parts;
  for (const MetricKey& key : metrics) {
    const FirstValue first = first_value(study, key);
    if (first.value == nullptr) continue;
    std::string words = words_of(study, key, *first.value);
    if (words.empty()) continue;
    const std::string& network = first.value->network;
    // Of a training the heading of the networks says it.
    const bool other = !network.empty() && !first.trial->network.empty() &&
                       network != first.trial->network &&
                       first.value->source != MetricSource::kMeasured;
    if (other) words += ", as " + describe_task(network);
    const std::string settings = settings_of(study, key);
    if (!settings.empty()) words += " (" + settings + ")";
    parts.push_back(key.text() + ": " + words);
  }
  return join(parts, "; ");
}

}  // namespace nas
