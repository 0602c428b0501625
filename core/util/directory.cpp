#include "core/util/directory.h"

#include <algorithm>
#include <string>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace fs = std::filesystem;
namespace {

/// `above`: the directories that lead here, without links, so that a circle of links is seen.
void collect_below(const fs::path& directory, std::vector<fs::path>& above,
                   std::vector<fs::directory_entry>& entries) {
  std::error_code ignored;
  const fs::path real = fs::canonical(directory, ignored);
  if (std::find(above.begin(), above.end(), real) != above.end()) return;
  above.push_back(real);
  for (const fs::directory_entry& entry : visible_entries(directory)) {
    if (entry.is_directory(ignored)) {
      collect_below(entry.path(), above, entries);
    } else {
      entries.push_back(entry);
    }
  }
  above.pop_back();
}

}  // namespace

std::vector<fs::directory_entry> visible_entries(const fs::path& directory) {
  std::vector<fs::directory_entry> entries;
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with(".") && name != "__MACOSX") entries.push_back(entry);
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorKind::kIo, printable(directory.native()) + ": " + error.code().message());
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.path() < b.path(); });
  return entries;
}

std::vector<fs::directory_entry> visible_entries_below(const fs::path& directory) {
  std::vector<fs::path> above;
  std::vector<fs::directory_entry> entries;
  collect_below(directory, above, entries);
  return entries;
}

std::vector<fs::path> visible_directories(const fs::path& directory) {
  std::vector<fs::path> directories;
  std::error_code ignored;  // a dangling link is not a directory
  for (const fs::directory_entry& entry : visible_entries(directory)) {
    if (entry.is_directory(ignored)) directories.push_back(entry.path());
  }
  return directories;
}

std::filesystem::path find_plain_or_gzip(const std::filesystem::path& directory,
                                         std::string_view name) {
  for (const char* ending : {"", ".gz"}) {
    std::filesystem::path path = directory / (std::string(name) + ending);
    std::error_code ignored;  // an unreadable file is reported when it is read
    if (std::filesystem::exists(path, ignored)) return path;
  }
  return {};
}

}  // namespace nas
