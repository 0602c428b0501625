#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>

#include "app/explorer/explorer_table.h"
#include "app/presentation/table.h"

namespace nas {

/// These rows and columns as text: for the clipboard. kCsv or kJsonl as `render` writes them.
std::string rows_text(BrowseTable& table, std::span<const BrowseKey> keys,
                      std::span<const std::size_t> columns, Format format);

struct ExportReport {
  std::int64_t rows = 0;
  bool stopped = false;  ///< the file is not there then
};

/// Writes all rows of a query to `file`, in one step at the end: a half-written file never has its
/// name. `progress` gets the rows so far. Throws Error(kIo) when it cannot be written.
ExportReport export_rows(ExplorerTable& table, ExplorerQuery query,
                         std::span<const std::size_t> columns, const std::filesystem::path& file,
                         Format format, const std::function<void(std::int64_t)>& progress,
                         std::stop_token stop);

}  // namespace nas
