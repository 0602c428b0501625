#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace nas {

/// "", "-", "?", "NA", "N/A", "None", "null", "nan", Excel's "#DIV/0!" and the like, in any case:
/// no value.
bool is_missing_word(std::string_view cell);

/// The unit that a metric's name says: "latency_ms", "training_seconds"; "" where it says none.
std::string unit_of_metric(std::string_view metric);

/// "1:44:56", "00:01:44.5", "0 days 00:01:44.500000", "1 day, 2:03:04", "104.5": seconds.
std::optional<double> parse_clock(std::string_view text);

/// How the numbers of one column of a table are written: which mark is the decimal one, and in
/// which unit. Every cell is looked at first (`look`), then `decide` settles it, then `read`.
class CellNumbers {
 public:
  struct Choice {
    char decimal = '\0';   ///< ',' or '.' where the mapping says so; '\0': by the cells
    char separator = ',';  ///< between the fields of the table
    std::string unit;      ///< wanted, and that of cells without one; "" = that of the cells
    bool clock = false;    ///< cells are durations, as `parse_clock` reads them
  };
  /// Must throw; gets the row of the cell at fault.
  using Fault = std::function<void(std::size_t row, const std::string& what)>;

  CellNumbers(Choice choice, Fault fault);

  void look(std::size_t row, std::string_view cell);
  /// Numbers that only a decimal comma explains.
  bool shows_decimal_comma() const { return comma_.has_value(); }
  /// `commas_elsewhere`: another column of the table shows decimal commas.
  void decide(bool commas_elsewhere);
  /// NaN for a missing value.
  double read(std::size_t row, std::string_view cell) const;

  bool decimal_comma() const { return decimal_ == ','; }
  const std::string& unit() const { return unit_; }  ///< of the values; "" = none
  std::string unit_note() const {                    ///< "written in s, stored in ms"
    return "written in " + seen_ + (seen_ == unit_ ? "" : ", stored in " + unit_);
  }
  const std::string& cell_unit() const { return seen_; }  ///< the first one in the cells

 private:
  struct Sample {
    std::size_t row = 0;
    std::string text;
  };
  void look_at_marks(std::size_t row, std::string_view number);
  [[noreturn]] void fail(std::size_t row, const std::string& what) const;
  double factor_of(std::size_t row, std::string_view cell, std::string_view unit) const;

  Choice choice_;
  Fault fault_;
  std::optional<Sample> comma_, point_;                  // evidence of a decimal mark
  std::optional<Sample> unclear_comma_, unclear_point_;  // "1,234", "1.234"
  std::string seen_;
  char decimal_ = '.';
  std::string unit_;
};

}  // namespace nas
