#include "db/importers/text_table.h"

#include <algorithm>
#include <utility>

#include "core/util/csv.h"
#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/hash.h"
#include "core/util/heading.h"
#include "core/util/text.h"
#include "db/importers/data_file.h"
#include "db/importers/json_table.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 1'000'000;
constexpr int kDeepestFolder = 8;

class CsvText final : public TextTable {
 public:
  CsvText(CsvTable table, std::string source)
      : table_(std::move(table)), source_(std::move(source)) {
    if (table_.rows() == 0) throw Error(ErrorKind::kData, source_ + ": no rows below the names");
    if (table_.columns().front().empty()) key_ = 0;
    const char separator = table_.separator();
    if (separator == '\t') notes_.emplace_back("fields are separated by tabs");
    if (separator == ';' || separator == '|') {
      notes_.push_back(std::string("fields are separated by '") + separator + "'");
    }
  }
  std::size_t rows() const override { return table_.rows(); }
  const std::vector<std::string>& columns() const override { return table_.columns(); }
  std::string_view at(std::size_t row, std::size_t column) const override {
    return table_.at(row, column);
  }
  std::string place(std::size_t row) const override {
    return source_ + ", line " + std::to_string(table_.line(row));
  }
  char separator() const override { return table_.separator(); }

 private:
  CsvTable table_;
  std::string source_;
};

/// The name in lower case without the ending of a packer.
std::string plain_name(const fs::path& path) {
  std::string name = to_lower(path.filename().string());
  for (const std::string_view ending : {".gz", ".bz2"}) {
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  }
  return name;
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

bool is_json_lines(const fs::path& path) {
  return ends_with_any(plain_name(path), {".jsonl", ".ndjson"});
}

std::string folder_note(std::size_t files, std::size_t others) {
  const auto counted = [](std::size_t count) {
    return format_count(static_cast<std::int64_t>(count));
  };
  return "one row for each of " + counted(files) + " JSON files" +
         (others == 0 ? "" : "; " + counted(others) + " other files are left out");
}

std::unique_ptr<TextTable> read_folder(const fs::path& folder) {
  std::size_t others = 0;
  const std::vector<fs::path> files = json_files(folder, &others);
  auto table = std::make_unique<JsonTable>(folder.filename().string());
  for (const fs::path& file : files) {
    fs::path key = file;
    key.replace_extension();
    const std::string text = read_data_text(folder / file);
    table->add_file(text, file.string(), key.generic_string());
  }
  table->finish();
  table->add_note(folder_note(files.size(), others));
  return table;
}

/// Is there a table of text beside the JSON files? Then those are something else.
bool holds_text_tables(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const bool json = to_lower(at->path().extension().string()) == ".json";
    if (!json && at->is_regular_file() && is_text_table(at->path())) return true;
  }
  return false;
}

}  // namespace

std::vector<fs::path> json_files(const fs::path& folder, std::size_t* others) {
  if (!fs::is_directory(folder)) return {fs::path()};
  std::vector<fs::path> files;
  try {
    auto at = fs::recursive_directory_iterator(folder);
    for (; at != fs::recursive_directory_iterator(); ++at) {
      const bool hidden = at->path().filename().string().starts_with(".");
      if (hidden || at.depth() >= kDeepestFolder) at.disable_recursion_pending();
      if (hidden || !at->is_regular_file()) continue;
      if (to_lower(at->path().extension().string()) != ".json") {
        if (others != nullptr) ++*others;
        continue;
      }
      files.push_back(at->path().lexically_relative(folder));
      if (files.size() > kMostFiles) {
        throw Error(ErrorKind::kUnsupported, folder.string() + ": more than 1,000,000 files");
      }
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorKind::kIo, folder.string() + ": " + error.code().message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::optional<std::size_t> TextTable::find_column(std::string_view name) const {
  return find_heading(columns(), name);
}

std::size_t TextTable::column(std::string_view name) const {
  if (const auto found = find_column(name)) return *found;
  std::vector<std::string> known;
  for (const std::string& column : columns()) {
    if (!column.empty()) known.push_back(printable(column));
  }
  throw Error(ErrorKind::kData, unknown_name("column", name, known));
}

std::unique_ptr<TextTable> read_text_table(const fs::path& path,
                                           std::span<const std::string> wanted) {
  if (fs::is_directory(path)) return read_folder(path);
  std::string text = read_data_text(path);
  const std::string source = path.filename().string();
  const std::string_view start = trim(std::string_view(text).substr(0, 4096));
  const bool lines = is_json_lines(path);
  const bool json = lines || plain_name(path).ends_with(".json") || start.starts_with('{') ||
                    start.starts_with("[{");
  if (!json) return std::make_unique<CsvText>(CsvTable::parse(std::move(text), source), source);
  auto table = std::make_unique<JsonTable>(source);
  table->add_text(text, wanted, lines);
  table->finish();
  return table;
}

bool is_text_table(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    return json_files(path).size() > 1 && !holds_text_tables(path);
  }
  const std::string name = to_lower(path.filename().string());
  return ends_with_any(plain_name(path), {".csv", ".tsv", ".tab", ".jsonl", ".ndjson"}) ||
         name.ends_with(".json");
}

std::string table_digest(const fs::path& path) {
  if (!fs::is_directory(path)) return sha256_file(path);
  std::string digests;
  for (const fs::path& file : json_files(path)) {
    digests += file.generic_string() + ":" + sha256_file(path / file) + "\n";
  }
  return sha256_hex(digests);
}

}  // namespace nas
