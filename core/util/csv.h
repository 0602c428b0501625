#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

/// Does an apostrophe in front of this field keep a spreadsheet from running the rest as a formula?
/// `escape_csv` puts it there, reading takes it off; so that every text comes back: "-A" as "'-A",
/// "'-A" as "''-A", "'A" as it is.
bool guards_formula(std::string_view field);

/// A table as people's tools write it, held as text: RFC 4180 with ',', ';', tabs or '|' between
/// the fields (recognised by the heading and the first rows, or said by a first line "sep=;"), LF,
/// CRLF or CR, any encoding that `decode_text` reads. Blanks around headings and unquoted fields do
/// not count, nor do comments "# ..." above the heading and rows without any content; the
/// apostrophe that `escape_csv` puts before formulas is taken off. Where every row has one field
/// more than the heading, as R writes row names, the first column has the name ""; where the last
/// field of all these rows is empty, a separator ends the rows, and that field does not count.
/// Throws Error(kData) naming the line: a row with another number of fields than the heading, a
/// name given twice, an open quote.
class CsvTable {
 public:
  static CsvTable parse(std::string text, std::string_view source_name);

  std::size_t rows() const { return columns_.empty() ? 0 : fields_.size() / columns_.size(); }
  const std::vector<std::string>& columns() const { return columns_; }
  /// As `find_heading` does. Throws Error(kData) with the near miss when there is no such column.
  std::size_t column(std::string_view name) const;
  std::string_view at(std::size_t row, std::size_t column) const {
    return fields_[row * columns_.size() + column];
  }
  std::size_t line(std::size_t row) const { return lines_[row]; }  ///< where the row begins
  char separator() const { return separator_; }

 private:
  void drop_last_fields();

  std::string source_;
  char separator_ = ',';
  std::vector<std::string> columns_;
  std::vector<std::string> fields_;
  std::vector<std::uint32_t> lines_;  // of the rows
};

}  // namespace nas
