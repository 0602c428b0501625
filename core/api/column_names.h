#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/benchmark.h"

namespace nas {

// Names of columns as people give them, in one place for every command, plug-in and form:
//
//   accuracy:dataset=cifar10,split=test,epochs=200   the long key: exact, KEY=VALUE in any order
//   accuracy cifar10 test                            words in any order, upper and lower case alike
//   latency_ms@pixel3, latency_ms cifar10 @pixel3    a device after '@'
//
// A word is a metric, or the value of a part ("cifar10", "200", "mean"); where no column has all
// words as whole values, pieces of values count too ("latency" of "latency_ms"). The metric is
// always named. A column whose parts are all named wins over those with further parts, and a
// prediction never makes the truth that it predicts ambiguous.

/// A wish as it was written, for messages.
std::string query_text(const ColumnQuery& query);

/// The columns that fit, by number, predictions too.
std::vector<std::size_t> fitting_columns(std::span<const BenchmarkColumn> columns,
                                         const ColumnQuery& query);
/// Of those, the ones that may be meant: one, or the candidates of an ambiguous name.
std::vector<std::size_t> meant_columns(std::span<const BenchmarkColumn> columns,
                                       const ColumnQuery& query);

/// For each column the shortest usual name by which it alone is meant: the metric and the values
/// that tell it from the other columns of this metric; the long key where words do not suffice.
std::vector<std::string> short_column_names(std::span<const BenchmarkColumn> columns);

/// The end of a message about a name that is ambiguous or unknown: ":" and at most twelve of
/// `names`, one per line, those nearest to `wanted` first, and how many more there are.
std::string nearest_names(std::string_view wanted, std::vector<std::string> names);

/// Throws Error(kUsage) "WHERE: 'NAME' is ambiguous" or "WHERE: unknown column 'NAME'" with the
/// nearest of `names`, one per line.
[[noreturn]] void throw_unclear_column(const std::string& where, const ColumnQuery& query,
                                       std::vector<std::string> names, bool ambiguous);

}  // namespace nas
