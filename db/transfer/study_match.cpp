#include "db/transfer/study_match.h"

#include <algorithm>

#include "db/transfer/row_finder.h"

namespace nas {

namespace {

constexpr std::string_view kMetric = "metric";

/// The rows of a table that a condition chooses, in the order of its key.
std::vector<SqlRow> rows_where(Connection& connection, const TableRecord& table,
                               const std::string& condition, const SqlRow& values) {
  std::vector<SqlRow> found;
  Rows rows = connection.select("SELECT " + column_list(table) + " FROM \"" +
                                    std::string(table.name) + "\" WHERE " + condition,
                                std::span<const SqlValue>(values));
  while (rows.next()) found.push_back(read_row(rows, table));
  return found;
}

/// What of a value counts: all but its number and which trial it is of.
SqlRow value_part(SqlRow row) {
  const TableRecord& table = store_table(kMetric);
  for (const std::string_view column : {"id", "trial_id", "study_id", "trial_number"})
    row[column_at(table, column)] = SqlValue();
  return row;
}

class StudyMatch {
 public:
  StudyMatch(const MergeSource& source, Connection& target, std::int64_t study, std::int64_t known)
      : source_(source), target_(target), study_(study), known_(known) {}

  std::string difference() {
    if (!same_objectives()) return "it has other objectives";
    std::string found = curve_difference();
    return found.empty() ? trial_difference() : found;
  }

 private:
  bool same_objectives() {
    const TableRecord& table = store_table("objective");
    const auto of = [&](Connection& connection, std::int64_t study) {
      std::vector<SqlRow> rows =
          rows_where(connection, table, "study_id = ? ORDER BY position", {study});
      for (SqlRow& row : rows) row.front() = SqlValue();
      return rows;
    };
    return of(source_.connection(), study_) == of(target_, known_);
  }

  std::string curve_difference() {
    const TableRecord& table = store_table("study_curve");
    RowFinder finder(target_, table);
    for (SqlRow row : rows_where(source_.connection(), table, "study_id = ?", {study_})) {
      row.front() = known_;
      const auto known = finder.find(row);
      if (!known || differing_fact(table, row, *known).empty()) continue;
      return "what it prepared differs in " + value_text(row[1]) + " of epoch " +
             value_text(row[2]);
    }
    return {};
  }

  std::string trial_difference() {
    constexpr const char* kPage = "study_id = ? AND number > ? ORDER BY number LIMIT 1000";
    const TableRecord& table = store_table("trial");
    const std::size_t number = column_at(table, "number");
    for (SqlValue last = std::int64_t{-1};;) {
      const std::vector<SqlRow> page =
          rows_where(source_.connection(), table, kPage, {study_, last});
      if (page.empty()) return {};
      last = page.back()[number];
      for (const SqlRow& trial : page) {
        const std::string why = difference_of(table, trial);
        if (!why.empty()) return "trial " + value_text(trial[number]) + " " + why;
      }
    }
  }

  std::string difference_of(const TableRecord& table, const SqlRow& own) {
    const std::size_t study = column_at(table, "study_id");
    SqlRow trial = source_.translated(table, own, {"study_id"});
    trial[study] = known_;
    RowFinder finder(target_, table);
    const auto known = finder.find(trial);
    if (!known) return {};
    const std::size_t architecture = column_at(table, "architecture_id");
    if (trial[architecture] != (*known)[architecture]) return "has another architecture";
    if (is_unfinished(trial) || is_unfinished(*known)) return {};
    const std::string_view fact = differing_fact(table, trial, *known);
    if (!fact.empty()) return "has another " + std::string(fact);
    return same_values(own, *known) ? "" : "has other values";
  }

  bool same_values(const SqlRow& trial, const SqlRow& known) const {
    constexpr const char* kOfTrial = "architecture_id = ? AND trial_id = ?";
    const TableRecord& table = store_table(kMetric);
    const std::size_t architecture = column_at(store_table("trial"), "architecture_id");
    std::vector<SqlRow> ours, theirs;
    for (const SqlRow& row :
         rows_where(source_.connection(), table, kOfTrial, {trial[architecture], trial.front()}))
      ours.push_back(value_part(source_.translated(table, row, {"trial_id", "study_id"})));
    for (const SqlRow& row :
         rows_where(target_, table, kOfTrial, {known[architecture], known.front()}))
      theirs.push_back(value_part(row));
    std::sort(ours.begin(), ours.end());
    std::sort(theirs.begin(), theirs.end());
    return ours == theirs;
  }

  const MergeSource& source_;
  Connection& target_;
  std::int64_t study_;
  std::int64_t known_;
};

}  // namespace

bool is_unfinished(const SqlRow& trial) {
  const SqlValue& state = trial[column_at(store_table("trial"), "state")];
  return std::get<std::string>(state) == "running";
}

std::string study_difference(const MergeSource& source, Connection& target, const SqlRow& row,
                             const SqlRow& translated, const SqlRow& known) {
  const std::string_view fact = differing_fact(store_table("study"), translated, known);
  if (!fact.empty()) return "it has another " + std::string(fact);
  return StudyMatch(source, target, std::get<std::int64_t>(row.front()),
                    std::get<std::int64_t>(known.front()))
      .difference();
}

}  // namespace nas
