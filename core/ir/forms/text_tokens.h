#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/ops/op_schema.h"

namespace nas {

constexpr std::string_view kTextHeader = "searchlight-graph 1";

std::string attr_text(AttrType type, AttrValue value);  ///< "16", "true", "0.1"

/// Whether an attribute stands in no form of a graph: at its default, one that came after the forms
/// were released, so that older graphs keep their text.
bool is_left_out(const AttrSpec& spec, AttrValue value);

/// Whether a scope or an output name stands in the text form without quotes: letters, digits and _
/// - . / :
bool is_plain_name(std::string_view name);

/// Reads the words of one line of the text form. Throws Error(kData) saying what was expected
/// where.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : line_(line) { skip_blanks(); }

  bool at_end() const { return position_ >= line_.size() || line_[position_] == '#'; }
  bool accept(char symbol);  ///< consumes it if it is next
  void expect(char symbol);
  void expect_end();
  std::string_view word();    ///< letters, digits and _; at least one
  std::string_view number();  ///< up to a comma, a brace or a blank
  std::string_view type();    ///< up to the closing bracket (or a blank): "float[3,32,32]"
  std::string name();         ///< a plain name, or a quoted one
  [[noreturn]] void fail(std::string_view expected) const;

 private:
  void skip_blanks();
  std::string_view take(std::size_t length);
  std::string quoted();
  unsigned code_unit();

  std::string_view line_;
  std::size_t position_ = 0;
};

}  // namespace nas
