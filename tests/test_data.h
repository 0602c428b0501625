#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

namespace nas::test {

/// The folder `name` of the shared benchmark data ($SEARCHLIGHT_DATA, default ../shared/data), or
/// an empty path after a loud line that makes ctest report the case as skipped:
///   const auto dir = test_data("tab-nb201");
///   if (dir.empty()) return;
inline std::filesystem::path test_data(const std::string& name) {
  const char* variable = std::getenv("SEARCHLIGHT_DATA");
  const std::filesystem::path root = variable != nullptr ? variable : "../shared/data";
  std::filesystem::path path = root / name;
  if (std::filesystem::exists(path)) return path;
  std::cout << "SKIPPED: " << path.string() << " is absent (set SEARCHLIGHT_DATA)\n";
  return {};
}

}  // namespace nas::test
