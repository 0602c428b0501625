#pragma once

#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/benchmark.h"
#include "db/importers/self_check.h"

namespace nas {

/// How one field of a table becomes a column of a benchmark.
struct ColumnRule {
  std::string field;
  BenchmarkColumn column;
  std::string cell_unit;  ///< where the cells have another unit than `column`
  double scale = 1;
  double least = -std::numeric_limits<double>::infinity();  ///< smaller values become it, once
                                                            ///< scaled (rewards from 0 on)
  std::vector<double> failed;      ///< values that mean failure: stored as the worst infinity
  std::string list;                ///< separator of a list in the field; "" = one number
  std::vector<std::string> parts;  ///< a list's parts as columns with these statistics; empty: one
                                   ///< wide column
  bool clock = false;              ///< "1:44:56" in hours, minutes, seconds
  std::vector<std::string> only;   ///< values of the pivot field it exists for; empty: all
};

/// A known value, and a known best value.
struct ValueCheck {
  std::string row;
  std::string column;
  double value = 0;
  double tolerance = 0;
};
struct BestCheck {
  std::string column;
  double value = 0;
  double tolerance = 0;
  std::vector<std::string> rows;
};

/// What the columns of a CSV or JSONL table mean: the content of a mapping file. The format is
/// explained, with an example, in db/importers/README.md.
struct Mapping {
  std::string name;                ///< of the benchmark
  std::vector<std::string> files;  ///< names of tables that it is meant for
  std::string space, source, licence;
  std::size_t rows = 0;                  ///< expected; 0 = any
  std::string decimal;                   ///< "," or "."; "" = as the cells show
  std::vector<std::string> arch_fields;  ///< fields of the architecture
  std::string notation = "native";
  std::string notation_place;        ///< "m.toml:4": the space knows which notations there are
  std::string index;                 ///< field of the official index: cross-checked, or instead
                                     ///< of `arch_fields`
  std::string duplicates = "error";  ///< rows of one architecture: "error", "first", "wide"
  std::map<std::string, std::vector<std::string>> filter;  ///< keep rows with one of these values
  std::map<std::string, std::vector<std::string>> leave_out;  ///< and without any of these
  /// Field whose values become data sets of the columns ("task"), with new names for some.
  std::string pivot;
  std::map<std::string, std::string> pivot_names;
  std::vector<ColumnRule> columns;
  std::vector<StructureRule> structure;
  std::vector<ValueCheck> checks;
  std::vector<BestCheck> bests;
  std::vector<std::string> notes;
};

/// The fields of a table that a mapping asks for.
std::vector<std::string> fields_of(const Mapping& mapping);

/// Reads TOML with a closed schema. Throws Error(kData) with file, line and near miss.
Mapping parse_mapping(std::string_view toml, std::string_view file_name);

/// The mapping of a request: a file, a built-in name, or the built-in one meant for the table's
/// file name. Throws Error(kUsage) when there is none.
Mapping find_mapping(const ImportRequest& request);
/// Is there a built-in mapping for this file name?
bool has_mapping(const std::filesystem::path& table);

}  // namespace nas
