// A thing is one record in one file: nobody else keeps a list of names, and no record is forgotten
// in the list of its folder.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "core/ops/registry.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/source_tree.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = NAS_SOURCE_DIR;

/// Who may name operations: those who define, run and use them to build networks, and what reads
/// the words of published files.
constexpr std::string_view kNamers[] = {"core/ops/",
                                        "core/runtime/ops/",
                                        "core/onnx/ops/",
                                        "core/int8/lower/",
                                        "core/tflite/step_read",
                                        "searchspaces/",
                                        "db/importers/",
                                        "hwmodels/",
                                        "tests/",
                                        "benchmarks/",
                                        "core/ir/blueprint/rewrite.cpp"};

/// Words that are names of operations too, where they mean something else.
const std::map<std::string, std::set<std::string>> kOtherMeanings = {
    {"app/deploy/handover_page.cpp", {"input"}},         // a heading
    {"app/deploy/test_vectors.cpp", {"input", "zero"}},  // names of files
    {"app/memory/memory_svg.cpp", {"input", "linear"}},  // names of colours
    {"app/models/image_classifier.cpp", {"input"}},      // a key of a model file
    {"app/models/stored_model.cpp", {"input"}},          // a key of a stored model
    {"app/reports/cell_sketch.cpp", {"input"}},          // a label
    {"cli/architecture_argument.cpp", {"input"}},        // an option
    {"cli/commands/arch.cpp", {"input"}},                // a column
    {"cli/commands/data.cpp", {"add"}},                  // a verb
    {"cli/commands/device_add.cpp", {"add"}},            // a verb
    {"cli/commands/model.cpp", {"input"}},               // a column
    {"cli/commands/score.cpp", {"input"}},               // an option
    {"cli/commands/space.cpp", {"input"}},               // a column
    {"core/ir/draw/op_colours.h", {"input", "linear"}},  // names of colours
    {"core/problems/circuit_problem.cpp", {"zero"}},     // where angles start
    // how alternatives are weighted
    {"core/runtime/supernet/architecture_rule_torch.cpp", {"softmax"}},
    {"core/runtime/supernet/differentiable.cpp", {"softmax"}},
    {"core/runtime/supernet/relaxation.cpp", {"softmax"}},
    {"core/runtime/supernet/relaxation.h", {"softmax"}},
    {"predictors/brp.cpp", {"dropout"}},              // an option
    {"predictors/gcn.cpp", {"dropout"}},              // an option
    {"predictors/parzc/predictor.cpp", {"dropout"}},  // an option
};

bool may_name_operations(const std::string& path) {
  return std::ranges::any_of(kNamers,
                             [&](std::string_view folder) { return path.starts_with(folder); });
}

std::string without_comment(const std::string& line) {
  return line.substr(0, line.find("//"));
}

/// The quoted words of a line.
std::vector<std::string> literals(const std::string& line) {
  static const std::regex kWord("\"([a-z0-9_]+)\"");
  std::vector<std::string> words;
  for (std::sregex_iterator match(line.begin(), line.end(), kWord), end; match != end; ++match) {
    words.push_back((*match)[1]);
  }
  return words;
}

std::vector<std::string> names_in(const std::string& path, const std::string& content) {
  std::set<std::string, std::less<>> names;
  for (const OpSchema* op : all_ops()) names.emplace(op->name);
  const auto meanings = kOtherMeanings.find(path);
  std::vector<std::string> found;
  for (const std::string& line : split(content, '\n')) {
    for (const std::string& word : literals(without_comment(line))) {
      const bool other = meanings != kOtherMeanings.end() && meanings->second.contains(word);
      if (names.contains(word) && !other) found.push_back(word);
    }
  }
  return found;
}

}  // namespace

TEST_CASE("records: no file outside of the operations' own asks for an operation by name") {
  for (const fs::path& file : test::code_files(kRoot)) {
    const std::string path = fs::relative(file, kRoot).generic_string();
    if (may_name_operations(path)) continue;
    for (const std::string& name : names_in(path, read_file(file))) {
      FAIL_CHECK(path << ": names the operation '" << name
                      << "'; what it wants to know of it belongs into OpSchema");
    }
  }
  CHECK(names_in("core/ir/cost.cpp", "if (op.name == \"conv2d\") return;\n") ==
        std::vector<std::string>{"conv2d"});
  CHECK(names_in("cli/commands/data.cpp", ".verb = \"add\",\n// \"conv2d\"\n").empty());
}

namespace {

/// All words behind NAMES in the lists of records of a CMakeLists.txt.
std::set<std::string> listed_records(const std::string& lists) {
  std::set<std::string> names;
  const std::regex list("nas_(?:plugins|records)\\([^)]*\\bNAMES\\b([^)]*)\\)");
  for (std::sregex_iterator match(lists.begin(), lists.end(), list), end; match != end; ++match) {
    for (const std::string& name : split_words((*match)[1].str())) names.insert(name);
  }
  return names;
}

/// What `definition` finds at the beginning of the lines of a file.
std::vector<std::string> defined_records(const std::string& content, const std::regex& definition) {
  std::vector<std::string> names;
  for (const std::string& line : split(content, '\n')) {
    std::smatch match;
    if (std::regex_search(line, match, definition)) names.push_back(match[1]);
  }
  return names;
}

}  // namespace

TEST_CASE("records: every file that defines a record stands in the list of its folder") {
  const std::regex definition(
      "^(?:extern )?constinit const "
      "(?:OpList|OpBuilders|OnnxMappings|LoweringRules|MicroKernels|LossHeadKind|DataKinds|"
      "Plugin<\\w+>) "
      "(\\w+?)_(?:list|builders|mappings|lowerings|kernels|head|kinds|searcher|search_space|"
      "predictor|proxy|importer)"
      "\\{");
  CHECK(defined_records("constinit const Plugin<Searcher> a_searcher{\n", definition) ==
        std::vector<std::string>{"a"});
  std::map<fs::path, std::set<std::string>> defined;  // by CMakeLists.txt
  std::size_t count = 0;
  for (const fs::path& file : test::code_files(kRoot)) {
    if (file.extension() != ".cpp") continue;
    const std::vector<std::string> found = defined_records(read_file(file), definition);
    if (found.empty()) continue;
    fs::path folder = file.parent_path();
    while (!fs::exists(folder / "CMakeLists.txt")) folder = folder.parent_path();
    defined[folder / "CMakeLists.txt"].insert(found.begin(), found.end());
    count += found.size();
  }
  for (const auto& [lists, names] : defined) {
    CAPTURE(lists.string());
    CHECK(names == listed_records(read_file(lists)));
  }
  CHECK(defined.size() >= 8);
  CHECK(count > 75);
}

TEST_CASE("records: every command stands in the list of commands") {
  const std::regex definition("^(?:extern )?const Command (\\w+)\\{");
  const std::string list = read_file(kRoot / "cli/commands.h");
  std::set<std::string> listed, defined;
  const std::regex entry("X\\((\\w+)\\)");
  for (std::sregex_iterator match(list.begin(), list.end(), entry), end; match != end; ++match) {
    listed.insert((*match)[1]);
  }
  for (const fs::path& file : test::code_files(kRoot)) {
    if (fs::relative(file, kRoot).generic_string().rfind("cli/commands/", 0) != 0) continue;
    for (const std::string& name : defined_records(read_file(file), definition)) {
      defined.insert(name);
    }
  }
  CHECK(defined == listed);
  CHECK(defined.size() > 50);
}

}  // namespace nas
