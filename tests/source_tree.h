#pragma once

#include <algorithm>
#include <filesystem>
#include <vector>

namespace nas::test {

/// The .cpp and .h files of the tree below `root`, sorted.
inline std::vector<std::filesystem::path> code_files(const std::filesystem::path& root) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (const char* top : {"core", "searchspaces", "hwmodels", "db", "predictors", "searchers",
                          "app", "cli", "gui", "tests", "benchmarks"}) {
    if (!fs::exists(root / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const fs::path ending = entry.path().extension();
      if (entry.is_regular_file() && (ending == ".cpp" || ending == ".h")) {
        files.push_back(entry.path());
      }
    }
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace nas::test
