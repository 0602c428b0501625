#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nas {

/// Rows of named text fields.
class TextTable {
 public:
  virtual ~TextTable() = default;
  virtual std::size_t rows() const = 0;
  virtual const std::vector<std::string>& columns() const = 0;
  virtual std::string_view at(std::size_t row, std::size_t column) const = 0;
  /// Where the row stands, for messages: "t.csv, line 7".
  virtual std::string place(std::size_t row) const = 0;
  virtual char separator() const { return ','; }  ///< between the fields of a row of text

  /// As `find_heading` does.
  std::optional<std::size_t> find_column(std::string_view name) const;
  /// Throws Error(kData) with the near miss when there is no such column.
  std::size_t column(std::string_view name) const;
  /// The column that names a row without having a name itself: the key of an object of objects, the
  /// file in a folder, the index of a data frame.
  std::optional<std::size_t> key_column() const { return key_; }
  /// What was recognised and left out, for the user.
  const std::vector<std::string>& notes() const { return notes_; }
  void add_note(std::string note) { notes_.push_back(std::move(note)); }

 protected:
  std::optional<std::size_t> key_;
  std::vector<std::string> notes_;
};

/// Reads a table, or a folder with one JSON file for each row. `wanted`: columns that will be asked
/// for, which tell rows from columns in an object of objects. Plain, gzip and bzip2.
///
/// JSON: lines of objects (keys may differ from line to line), a list of objects, a list of lists
/// that begins with the names, an object of objects (keys are rows or columns), an object of lists,
/// pandas' "split" and "table"; where an object holds one such list or object among other things,
/// that one.
/// Members of nested objects are columns as well ("metrics.acc"); objects and lists themselves are
/// fields of JSON text. Everything else is CSV (core/util/csv.h).
/// Throws Error(kData) with file, line and column.
std::unique_ptr<TextTable> read_text_table(const std::filesystem::path& path,
                                           std::span<const std::string> wanted);

/// By the end of the name: .csv, .tsv, .tab, .jsonl, .ndjson, also .gz and .bz2; .json; a folder of
/// several .json files without tables beside them.
bool is_text_table(const std::filesystem::path& path);

/// The .json files of a folder and of those in it, in order, relative to it; of a file "", itself.
/// `others` counts the files of other endings.
std::vector<std::filesystem::path> json_files(const std::filesystem::path& path,
                                              std::size_t* others = nullptr);

/// SHA-256 of a file; of a folder, of the digests of its files in order.
std::string table_digest(const std::filesystem::path& path);

}  // namespace nas
