#include "predictors/csv_tensors.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/util/csv.h"
#include "core/util/directory.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/regular_file.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::int64_t kMostNumbers = std::int64_t{1} << 26;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw Error(ErrorKind::kData, path.string() + ": " + what);
}

/// rows x cols numbers, a line each row.
std::vector<double> read_numbers(const std::filesystem::path& path, std::int64_t rows,
                                 std::int64_t cols) {
  require_regular_file(path);
  const std::string text = read_file(path);
  std::vector<double> numbers;
  std::int64_t line_number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++line_number;
    if (trim(line).empty()) continue;
    const std::string where = "line " + std::to_string(line_number) + ": ";
    const std::vector<std::string> words = split(line, ',');
    if (std::ssize(words) != cols || line_number > rows) {
      fail(path, where + "expected " + std::to_string(rows) + " lines of " + std::to_string(cols) +
                     " numbers");
    }
    for (const std::string& word : words) {
      const auto number = parse_double(trim(word));
      if (!number || !std::isfinite(*number)) {
        fail(path, where + "'" + printable(word.substr(0, 40)) + "' is not a number");
      }
      numbers.push_back(*number);
    }
  }
  if (std::ssize(numbers) != rows * cols) {
    fail(path, "has " + std::to_string(numbers.size()) + " numbers, expected " +
                   std::to_string(rows * cols));
  }
  return numbers;
}

/// The name of the only predictor of a list, or `part`.
std::string chosen_part(const CsvTable& table, const std::filesystem::path& list,
                        const std::string& part) {
  const std::size_t column = table.column("predictor");
  std::vector<std::string> names;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string name(table.at(row, column));
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  if (names.empty()) fail(list, "lists no tensors");
  if (part.empty() && names.size() > 1) {
    throw Error(ErrorKind::kUsage, list.string() + ": holds several predictors (" +
                                       join(names, ", ") + "); say which with --part");
  }
  if (part.empty()) return names.front();
  if (std::ranges::find(names, part) == names.end()) {
    throw Error(ErrorKind::kUsage,
                list.string() + ": " + unknown_name("predictor", printable(part), names));
  }
  return part;
}

/// Removes what all names begin with, up to a '_'.
void shorten_names(PredictorState& state) {
  std::string common = state.tensors.front().name;
  for (const PredictorTensor& tensor : state.tensors) {
    const auto end = std::ranges::mismatch(common, tensor.name).in1;
    common.erase(end, common.end());
  }
  const std::size_t prefix = common.rfind('_');
  if (prefix == std::string::npos) return;
  for (PredictorTensor& tensor : state.tensors) tensor.name.erase(0, prefix + 1);
}

}  // namespace

PredictorState read_csv_tensors(const std::filesystem::path& list, const std::string& part) {
  require_regular_file(list);
  const CsvTable table = CsvTable::parse(read_file(list), list.string());
  const std::string chosen = chosen_part(table, list, part);
  const auto dimension = [&](std::size_t row, std::string_view column) {
    const std::string_view text = table.at(row, table.column(column));
    const auto number = parse_int(text);
    if (!number || *number < 1 || *number > kMostNumbers) {
      fail(list, "line " + std::to_string(table.line(row)) + ": " + std::string(column) + " = '" +
                     printable(text) + "', expected a whole number >= 1");
    }
    return *number;
  };
  PredictorState state;
  std::set<std::string> names;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (table.at(row, table.column("predictor")) != chosen) continue;
    const std::string name(table.at(row, table.column("tensor")));
    const std::string what = "line " + std::to_string(table.line(row)) + ": tensor '" +
                             printable(name.substr(0, 80)) + "' ";
    if (name.empty() || name.find_first_of("/\\") != std::string::npos) {
      fail(list, what + "is no plain file name");
    }
    if (!names.insert(name).second) fail(list, what + "is given twice");
    const std::int64_t rows = dimension(row, "rows"), cols = dimension(row, "cols");
    if (rows * cols > kMostNumbers) fail(list, what + "is larger than any predictor's");
    const std::filesystem::path file = find_plain_or_gzip(list.parent_path(), name + ".csv");
    if (file.empty()) {
      throw Error(ErrorKind::kIo, list.string() + ": " + what + "has no file " + name + ".csv or " +
                                      name + ".csv.gz beside it");
    }
    PredictorTensor tensor{name, {rows, cols}, read_numbers(file, rows, cols)};
    if (rows == 1) tensor.shape = {cols};
    state.tensors.push_back(std::move(tensor));
  }
  shorten_names(state);
  state.text = "{}";
  return state;
}

}  // namespace nas
