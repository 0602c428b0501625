#include "db/transfer/copy_store.h"

#include <map>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/transfer/table_rows.h"
#include "db/transfer/transfer_ends.h"

namespace nas {

namespace {

std::int64_t relative_paths(const TableRecord& table, const SqlRow& row) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!table.columns[i].is_path) continue;
    count += std::filesystem::path(std::get<std::string>(row[i])).is_relative() ? 1 : 0;
  }
  return count;
}

/// One copy, from the first row to the comparison.
class Copy {
 public:
  Copy(Connection& from, Connection& to, const TransferOptions& options)
      : from_(from), to_(to), steps_(options) {}

  CopyReport run() {
    std::int64_t rows = 0;
    for (const TableRecord& table : store_tables()) {
      refuse_rows(table);
      rows += count_rows(from_, table);
    }
    steps_.begin("copying", 2 * rows);  // each is written, and read back
    for (const TableRecord& table : store_tables()) copy(table);
    for (const TableRecord& table : store_tables()) {
      if (has_id(table)) to_.keep_last_id(table.name, from_.last_id(table.name));
    }
    for (const TableRecord& table : store_tables()) report_.tables.push_back(compare(table));
    report_.folder = std::filesystem::absolute(from_.files()).lexically_normal().string();
    return std::move(report_);
  }

 private:
  void refuse_rows(const TableRecord& table) {
    const std::int64_t rows = count_rows(to_, table);
    if (rows == 0) return;
    throw Error(ErrorKind::kUsage, "database '" + to_.path_text() + "': is not empty (" +
                                       format_count(rows) + " rows of '" + std::string(table.name) +
                                       "'); copy to a new one, or merge into it (nasctl db merge)");
  }

  void copy(const TableRecord& table) {
    TableContent& content = contents_[table.name];
    TableReader reader(from_, table);
    TableWriter writer(to_, table);
    while (true) {
      const std::vector<SqlRow>& page = reader.next_page();
      if (page.empty()) return;
      for (const SqlRow& row : page) {
        content.add(row);
        report_.files += relative_paths(table, row);
      }
      if (table.rule != RowRule::kDerived) writer.add(page);
      steps_.advance(page.size(), table.name);
    }
  }

  CopiedTable compare(const TableRecord& table) {
    const TableContent& expected = contents_[table.name];
    const TableContent found = content_of(to_, table);
    steps_.advance(static_cast<std::size_t>(found.rows()), "comparing");
    if (found == expected) return {std::string(table.name), found.rows(), found.digest()};
    throw Error(ErrorKind::kData, "database '" + to_.path_text() + "': table '" +
                                      std::string(table.name) + "' has " +
                                      format_count(found.rows()) + " rows with content " +
                                      found.digest() + " after the copy, and '" +
                                      from_.path_text() + "' " + format_count(expected.rows()) +
                                      " with " + expected.digest() + "; nothing was kept");
  }

  Connection& from_;
  Connection& to_;
  TransferSteps steps_;
  CopyReport report_;
  std::map<std::string_view, TableContent> contents_;
};

}  // namespace

CopyReport copy_store(const StoreAddress& from, const StoreAddress& to,
                      const TransferOptions& options) {
  refuse_same_store(from, to);
  const auto source = open_source(from, options);
  TransferTarget target(to, options);
  const CopyReport report = source->read([&] {
    return target.connection().write(
        [&] { return Copy(*source, target.connection(), options).run(); });
  });
  target.keep();
  return report;
}

}  // namespace nas
