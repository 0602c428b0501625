#pragma once

#include <string>
#include <vector>

#include "core/api/browse.h"
#include "db/connection.h"

namespace nas {

/// A result of a study: a column of its own for each device when it has values of several.
struct BrowsedMetric {
  std::string name;
  std::string device;    ///< part of the column's name; "" = none
  bool several = false;  ///< other devices have values of it too, which are not meant
  const char* restriction() const { return several ? device.c_str() : ""; }
};

/// The trials of one study; keys are their numbers. Columns: number, architecture, state, the
/// metrics in alphabetical order, params, macs, seconds, reason, worker, error.
class TrialTable final : public BrowseTable {
 public:
  TrialTable(Connection& connection, std::int64_t study_id);

  std::span<const BrowseColumn> columns() const override { return columns_; }
  BrowseKey key_end() override;
  BrowsePage page(std::size_t column, bool descending, const BrowsePlace& after,
                  std::int64_t limit) override;
  BrowsePage page_of_keys(const BrowsePlace& after, std::int64_t limit) override;
  std::vector<BrowseRow> rows(std::span<const BrowseKey> keys) override;
  std::optional<std::vector<double>> values(std::size_t column, std::stop_token stop) override;
  std::optional<std::vector<std::uint8_t>> containing(std::size_t column, std::string_view part,
                                                      std::stop_token stop) override;

 private:
  BrowsePage page_of_numbers(bool descending, const BrowsePlace& after, std::int64_t limit);
  void find_metrics();
  std::vector<std::string> devices_of(const std::string& metric);
  const BrowsedMetric& metric_of(std::size_t column) const;
  bool is_metric(std::size_t column) const;
  std::vector<double> metric_values(std::size_t column, std::size_t end);
  std::vector<double> trial_values(const std::string& column, std::size_t end);
  void read_metrics(std::int64_t trial_id, std::int64_t architecture_id, BrowseRow& row);

  Connection& connection_;
  std::int64_t study_id_;
  std::vector<BrowsedMetric> metrics_;
  std::vector<BrowseColumn> columns_;
};

}  // namespace nas
