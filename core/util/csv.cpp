#include "core/util/csv.h"

#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

// Reads one record after the other and counts lines for messages.
class Reader {
 public:
  Reader(std::string_view text, std::string_view source) : text_(text), source_(source) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  }

  /// False at the end of the text. Empty lines are skipped.
  bool next(std::vector<std::string>& record) {
    while (at_ < text_.size() && end_of_line()) {
    }
    if (at_ >= text_.size()) return false;
    record_line_ = line_;
    record.clear();
    do {
      record.push_back(field());
    } while (separator());
    return true;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::kData,
                std::string(source_) + ", line " + std::to_string(record_line_) + ": " + what);
  }

 private:
  bool separator() {
    if (at_ < text_.size() && text_[at_] == ',') {
      ++at_;
      return true;
    }
    if (at_ < text_.size() && !end_of_line()) fail("text after the closing quote of a field");
    return false;
  }

  bool end_of_line() {
    const std::string_view rest = text_.substr(at_);
    const std::size_t length = rest.starts_with("\r\n") ? 2 : rest.starts_with('\n') ? 1 : 0;
    at_ += length;
    line_ += length > 0 ? 1 : 0;
    return length > 0;
  }

  std::string field() {
    if (at_ < text_.size() && text_[at_] == '"') return quoted_field();
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n') ++at_;
    std::size_t end = at_;
    if (end > begin && at_ < text_.size() && text_[at_] == '\n' && text_[end - 1] == '\r') {
      at_ = --end;  // the carriage return belongs to the end of the line
    }
    return std::string(text_.substr(begin, end - begin));
  }

  std::string quoted_field() {
    std::string value;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        if (at_ >= text_.size() || text_[at_] != '"') return value;
      }
      if (c == '\n') ++line_;
      value += c;
    }
    fail("a quoted field is not closed before the end of the file");
  }

  std::string_view text_;
  std::string_view source_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t record_line_ = 1;
};

}  // namespace

CsvTable CsvTable::parse(std::string text, std::string_view source_name) {
  CsvTable table;
  table.source_ = source_name;
  Reader reader(text, source_name);
  if (!reader.next(table.columns_)) {
    throw Error(ErrorKind::kData, std::string(source_name) +
                                      ": empty, expected a line with the names of the columns");
  }
  std::vector<std::string> record;
  while (reader.next(record)) {
    if (record.size() != table.columns_.size()) {
      reader.fail(std::to_string(record.size()) + " fields, expected " +
                  std::to_string(table.columns_.size()) + " as in the header");
    }
    for (std::string& field : record) table.fields_.push_back(std::move(field));
  }
  return table;
}

std::size_t CsvTable::column(std::string_view name) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i] == name) return i;
  }
  throw Error(ErrorKind::kData, source_ + ": " + unknown_name("column", name, columns_));
}

}  // namespace nas
