#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/util/encoding.h"

namespace nas {

/// Reads JSON as Python writes it: the values NaN, Infinity and -Infinity are numbers, and several
/// texts may follow one another (JSON lines). Everything else is as in RFC 8259; an object with a
/// key given twice is refused, and so is nesting deeper than 64. Errors are Error(kData) and name
/// source, line and column.
class JsonReader {
 public:
  /// `text` is UTF-8 without mark (`decode_text`) and outlives the reader.
  JsonReader(std::string_view text, std::string_view source);

  bool at_end();  ///< after blanks
  /// The first character of the next value: '{', '[', '"', a digit, ...; '\0' at the end.
  char peek();
  TextPlace place() const;  ///< where reading stands
  std::string where() const { return source_ + ", " + to_string(place()); }

  /// One value, whole. An object of it has at most 10,000 keys.
  nlohmann::ordered_json value();
  /// The members of the object, or the items of the list, that comes next. `member` gets the key
  /// (of an item its position, "0") and reads one value, by `value` or by `members`; so no more
  /// than one is held at a time.
  void members(const std::function<void(const std::string& key)>& member);
  /// Refuses text after the value.
  void finish();

  [[noreturn]] void fail(const std::string& what) const;  ///< at the place where reading stands
  [[noreturn]] void fail_at(std::size_t offset, const std::string& what) const;
  std::size_t offset() const { return at_; }

 private:
  class Depth;
  void skip_blanks();
  void expect(char c, const char* what);
  bool take(std::string_view word);
  std::string text();
  void escape(std::string& text);
  unsigned hex4();
  void scalar(nlohmann::ordered_json& value);
  void number(nlohmann::ordered_json& value);
  void read(nlohmann::ordered_json& value);
  void read_object(nlohmann::ordered_json& value);
  void read_list(nlohmann::ordered_json& value);

  std::string_view text_;
  std::string source_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

/// The one value of a text.
nlohmann::ordered_json parse_json(std::string_view text, std::string_view source);

/// Compact JSON in which numbers that are not finite are the words that JsonReader reads.
std::string json_text(const nlohmann::ordered_json& value);

}  // namespace nas
