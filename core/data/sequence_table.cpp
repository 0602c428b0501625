#include "core/data/sequence_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "core/util/content_hash.h"
#include "core/util/csv.h"
#include "core/util/directory.h"
#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSplit = 0, kUtterance = 1, kLabel = 2, kFrame = 3, kFirstFeature = 4;
constexpr char kColumns[] =
    "split, utterance, LABEL, frame and at least one feature, in this order, expected";

/// In the order of the numbers where all names are numbers, else by letters.
std::vector<std::string> sorted_classes(const std::set<std::string>& names) {
  std::vector<std::string> classes(names.begin(), names.end());
  const bool numbers = std::all_of(classes.begin(), classes.end(),
                                   [](const std::string& name) { return parse_int(name); });
  if (numbers) {
    std::stable_sort(classes.begin(), classes.end(),
                     [](const auto& a, const auto& b) { return *parse_int(a) < *parse_int(b); });
  }
  return classes;
}

/// Turns the rows of the table into sequences, one after the other.
class SequenceReader {
 public:
  SequenceReader(const CsvTable& table, std::string name) : table_(table), name_(std::move(name)) {
    check_columns();
  }

  void read(SequenceDataset& dataset) {
    const auto& columns = table_.columns();
    dataset.features.assign(columns.begin() + kFirstFeature, columns.end());
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      const bool first = row == 0 || text(row, kUtterance) != text(row - 1, kUtterance) ||
                         text(row, kSplit) != text(row - 1, kSplit);
      if (first) begin_sequence(row, dataset);
      add_frame(row, dataset);
    }
    number_labels(dataset);
  }

 private:
  [[noreturn]] void fail(std::size_t row, const std::string& what) const {
    throw Error(ErrorKind::kData,
                name_ + ", line " + std::to_string(table_.line(row)) + ": " + what);
  }

  std::string text(std::size_t row, std::size_t column) const {
    return std::string(table_.at(row, column));
  }

  void check_columns() const {
    constexpr std::array<std::pair<std::size_t, const char*>, 3> kNames = {
        {{kSplit, "split"}, {kUtterance, "utterance"}, {kFrame, "frame"}}};
    const auto& columns = table_.columns();
    if (columns.size() <= kFirstFeature) {
      throw Error(ErrorKind::kData,
                  name_ + ": " + std::to_string(columns.size()) + " columns; " + kColumns);
    }
    for (const auto& [at, expected] : kNames) {
      if (columns[at] == expected) continue;
      throw Error(ErrorKind::kData, name_ + ": column " + std::to_string(at + 1) + " is '" +
                                        printable(columns[at]) + "', not '" + expected + "'; " +
                                        kColumns);
    }
  }

  void begin_sequence(std::size_t row, SequenceDataset& dataset) {
    const std::string part = text(row, kSplit);
    if (part != "train" && part != "test") {
      fail(row, "split '" + printable(part) + "', must be 'train' or 'test'");
    }
    if (!seen_.emplace(part, text(row, kUtterance)).second) {
      fail(row, "utterance '" + printable(text(row, kUtterance)) + "' of " + part +
                    " has ended before; its frames must stand together");
    }
    auto& numbers = part == "train" ? dataset.split.train : dataset.split.test;
    numbers.push_back(static_cast<std::uint32_t>(first_rows_.size()));
    first_rows_.push_back(row);
    dataset.ends.push_back(row);
  }

  void add_frame(std::size_t row, SequenceDataset& dataset) {
    const std::size_t first = first_rows_.back();
    const std::string expected = std::to_string(row - first);
    if (text(row, kFrame) != expected) {
      fail(row, "frame '" + printable(text(row, kFrame)) + "', " + expected +
                    " expected; a line is missing or out of turn");
    }
    if (text(row, kLabel) != text(first, kLabel)) {
      fail(row, "label '" + printable(text(row, kLabel)) + "', but the utterance began with '" +
                    printable(text(first, kLabel)) + "'");
    }
    for (std::size_t column = kFirstFeature; column < table_.columns().size(); ++column) {
      const auto value = parse_double(table_.at(row, column));
      const auto narrow = static_cast<float>(value.value_or(NAN));
      if (!std::isfinite(narrow)) {
        fail(row, printable(table_.columns()[column]) + " '" + printable(text(row, column)) +
                      "' is not a finite number");
      }
      dataset.values.push_back(narrow);
    }
    dataset.ends.back() = row + 1;
  }

  /// Classes are those of the training utterances.
  void number_labels(SequenceDataset& dataset) const {
    std::set<std::string> names;
    for (const std::uint32_t i : dataset.split.train) names.insert(text(first_rows_[i], kLabel));
    dataset.classes = sorted_classes(names);
    for (const std::size_t row : first_rows_) {
      const auto at = std::find(dataset.classes.begin(), dataset.classes.end(), text(row, kLabel));
      if (at == dataset.classes.end()) {
        fail(row, "label '" + printable(text(row, kLabel)) + "' is of no training utterance");
      }
      dataset.labels.push_back(static_cast<std::uint32_t>(at - dataset.classes.begin()));
    }
  }

  const CsvTable& table_;
  std::string name_;
  std::vector<std::size_t> first_rows_;  // of the sequences
  std::set<std::pair<std::string, std::string>> seen_;
};

std::string identity(const SequenceDataset& data) {
  const std::string digest = sha256_hex(
      std::to_string(data.features.size()) + sha256_of(data.values) + sha256_of(data.ends) +
      sha256_of(data.labels) + sha256_of(data.split.train) + sha256_of(data.split.test));
  return "sequences[" + std::to_string(data.split.train.size()) + "+" +
         std::to_string(data.split.test.size()) + "]#" + digest.substr(0, 8);
}

}  // namespace

std::shared_ptr<const SequenceDataset> load_sequences(const fs::path& directory) {
  const fs::path path = find_plain_or_gzip(directory, "frames.csv");
  if (path.empty()) {
    throw Error(ErrorKind::kIo, printable(directory.native()) +
                                    ": frames.csv is missing; sequences:DIR needs it, with the "
                                    "columns split, utterance, LABEL, frame and the features");
  }
  const std::string name = printable(path.native());
  std::string bytes = read_file(path);
  refuse_foreign_content(std::string_view(bytes).substr(0, 4096), name);
  const CsvTable table = CsvTable::parse(std::move(bytes), name);
  auto dataset = std::make_shared<SequenceDataset>();
  SequenceReader(table, name).read(*dataset);
  if (dataset->split.train.empty() || dataset->split.test.empty()) {
    throw Error(
        ErrorKind::kData,
        name + ": no " + (dataset->split.train.empty() ? "training" : "test") + " utterances");
  }
  dataset->source = "sequences:" + directory.string();
  dataset->id = identity(*dataset);
  return dataset;
}

}  // namespace nas
