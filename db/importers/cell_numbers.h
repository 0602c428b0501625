#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/util/csv.h"

namespace nas {

/// "", "-", "?", "NA", "N/A", "None", "null", "nan", Excel's "#DIV/0!" and the like, in any case:
/// no value.
bool is_missing_word(std::string_view cell);

/// The unit that a metric's name says: "latency_ms", "training_seconds"; "" where it says none.
std::string unit_of_metric(std::string_view metric);

/// "1:44:56", "00:01:44.5", "0 days 00:01:44.500000", "1 day, 2:03:04", "104.5": seconds.
std::optional<double> parse_clock(std::string_view text);

/// The unit that a column's heading says of its cells: "lat [s]", "acc (%)", "Params (M)" of what
/// is counted, and "latency_s" where the metric has a unit of its own. "" where it says none, or
/// what it says may be something else: "layer(s)", "top (k)", "Params (B)".
std::string unit_of_heading(std::string_view heading, std::string_view metric);

/// How the numbers of one column of a table are written: which mark is the decimal one, and in
/// which unit. Every cell is looked at first (`look`), then `decide` settles it, then `read`.
class CellNumbers {
 public:
  struct Choice {
    char decimal = '\0';   ///< ',' or '.' where the mapping says so; '\0': by the cells
    char separator = ',';  ///< between the fields of the table
    std::string unit;      ///< wanted, and that of cells without one; "" = that of the cells
    bool clock = false;    ///< cells are durations, as `parse_clock` reads them
    std::string heading;   ///< the unit of cells without one that the heading says; "" = none
    bool mapped = true;    ///< a mapping can settle what may mean two things
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
  /// "written in s, stored in ms", "in M, as its heading says"; "" where no unit is written.
  std::string unit_note() const;
  /// Of the heading, or the first one in the cells.
  const std::string& cell_unit() const { return seen_; }

 private:
  struct Sample {
    std::size_t row = 0;
    std::string text;
  };
  void look_at_marks(std::size_t row, std::string_view number);
  [[noreturn]] void fail(std::size_t row, const std::string& what) const;
  std::string advice(std::string_view what) const;  ///< "" without a mapping
  double factor_of(std::size_t row, std::string_view cell, std::string_view unit) const;

  Choice choice_;
  Fault fault_;
  std::optional<Sample> comma_, point_;                  // evidence of a decimal mark
  std::optional<Sample> unclear_comma_, unclear_point_;  // "1,234", "1.234"
  std::string seen_;
  char decimal_ = '.';
  std::string unit_;
};

/// One column of measurements, in the unit that the metric's name says: decimal commas and units in
/// the cells or the heading as in any table. nullopt where the cell is empty or a word such as NA;
/// "nan" is NaN. `fault` gets the row of a cell that is not a number, and must throw.
std::vector<std::optional<double>> measured_numbers(const CsvTable& table, std::size_t column,
                                                    std::string_view metric,
                                                    const CellNumbers::Fault& fault);

}  // namespace nas
