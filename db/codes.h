#pragma once

#include <optional>
#include <string_view>

#include "core/api/store.h"
#include "core/api/worker_registry.h"
#include "db/connection.h"

namespace nas {

// The words of the database for our enumerations. They are part of the schema (CHECK constraints),
// so they stay as they are when the wording for people changes.

std::string_view study_state_code(StudyState state);
std::string_view trial_state_code(TrialState state);
std::string_view metric_source_code(MetricSource source);
std::string_view worker_state_code(WorkerState state);
/// The reverse; throw Error(kData) for other words.
StudyState study_state_of(std::string_view code);
TrialState trial_state_of(std::string_view code);
MetricSource metric_source_of(std::string_view code);
WorkerState worker_state_of(std::string_view code);

/// A number that may not be finite: the status column says what it is, the value column is NULL
/// unless finite.
std::string_view value_status(double value);
double value_of(std::string_view status, double value);
/// What to bind as the value: itself, or NaN (which SQLite stores as NULL).
double stored_value(double value);
/// What to bind as the bounds of a metric: NaN (stored as NULL) where nothing is known of them.
double low_of(const MetricValue& metric);
double high_of(const MetricValue& metric);
/// The interval whose bounds are in a column and the one after it.
std::optional<Interval> interval_in(const Rows& rows, int column);

/// "latency_ms@host" is the metric "latency_ms" on the device named "host"; no '@': any device.
struct MetricSelector {
  std::string metric;
  std::string device;
};
MetricSelector parse_metric_selector(std::string_view text);
std::string metric_selector_text(std::string_view metric, std::string_view device);

}  // namespace nas
