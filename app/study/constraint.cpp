#include "app/study/constraint.h"

#include <algorithm>
#include <cmath>

#include "app/scoring/proxy_evaluator.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::string_view canonical_name(std::string_view name) {
  return name == "peak_memory_bytes" ? "activation_bytes" : name;
}

/// "300000" rather than "3e+05": people write it so.
std::string bound_text(double bound) {
  constexpr double kPlain = 1e15;
  const bool whole = bound == std::floor(bound) && std::abs(bound) < kPlain;
  return whole ? std::to_string(static_cast<std::int64_t>(bound)) : format_double(bound);
}

}  // namespace

const MetricInfo& metric_info(std::string_view name) {
  std::vector<std::string> names;
  if (const MetricInfo* info = find_in_catalogue(canonical_name(name))) return *info;
  for (const MetricInfo& info : metric_catalogue()) names.emplace_back(info.name);
  // Where a cost has the name of a proxy ("params"), the cost is meant.
  for (const MetricInfo& info : proxy_metrics()) {
    if (info.name == name) return info;
    if (std::find(names.begin(), names.end(), info.name) == names.end()) {
      names.emplace_back(info.name);
    }
  }
  throw Error(ErrorKind::kUsage, unknown_name("metric", name, names));
}

MetricValues to_values(std::span<const MetricValue> metrics) {
  MetricValues values;
  for (const MetricValue& metric : metrics) {
    values[{metric.name, metric.device ? metric.device->name : ""}] = metric.value;
  }
  return values;
}

MetricIntervals to_intervals(std::span<const MetricValue> metrics) {
  MetricIntervals intervals;
  for (const MetricValue& metric : metrics) {
    const MetricKey key{metric.name, metric.device ? metric.device->name : ""};
    intervals.erase(key);  // the last value counts
    if (metric.interval) intervals[key] = *metric.interval;
  }
  return intervals;
}

MetricKey parse_metric(std::string_view text) {
  text = trim(text);
  const std::size_t at = text.find('@');
  const std::string_view name = trim(text.substr(0, at));
  const MetricInfo& info = metric_info(name);
  std::string device(at == std::string_view::npos ? "" : trim(text.substr(at + 1)));
  if (!info.per_device) {
    if (at != std::string_view::npos) {
      throw Error(ErrorKind::kUsage, "metric '" + printable(text) + "': " + std::string(info.name) +
                                         " does not depend on a device; write '" +
                                         std::string(info.name) + "'");
    }
    return {std::string(info.name), ""};
  }
  if (at == std::string_view::npos) device = kHost;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (device.empty() || !std::all_of(device.begin(), device.end(), plain)) {
    throw Error(ErrorKind::kUsage, "metric '" + printable(text) +
                                       "': a device's name has letters, digits, '_', '-' and '.'");
  }
  return {std::string(info.name), device};
}

Objective parse_objective(std::string_view text) {
  const auto [rest, maximize] = parse_direction(text);
  if (rest.empty()) {
    throw Error(ErrorKind::kUsage,
                "an objective is empty; write a metric such as 'macs' or 'minimize params'");
  }
  const MetricKey key = parse_metric(rest);
  return {key.text(), maximize.value_or(metric_info(key.name).maximize)};
}

std::string to_string(const Objective& objective) {
  return (objective.maximize ? "maximize " : "minimize ") + objective.metric;
}

bool Constraint::holds(double value) const {
  return nas::holds(relation, value, bound);
}

double Constraint::excess(double value) const {
  return nas::excess(relation, value, bound);
}

Constraint parse_constraint(std::string_view text) {
  const auto reject = [&](const char* why) {
    throw Error(ErrorKind::kUsage, "constraint '" + printable(text) + "': " + why);
  };
  if (text.find_first_of("<>") == std::string_view::npos &&
      text.find('=') != std::string_view::npos) {
    reject("a value cannot be demanded exactly; write <, <=, > or >=");
  }
  const Bound bound = parse_bound(text, "constraint");
  if (!std::isfinite(bound.value)) reject("the bound is not a finite number");
  const MetricKey metric = parse_metric(bound.name);
  return {metric, bound.relation, bound.in(metric_info(metric.name).unit)};
}

std::string to_string(const Constraint& constraint) {
  return constraint.metric.text() + " " + std::string(relation_text(constraint.relation)) + " " +
         bound_text(constraint.bound);
}

std::optional<std::vector<double>> merits(std::span<const Objective> objectives,
                                          const MetricValues& values) {
  std::vector<double> result;
  for (const Objective& objective : objectives) {
    const auto found = values.find(parse_metric(objective.metric));
    if (found == values.end()) return std::nullopt;
    result.push_back(objective.maximize ? found->second : -found->second);
  }
  return result;
}

}  // namespace nas
