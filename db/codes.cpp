#include "db/codes.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

template <class Value>
using Code = std::pair<Value, std::string_view>;

constexpr Code<StudyState> kStudyStates[] = {{StudyState::kCreated, "created"},
                                             {StudyState::kRunning, "running"},
                                             {StudyState::kPaused, "paused"},
                                             {StudyState::kFinished, "finished"},
                                             {StudyState::kInfeasible, "infeasible"}};
constexpr Code<TrialState> kTrialStates[] = {{TrialState::kRunning, "running"},
                                             {TrialState::kComplete, "complete"},
                                             {TrialState::kInfeasible, "infeasible"},
                                             {TrialState::kFailed, "failed"}};
constexpr Code<MetricSource> kMetricSources[] = {{MetricSource::kComputed, "computed"},
                                                 {MetricSource::kMeasured, "measured"},
                                                 {MetricSource::kTabular, "tabular"},
                                                 {MetricSource::kPredicted, "predicted"},
                                                 {MetricSource::kProxy, "proxy"}};
constexpr Code<WorkerState> kWorkerStates[] = {{WorkerState::kIdle, "idle"},
                                               {WorkerState::kBusy, "busy"},
                                               {WorkerState::kBlocked, "blocked"},
                                               {WorkerState::kGone, "gone"}};

template <class Value, std::size_t size>
std::string_view code_of(const Code<Value> (&codes)[size], Value value) {
  for (const auto& [known, code] : codes) {
    if (known == value) return code;
  }
  NAS_CHECK(false,
            "a value without a word in the database: " + std::to_string(static_cast<int>(value)));
  return {};
}

template <class Value, std::size_t size>
Value value_of_code(const Code<Value> (&codes)[size], std::string_view text,
                    std::string_view what) {
  for (const auto& [value, code] : codes) {
    if (code == text) return value;
  }
  throw Error(ErrorKind::kData,
              "the database holds an unknown " + std::string(what) + " '" + printable(text) + "'");
}

}  // namespace

std::string_view study_state_code(StudyState state) {
  return code_of(kStudyStates, state);
}
std::string_view trial_state_code(TrialState state) {
  return code_of(kTrialStates, state);
}
std::string_view metric_source_code(MetricSource source) {
  return code_of(kMetricSources, source);
}
std::string_view worker_state_code(WorkerState state) {
  return code_of(kWorkerStates, state);
}

StudyState study_state_of(std::string_view code) {
  return value_of_code(kStudyStates, code, "study state");
}
TrialState trial_state_of(std::string_view code) {
  return value_of_code(kTrialStates, code, "trial state");
}
MetricSource metric_source_of(std::string_view code) {
  return value_of_code(kMetricSources, code, "metric source");
}
WorkerState worker_state_of(std::string_view code) {
  return value_of_code(kWorkerStates, code, "worker state");
}

std::string_view value_status(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return "finite";
}

double value_of(std::string_view status, double value) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (status == "inf") return kInfinity;
  if (status == "-inf") return -kInfinity;
  return status == "nan" ? std::numeric_limits<double>::quiet_NaN() : value;
}

double stored_value(double value) {
  return std::isfinite(value) ? value : std::numeric_limits<double>::quiet_NaN();
}

double low_of(const MetricValue& metric) {
  return metric.interval ? stored_value(metric.interval->low) : kUnknown;
}

double high_of(const MetricValue& metric) {
  return metric.interval ? stored_value(metric.interval->high) : kUnknown;
}

std::optional<Interval> interval_in(const Rows& rows, int column) {
  if (rows.is_null(column) || rows.is_null(column + 1)) return std::nullopt;
  return Interval{rows.real(column), rows.real(column + 1)};
}

MetricSelector parse_metric_selector(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return {std::string(text), ""};
  return {std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
}

std::string metric_selector_text(std::string_view metric, std::string_view device) {
  return device.empty() ? std::string(metric) : std::string(metric) + "@" + std::string(device);
}

}  // namespace nas
