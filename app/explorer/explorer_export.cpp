#include "app/explorer/explorer_export.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

constexpr std::size_t kPiece = 2000;

Cell table_cell(const BrowseCell& cell) {
  return std::visit([](const auto& value) -> Cell { return value; }, cell);
}

Table to_table(BrowseTable& source, std::span<const BrowseKey> keys,
               std::span<const std::size_t> columns) {
  Table table{.kind = "rows"};
  for (const std::size_t column : columns) table.columns.push_back({source.columns()[column].name});
  for (const BrowseRow& row : source.rows(keys)) {
    std::vector<Cell> cells;
    for (const std::size_t column : columns) cells.push_back(table_cell(row.cells[column]));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

/// Without its first line.
std::string body(const std::string& text) {
  const std::size_t end = text.find('\n');
  return end == std::string::npos ? std::string() : text.substr(end + 1);
}

Error cannot_write(const std::filesystem::path& file) {
  return Error(ErrorKind::kIo,
               "'" + printable(file.native()) + "': cannot be written: " + std::strerror(errno));
}

}  // namespace

std::string rows_text(BrowseTable& table, std::span<const BrowseKey> keys,
                      std::span<const std::size_t> columns, Format format) {
  return render(to_table(table, keys, columns), format);
}

ExportReport export_rows(ExplorerTable& table, ExplorerQuery query,
                         std::span<const std::size_t> columns, const std::filesystem::path& file,
                         Format format, const std::function<void(std::int64_t)>& progress,
                         std::stop_token stop) {
  NAS_CHECK(format == Format::kCsv || format == Format::kJsonl, "a format written row by row");
  std::filesystem::path unfinished = file;
  unfinished += ".part";
  errno = 0;
  std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
  if (!out) throw cannot_write(unfinished);
  ExportReport report;
  bool first = true;
  while (!query.complete()) {
    const auto keys = query.next(kPiece, stop);
    if (!keys) {
      report.stopped = true;
      break;
    }
    const std::string text = rows_text(table.source(), *keys, columns, format);
    // Every piece of CSV has the heading.
    out << (format == Format::kCsv && !first ? body(text) : text);
    if (!out) break;  // a full disk: said below
    first = false;
    report.rows += static_cast<std::int64_t>(keys->size());
    progress(report.rows);
  }
  out.close();
  std::error_code error;
  if (report.stopped) {
    std::filesystem::remove(unfinished, error);
    return report;
  }
  if (!out) {
    std::filesystem::remove(unfinished, error);
    throw cannot_write(file);
  }
  std::filesystem::rename(unfinished, file, error);
  if (error) throw Error(ErrorKind::kIo, "'" + printable(file.native()) + "': " + error.message());
  return report;
}

}  // namespace nas
