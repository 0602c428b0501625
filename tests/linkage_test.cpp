// Who may link LibTorch, read from every CMakeLists.txt: programs open it when they need it.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

using namespace nas;
namespace fs = std::filesystem;
using Words = std::vector<std::string>;

namespace {

/// "name(words)" of a CMakeLists.txt, without comments.
struct CMakeCommand {
  std::string name;
  Words words;
};

std::vector<CMakeCommand> parse_cmake(std::string_view content) {
  std::string plain;
  for (const std::string& line : split(content, '\n'))
    plain += line.substr(0, line.find('#')) + ' ';
  std::vector<CMakeCommand> commands;
  for (std::size_t begin = 0, open = plain.find('('); open != std::string::npos;
       open = plain.find('(', begin)) {
    const std::size_t close = plain.find(')', open);
    const Words before = split_words(plain.substr(begin, open - begin));
    const Words words = split_words(plain.substr(open + 1, close - open - 1));
    if (!before.empty()) commands.push_back({before.back(), words});
    begin = close == std::string::npos ? plain.size() : close + 1;
  }
  return commands;
}

bool holds(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The targets of one CMakeLists.txt: their sources, and whether they link nas_torch or LibTorch
/// itself.
struct Target {
  Words sources;
  bool links_torch = false;
};

std::map<std::string, Target> read_targets(std::string_view content) {
  const std::set<std::string> kWithSources = {"nas_library",    "nas_test",    "nas_gui_library",
                                              "add_executable", "add_library", "target_sources"};
  std::map<std::string, Target> targets;
  for (const CMakeCommand& command : parse_cmake(content)) {
    if (command.words.empty()) continue;
    const bool with_sources = kWithSources.contains(command.name);
    if (!with_sources && command.name != "target_link_libraries") continue;
    Target& target = targets[command.words.front()];
    const Words rest(command.words.begin() + 1, command.words.end());
    target.links_torch = target.links_torch || holds(rest, "nas_torch") || holds(rest, "libtorch");
    if (!with_sources) continue;
    for (const std::string& word : rest) {
      if (word.ends_with(".cpp")) target.sources.push_back(word);
    }
  }
  return targets;
}

/// Targets that link LibTorch without need, or hold a file for nas_torch without being it.
Words violations(const std::string& path, std::string_view content) {
  Words found;
  for (const auto& [name, target] : read_targets(content)) {
    for (const std::string& source : target.sources) {
      const bool for_torch = source.ends_with("_torch.cpp");
      if (for_torch && name != "nas_torch" && !target.links_torch) {
        found.push_back(path + ": " + source + " is not part of nas_torch but of " + name);
      }
      if (!for_torch && (name == "nas_torch" || target.links_torch)) {
        found.push_back(path + ": " + name + " links LibTorch, which " + source +
                        " does not include");
      }
    }
  }
  return found;
}

}  // namespace

TEST_CASE("linkage: only targets made of *_torch files link LibTorch") {
  const fs::path root = NAS_SOURCE_DIR;
  std::size_t files = 0;
  for (const char* top : {"core", "searchspaces", "hwmodels", "db", "predictors", "searchers",
                          "app", "cli", "gui", "tests", "benchmarks"}) {
    if (!fs::exists(root / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      if (entry.path().filename() != "CMakeLists.txt") continue;
      ++files;
      const std::string path = fs::relative(entry.path(), root).generic_string();
      for (const std::string& text : violations(path, read_file(entry.path()))) FAIL_CHECK(text);
    }
  }
  CHECK(files > 20);
}

TEST_CASE("linkage: a target that links LibTorch without need is caught") {
  const std::string kForbidden[] = {
      "nas_test(a_test SOURCES a_test.cpp b_test_torch.cpp LIBRARIES nas_runtime nas_torch)",
      "add_executable(a a.cpp)\ntarget_link_libraries(a PRIVATE nas_util nas_torch)",
      "nas_library(nas_a SOURCES a.cpp PRIVATE libtorch)",
      "nas_library(nas_a SOURCES a_torch.cpp PUBLIC nas_api)",
      "target_sources(nas_torch PRIVATE\n  a.cpp)"};
  for (const std::string& text : kForbidden) {
    CAPTURE(text);
    CHECK(violations("x/CMakeLists.txt", text).size() == 1);
  }
}

TEST_CASE("linkage: targets of *_torch files, and targets without LibTorch, pass") {
  const std::string kPermitted[] = {
      "nas_test(a_test\n  SOURCES\n    a_test_torch.cpp  # a.cpp\n  LIBRARIES nas_torch)",
      "nas_library(nas_torch SOURCES a_torch.cpp PUBLIC nas_runtime libtorch)",
      "nas_library(nas_a SOURCES a.cpp)\nadd_dependencies(nas_a nas_torch)",
      "target_sources(nas_torch PRIVATE\n  a_torch.cpp)\ntarget_link_libraries(nas_torch PRIVATE "
      "nas_a)"};
  for (const std::string& text : kPermitted) {
    CAPTURE(text);
    CHECK(violations("x/CMakeLists.txt", text).empty());
  }
}
