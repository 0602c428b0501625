#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/lookup/same_architecture.h"
#include "core/api/browse.h"

namespace nas {

// Filters of a table, as the explorer's filter line reads them:
//
//   accuracy > 93 and params < 1.5M
//   (latency_ms@host <= 4 or macs < 50M) and not architecture ~ "skip_connect"
//   state ~ failed
//   error is missing
//
// Numbers compare with < <= > >= = !=, text with ~ (holds, upper and lower case alike) and !~;
// `architecture = "..."` finds one in any notation (core/api/notation.h) and what is isomorphic;
// `is missing` and `is present` ask for a value. Suffixes k, M and G multiply. Columns are named as
// in every command (core/api/column_names.h): by their short name, `accuracy cifar10 test > 93`, in
// any case, or by their long key in backquotes.

/// A comparison that is true or false for every row.
struct FilterTest {
  enum class Kind : std::uint8_t {
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kEqual,
    kNotEqual,
    kHolds,
    kSame,
    kPresent
  };
  std::size_t column = 0;
  Kind kind = Kind::kLess;
  double number = 0;
  std::string text;
  std::shared_ptr<const SameArchitecture> same{};
};

/// Tests and how they are joined, in the order of a stack machine.
struct FilterStep {
  enum class Kind : std::uint8_t { kTest, kAnd, kOr, kNot };
  Kind kind = Kind::kTest;
  FilterTest test;
};

struct Filter {
  std::vector<FilterStep> steps;  ///< empty: everything passes
  bool empty() const { return steps.empty(); }
};

/// Throws Error(kUsage): "filter, at 12: unknown column 'acuracy'; the nearest are: ...".
Filter parse_filter(std::string_view text, std::span<const BrowseColumn> columns);

/// What may be typed next at `cursor` (in bytes): candidates for the word that ends there.
struct FilterCompletion {
  std::size_t start = 0;  ///< of the word
  std::vector<std::string> candidates;
};
FilterCompletion complete_filter(std::string_view text, std::size_t cursor,
                                 std::span<const BrowseColumn> columns);

/// Columns by number, read once for several filters and plots; nullopt when stopped.
using ColumnSource = std::function<std::optional<std::span<const double>>(std::size_t column)>;

/// 1 for every key (up to `key_end` of the table) that passes. nullopt: stopped.
std::optional<std::vector<std::uint8_t>> evaluate_filter(const Filter& filter, BrowseTable& table,
                                                         const ColumnSource& columns,
                                                         std::stop_token stop);

/// Does one row pass? As `evaluate_filter` says it of all.
bool passes(const Filter& filter, const BrowseRow& row);

}  // namespace nas
