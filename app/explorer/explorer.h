#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/explorer/explorer_study.h"
#include "app/explorer/explorer_table.h"
#include "app/presentation/table.h"
#include "core/api/store.h"
#include "db/store_address.h"

namespace nas {

/// A database open for looking: changes no byte of it, and waits for no writer. Used from one
/// thread, which makes it.
class Explorer {
 public:
  /// Throws Error(kIo | kData | kUnsupported) in one line.
  explicit Explorer(const StoreAddress& address);
  ~Explorer();

  /// Another number after any commit by others. Throws Error(kIo) when the file was removed or
  /// replaced.
  std::int64_t version();

  struct Study {
    StudyRow row;
    std::string best;  ///< "accuracy 93.76", "" without a complete trial
    RecordedConfig config;
  };
  std::vector<Study> studies();                                             ///< newest first
  std::vector<BenchmarkRow> benchmarks();                                   ///< by name
  std::vector<EventRow> events(std::int64_t study_id, std::int64_t limit);  ///< newest first
  std::vector<CurvePoint> curve(std::int64_t study_id, BrowseKey number);
  /// Where values of finished trials may lie (MetricValue::interval), by the name of their column.
  /// Trials without any are left out.
  using TrialIntervals = std::map<BrowseKey, std::map<std::string, Interval>>;
  TrialIntervals intervals(std::int64_t study_id, std::vector<BrowseKey> numbers);
  struct Workers {
    std::string coordinators;  ///< `coordinators_text`
    Table table;               ///< `workers_table`
  };
  Workers workers();
  /// What a study recorded by epoch while it prepared, without the weights of alternatives.
  std::vector<CurvePoint> study_curve(std::int64_t study_id);

  std::shared_ptr<ExplorerTable> trials(std::int64_t study_id);
  /// The trials of all studies; keys are their ids. `place_of` says whose trial it is.
  std::shared_ptr<ExplorerTable> all_trials();
  std::optional<TrialPlace> place_of(BrowseKey trial_id);
  std::shared_ptr<ExplorerTable> benchmark(const std::string& name);

 private:
  StoreAddress address_;
  std::unique_ptr<Store> store_;
  std::shared_ptr<StudyBrowser> browser_;  ///< lives on in the tables
};

/// How far a study is, for people: "12 of 100, about 4 min left".
std::string progress_text(const StudyRow& study, std::int64_t now_us);

/// Text of a cell: numbers as people read them, control characters replaced.
std::string cell_text(const BrowseCell& cell, const BrowseColumn& column);

}  // namespace nas
