#include "app/explorer/explorer.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "app/workers/worker_table.h"
#include "core/api/alpha_name.h"
#include "core/api/trial_queue.h"
#include "core/util/text.h"
#include "db/open_store.h"

namespace nas {

namespace {

/// A table and the connection that it reads by.
template <class Make>
std::shared_ptr<BrowseTable> with_browser(const StoreAddress& address, const Make& make) {
  struct Owned {
    std::unique_ptr<StudyBrowser> browser;
    std::unique_ptr<BrowseTable> table;
  };
  auto owned = std::make_shared<Owned>();
  owned->browser = open_browser(address);
  owned->table = make(*owned->browser);
  return {owned, owned->table.get()};
}

/// Counts (parameters, MACs, bytes) whole, as tables show them.
std::string best_text(double value) {
  constexpr double kMostCounted = 1e15;
  const bool count = std::abs(value) < kMostCounted && value == std::floor(value);
  return count ? format_count(static_cast<std::int64_t>(value)) : format_short(value, 6);
}

}  // namespace

Explorer::Explorer(const StoreAddress& address)
    : address_(address),
      store_(open_store(address, OpenMode::kReadOnly)),
      browser_(open_browser(address)) {}

Explorer::~Explorer() = default;

std::int64_t Explorer::version() {
  return browser_->version();
}

std::vector<Explorer::Study> Explorer::studies() {
  std::vector<Study> studies;
  for (StudyRow& row : store_->studies()) {
    Study study{.row = std::move(row), .best = "", .config = {}};
    study.config = recorded_config(study.row.spec);
    if (!study.row.spec.objectives.empty()) {
      const Objective& objective = study.row.spec.objectives.front();
      const std::vector<LeaderRow> leaders = store_->leaderboard(study.row.id, objective, 1);
      if (!leaders.empty()) study.best = objective.metric + " " + best_text(leaders[0].value);
    }
    studies.push_back(std::move(study));
  }
  return studies;
}

std::vector<BenchmarkRow> Explorer::benchmarks() {
  return store_->benchmarks();
}

std::vector<EventRow> Explorer::events(std::int64_t study_id, std::int64_t limit) {
  return store_->events(study_id, limit);
}

Explorer::TrialIntervals Explorer::intervals(std::int64_t study_id,
                                             std::vector<BrowseKey> numbers) {
  std::ranges::sort(numbers);
  TrialIntervals found;
  for (const TrialRow& trial : trial_queue(*store_).finished(study_id, numbers)) {
    std::map<std::string, Interval> intervals;
    for (const MetricValue& metric : trial.metrics) {
      const std::string column =
          metric.device ? metric.name + "@" + metric.device->name : metric.name;
      intervals.erase(column);  // the last value counts
      if (metric.interval) intervals[column] = *metric.interval;
    }
    if (!intervals.empty()) found[trial.number] = std::move(intervals);
  }
  return found;
}

Explorer::Workers Explorer::workers() {
  return {coordinators_text(*store_), workers_table(*store_, false)};
}

std::vector<CurvePoint> Explorer::curve(std::int64_t study_id, BrowseKey number) {
  return browser_->curve(study_id, number);
}

std::vector<CurvePoint> Explorer::study_curve(std::int64_t study_id) {
  std::vector<CurvePoint> curve = store_->study_curve(study_id);
  std::erase_if(curve,
                [](const CurvePoint& point) { return parse_alpha_name(point.name).has_value(); });
  return curve;
}

std::shared_ptr<ExplorerTable> Explorer::trials(std::int64_t study_id) {
  return std::make_shared<ExplorerTable>(
      browser_->trials(study_id), browser_, [address = address_, study_id] {
        return with_browser(address,
                            [&](StudyBrowser& browser) { return browser.trials(study_id); });
      });
}

std::shared_ptr<ExplorerTable> Explorer::all_trials() {
  return std::make_shared<ExplorerTable>(browser_->all_trials(), browser_, [address = address_] {
    return with_browser(address, [](StudyBrowser& browser) { return browser.all_trials(); });
  });
}

std::optional<TrialPlace> Explorer::place_of(BrowseKey trial_id) {
  return browser_->place_of(trial_id);
}

std::shared_ptr<ExplorerTable> Explorer::benchmark(const std::string& name) {
  return std::make_shared<ExplorerTable>(benchmark_table(store_->open_benchmark(name)));
}

std::string progress_text(const StudyRow& study, std::int64_t now_us) {
  const std::int64_t done = study.trials_complete + study.trials_infeasible + study.trials_failed;
  std::string text = format_count(done);
  if (study.spec.budget_trials > 0) text += " of " + format_count(study.spec.budget_trials);
  const std::int64_t left = study.spec.budget_trials - done;
  if (study.state != StudyState::kRunning || done == 0 || left <= 0) return text;
  // A study that was paused meanwhile took less time than this: an upper bound.
  const double elapsed =
      (static_cast<double>(now_us) - static_cast<double>(study.created_us)) / 1e6;
  const double seconds = elapsed / static_cast<double>(done) * static_cast<double>(left);
  return text + ", about " + format_seconds(std::max(seconds, 0.0)) + " left";
}

std::string cell_text(const BrowseCell& cell, const BrowseColumn& column) {
  return std::visit(
      [&](const auto& value) -> std::string {
        using Held = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Held, std::monostate>) {
          return "";
        } else if constexpr (std::is_same_v<Held, std::string>) {
          return printable(value);
        } else if constexpr (std::is_same_v<Held, std::int64_t>) {
          return column.name == "number" || column.name == "id" ? std::to_string(value)
                                                                : format_count(value);
        } else {
          // Counts are often recorded as real numbers.
          const bool count =
              std::abs(value) >= 1000 && std::abs(value) < 1e15 && value == std::trunc(value);
          return count ? format_count(static_cast<std::int64_t>(value)) : format_short(value, 6);
        }
      },
      cell);
}

}  // namespace nas
