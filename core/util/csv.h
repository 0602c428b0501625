#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

/// A CSV table (RFC 4180: quoted fields, LF or CRLF, optional BOM) held as text.
/// Throws Error(kData) naming the line when a row has another number of fields than the header.
class CsvTable {
 public:
  static CsvTable parse(std::string text, std::string_view source_name);

  std::size_t rows() const { return columns_.empty() ? 0 : fields_.size() / columns_.size(); }
  const std::vector<std::string>& columns() const { return columns_; }
  /// Throws Error(kData) with the near miss when there is no such column.
  std::size_t column(std::string_view name) const;
  std::string_view at(std::size_t row, std::size_t column) const {
    return fields_[row * columns_.size() + column];
  }

 private:
  std::string source_;
  std::vector<std::string> columns_;
  std::vector<std::string> fields_;
};

}  // namespace nas
