#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

/// Rows of named text fields, from CSV or JSON lines, both possibly gzipped.
class TextTable {
 public:
  virtual ~TextTable() = default;
  virtual std::size_t rows() const = 0;
  virtual const std::vector<std::string>& columns() const = 0;
  virtual std::string_view at(std::size_t row, std::size_t column) const = 0;

  /// Throws Error(kData) with the near miss when there is no such column.
  std::size_t column(std::string_view name) const;
};

/// ".jsonl" and ".jsonl.gz" hold one object a line: texts, numbers (as written), true/false, null
/// (an empty field) and lists of them (joined by ';'); every line has the keys of the first. All
/// other names are CSV. Throws Error(kData) with file and line.
std::unique_ptr<TextTable> read_text_table(const std::filesystem::path& path);

/// By the end of the name: .csv, .csv.gz, .jsonl, .jsonl.gz.
bool is_text_table(const std::filesystem::path& path);

}  // namespace nas
