#include "core/util/directory.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "core/util/error.h"
#include "core/util/file.h"

using namespace nas;

TEST_CASE("directory: entries are sorted, hidden ones are left out, links count as their targets") {
  const TemporaryDirectory directory;
  const auto& root = directory.path();
  for (const char* name : {"b", "a", "c", ".hidden"}) std::ofstream(root / name) << "x";
  std::filesystem::create_directory(root / "d");
  std::filesystem::create_directory(root / ".git");
  std::filesystem::create_directory(root / "__MACOSX");
  std::filesystem::create_directory_symlink(root / "d", root / "a_link");
  std::filesystem::create_symlink(root / "nothing", root / "dangling");
  std::string names;
  for (const auto& entry : visible_entries(root)) names += entry.path().filename().string() + " ";
  CHECK(names == "a a_link b c d dangling ");
  CHECK(visible_directories(root) ==
        std::vector<std::filesystem::path>{root / "a_link", root / "d"});
}

TEST_CASE("directory: one that is missing or no directory is an error with its name") {
  const TemporaryDirectory directory;
  CHECK_THROWS_WITH_AS(visible_entries(directory.path() / "none"), doctest::Contains("none: "),
                       Error);
  std::ofstream(directory.path() / "file") << "x";
  CHECK_THROWS_AS(visible_directories(directory.path() / "file"), Error);
}
