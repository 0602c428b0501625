#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/api/browse.h"
#include "db/connection.h"

namespace nas {

/// A result of a study: a column of its own for each device when it has values of several.
struct BrowsedMetric {
  std::string name;
  std::string device;    ///< part of the column's name; "" = none
  bool several = false;  ///< other devices have values of it too, which are not meant
};

/// Reads the studies of any database.
std::unique_ptr<StudyBrowser> browser_on(std::unique_ptr<Connection> connection);

/// What is read for a column.
enum class BrowsedField : std::uint8_t {
  kId,
  kStudy,
  kNumber,
  kArchitecture,
  kSpace,
  kState,
  kMetric,
  kPublishedParams,
  kPublishedMacs,
  kNetwork,
  kTrainedNetwork,
  kSeconds,
  kReason,
  kWorker,
  kError
};

/// Ends the statement that runs on a connection when a stop is requested.
class Interruption {
 public:
  Interruption(Connection& connection, const std::stop_token& stop);

 private:
  std::stop_callback<std::function<void()>> callback_;
};

/// The trials of one study, whose keys are their numbers, or those of all studies, whose keys are
/// their ids. Columns: id and study (of all), number, architecture, space (of all), state, the
/// metrics in alphabetical order, sizes of the published network, network and the one that was
/// trained, seconds, reason, worker, error.
class TrialTable final : public BrowseTable {
 public:
  /// Without a study: all of them.
  TrialTable(Connection& connection, OptionalInt study_id);

  std::span<const BrowseColumn> columns() const override { return columns_; }
  BrowseKey key_end() override;
  BrowsePage page(std::size_t column, bool descending, const BrowsePlace& after,
                  std::int64_t limit) override;
  std::vector<BrowseRow> rows(std::span<const BrowseKey> keys) override;
  std::optional<std::vector<double>> values(std::size_t column, std::stop_token stop) override;
  bool texts(std::size_t column, const TextVisitor& visit, std::stop_token stop) override;
  std::optional<std::vector<BrowseKey>> changes(BrowseMark& mark, std::int64_t most) override;

 private:
  /// A study's part of an order over all studies.
  struct Stream;

  void find_metrics();
  void find_metric(const std::string& name);
  std::vector<std::string> devices_of(const std::string& metric);
  std::vector<std::int64_t> study_ids();
  void add_columns();
  void add_text(BrowsedField field, const char* name, const char* title);
  void add_number(BrowsedField field, const char* name, const char* title, BrowseKind kind);

  std::string where() const;  ///< trials of this table; ?1 is the study
  const char* key() const;    ///< SQL of a trial's key
  std::int64_t scope() const { return study_id_.value_or(0); }
  const BrowsedMetric& metric_of(std::size_t column) const;

  BrowsePage page_of_keys(bool descending, const BrowsePlace& after, std::int64_t limit);
  BrowsePage page_of_metric(std::size_t column, bool descending, const BrowsePlace& after,
                            std::int64_t limit);
  std::vector<Stream> streams_after(const BrowsePlace& after, bool descending);
  void refill(Stream& stream, const BrowsedMetric& metric, bool descending, std::int64_t limit);
  void read_metric(std::size_t column, std::vector<double>& values);
  void read_number(BrowsedField field, std::vector<double>& values);
  /// Of all studies: reads the ids that `keys_` lacks.
  void load_keys();
  BrowseKey key_at(std::int64_t study_id, BrowseKey number);
  void read_metrics(std::int64_t trial_id, std::int64_t architecture_id, BrowseRow& row);
  std::optional<std::vector<BrowseKey>> changes_since(const BrowseMark& before, BrowseMark& mark,
                                                      std::int64_t most);
  void remember_growth(BrowseMark& mark);
  void wait_for_late_ids(BrowseMark& mark);
  /// Views hold an entry for each key up to the last. Throws Error(kData) for one that no trial of
  /// a file of this size can have.
  void check_key(BrowseKey key);
  void check_keys(std::span<const BrowseKey> keys);
  [[noreturn]] void refuse(const std::string& what) const;

  Connection& connection_;
  OptionalInt study_id_;
  std::size_t first_metric_ = 0;  ///< its column
  std::vector<BrowsedMetric> metrics_;
  std::vector<BrowseColumn> columns_;
  std::vector<BrowsedField> fields_;  ///< of the columns
  /// Of all studies: ids of trials by number, -1 where there is none.
  std::map<std::int64_t, std::vector<BrowseKey>> keys_;
  std::int64_t keys_until_ = 0;  ///< ids that are in `keys_`
  BrowseKey key_limit_ = 0;
  /// The newest ids of the last look, where ids are not committed in their order; -1: no look yet.
  std::int64_t last_trial_ = -1, last_metric_ = -1;
};

}  // namespace nas
