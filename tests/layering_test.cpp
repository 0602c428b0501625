// The arrows of the architecture, checked in every #include of the tree: all targets share the
// repository root as include path, so CMake cannot.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/source_tree.h"

using namespace nas;
namespace fs = std::filesystem;
using Words = std::vector<std::string>;

namespace {

constexpr std::size_t kMostLines = 400;

// Tables and generated data may be longer: path and reason.
const std::map<std::string, std::string> kLongFiles = {};

const Words kBase = {"core/util", "core/ir", "core/ops", "core/api"};
const Words kBelowApp = {"core", "searchspaces", "hwmodels", "db", "predictors", "searchers"};
// What the explorer's folders stand on: no LibTorch is linked, so only what needs none.
const Words kBelowGui = {"core/util", "core/ir",      "core/ops",  "core/api",
                         "db",        "searchspaces", "searchers", "app"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// Rooms of a floor from the lowest up: each may include itself, what stands before it, and `below`.
void add_rooms(std::map<std::string, Words>& layers, Words below, const Words& rooms) {
  for (const std::string& room : rooms) {
    below.push_back(room);
    layers[room] = below;
  }
}

std::map<std::string, Words> make_layers() {
  std::map<std::string, Words> layers = {
      {"core/util", kBase},
      // The rooms of core/ir stand on its own files, which know none of them.
      {"core/ir", {"core/util", "core/ops", "core/ir/."}},
      {"core/ops", kBase},
      {"core/api", kBase},
      {"core/data", with(kBase, {"core/data"})},
      {"core/data/audio", {"core/util", "core/data/audio"}},
      {"core/data/speech", {"core/util", "core/data/.", "core/data/audio", "core/data/speech"}},
      {"core/onnx", with(kBase, {"core/onnx"})},
      {"core/int8", with(kBase, {"core/int8"})},
      {"core/tflite", with(kBase, {"core/int8", "core/tflite"})},
      {"core/gp", with(kBase, {"core/gp"})},
      {"core/trees", {"core/util", "core/trees"}},
      {"core/quantum", {"core/util", "core/ir", "core/ops", "core/quantum"}},
      {"core/problems", with(kBase, {"core/data", "core/quantum", "core/problems"})},
      {"core/runtime", with(kBase, {"core/onnx", "core/runtime"})},
      {"searchspaces", with(kBase, {"core/quantum", "searchspaces"})},
      {"hwmodels", with(kBase, {"core/int8", "core/trees", "hwmodels"})},
      {"hwmodels/placement", {"core/util", "hwmodels/placement"}},
      {"hwmodels/mcu", with(kBase, {"core/int8", "hwmodels"})},
      {"db", with(kBase, {"db"})},
      {"predictors",
       with(kBase, {"core/gp", "core/onnx", "core/trees", "core/runtime", "predictors"})},
      {"searchers", with(kBase, {"core/gp", "core/runtime", "searchers"})},
      {"cli", with(kBelowApp, {"app", "cli"})},
      {"gui", with(kBelowGui, {"gui"})},
      {"tests", with(kBelowApp, {"app", "cli", "gui", "tests", "benchmarks"})},
      {"benchmarks", with(kBelowApp, {"app", "cli", "gui", "tests", "benchmarks"})},
  };
  add_rooms(layers, {"core/util", "core/ops", "core/ir/."},
            {"core/ir/blueprint", "core/ir/same", "core/ir/forms", "core/ir/draw"});
  add_rooms(
      layers, kBelowApp,
      {"app/presentation", "app/objectives",  "app/session",   "app/devices",    "app/fitted",
       "app/benchmarks",   "app/scoring",     "app/models",    "app/deploy",     "app/supernets",
       "app/memory",       "app/host_models", "app/study",     "app/workers",    "app/cluster",
       "app/circuits",     "app/lookup",      "app/measuring", "app/simulation", "app/predictors",
       "app/reports",      "app/explorer"});
  add_rooms(layers, kBelowGui,
            {"gui/base", "gui/jobs", "gui/models", "gui/plots", "gui/graph", "gui/views/forms",
             "gui/views/panels", "gui/views/window"});
  return layers;
}

// What the files of a folder may include of our own; the longest matching folder counts. A folder
// that ends in "/." stands for its own files without those of its rooms.
const std::map<std::string, Words>& layers() {
  static const std::map<std::string, Words> kLayers = make_layers();
  return kLayers;
}

bool inside(std::string_view path, std::string_view folder) {
  if (folder.ends_with("/.")) {
    folder.remove_suffix(2);
    return inside(path, folder) && path.find('/', folder.size() + 1) == std::string_view::npos;
  }
  return path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/';
}

bool inside_any(std::string_view path, const Words& folders) {
  return std::any_of(folders.begin(), folders.end(),
                     [path](const std::string& folder) { return inside(path, folder); });
}

const Words* layer_of(std::string_view path) {
  const Words* layer = nullptr;
  for (const auto& [folder, allowed] : layers()) {  // ascending: "core/data" after "core"
    if (inside(path, folder)) layer = &allowed;
  }
  return layer;
}

// Headers that cost seconds, or that only one part of the program may know.
struct HeavyHeader {
  std::string_view prefix;
  std::string_view rule;
  bool (*allowed)(std::string_view path);
};

bool is_torch_file(std::string_view path) {
  return path.ends_with("_torch.cpp") || path.ends_with("_torch.h");
}
bool is_source(std::string_view path) {
  return path.ends_with(".cpp");
}
bool is_toml_source(std::string_view path) {
  return is_source(path) || path == "core/util/toml_reader.h";
}
bool is_graph_source(std::string_view path) {
  return is_source(path) || path == "core/ir/boost_graph.h";
}
bool is_store(std::string_view path) {
  return inside_any(path,
                    {"db", "tests/db", "benchmarks"});  // the peer of our store is bare SQLite
}
bool fits_numbers(std::string_view path) {
  return inside_any(path, {"core/gp", "core/quantum"}) && is_source(path);
}
bool is_audio(std::string_view path) {
  return inside_any(path, {"core/data/audio", "tests/core/data/audio"}) && is_source(path);
}
bool is_tflite(std::string_view path) {
  return inside(path, "core/tflite") && (is_source(path) || path == "core/tflite/table_reader.h");
}
bool is_trees(std::string_view path) {
  return inside(path, "core/trees") && is_source(path);
}
bool is_importer(std::string_view path) {
  return inside_any(path, {"db/importers", "tests/db"}) && is_source(path);
}
bool is_cli(std::string_view path) {
  return inside(path, "cli");
}
bool may_print(std::string_view path) {
  return inside_any(path, {"cli", "tests", "benchmarks"});
}

// NAS-Bench-201 numbers its cells by a shuffle of Python, which needs the Mersenne Twister.
bool is_foreign_generator(std::string_view path) {
  return path == "searchspaces/python_shuffle.cpp";
}

constexpr HeavyHeader kHeavyHeaders[] = {
    {"torch/", "only in *_torch files", is_torch_file},
    {"ATen/", "only in *_torch files", is_torch_file},
    {"c10/", "only in *_torch files", is_torch_file},
    {"sqlite3.h", "only in db", is_store},
    {"libpq-fe.h", "only in db", is_store},
    {"ceres/", "only in core/gp and core/quantum", fits_numbers},
    {"sndfile.h", "only in core/data/audio", is_audio},
    {"samplerate.h", "only in core/data/audio", is_audio},
    {"fftw3.h", "only in core/data/audio", is_audio},
    {"flatbuffers/", "only in core/tflite", is_tflite},
    {"core/tflite/table_reader.h", "only in .cpp files", is_source},
    {"xgboost/", "only in core/trees", is_trees},
    {"bzlib.h", "only in db/importers", is_importer},
    {"CLI/", "only in cli", is_cli},
    {"nlohmann/json.hpp", "only in .cpp files", is_source},  // declarations: json_fwd.hpp
    {"toml++/", "only in .cpp files", is_toml_source},
    {"core/util/toml_reader.h", "only in .cpp files", is_source},
    {"boost/", "only in .cpp files", is_graph_source},
    {"core/ir/boost_graph.h", "only in .cpp files", is_source},
    {"iostream", "libraries do not print", may_print},
    {"random", "randomness comes from core/util/rng.h", is_foreign_generator},
};

// The name between the marks of an #include line; the mark tells ours from the others'.
struct Include {
  std::string name;
  bool ours = false;
};

std::optional<Include> parse_include(std::string_view line) {
  line = trim(line);
  if (!line.starts_with('#')) return std::nullopt;
  line = trim(line.substr(1));
  if (!line.starts_with("include")) return std::nullopt;
  line = trim(line.substr(7));
  if (line.size() < 2 || (line[0] != '"' && line[0] != '<')) return std::nullopt;
  const std::size_t end = line.find(line[0] == '"' ? '"' : '>', 1);
  return Include{std::string(line.substr(1, end - 1)), line[0] == '"'};
}

// Why this file may not include that, or nothing.
std::string objection(std::string_view path, const Include& include) {
  for (const HeavyHeader& heavy : kHeavyHeaders) {
    const bool folder = heavy.prefix.ends_with('/');
    const bool hit = folder ? include.name.starts_with(heavy.prefix) : include.name == heavy.prefix;
    if (hit && !heavy.allowed(path)) return std::string(heavy.rule);
  }
  if (!include.ours) return "";
  // They bring LibTorch's headers along.
  if (include.name.ends_with("_torch.h") && !is_torch_file(path)) return "only in *_torch files";
  const Words* allowed = layer_of(path);
  if (allowed == nullptr) return "this folder has no layer; add it to the table";
  if (!inside_any(include.name, *allowed)) return "not below this folder";
  return "";
}

Words violations(const std::string& path, const std::string& content) {
  Words found;
  const Words lines = split(content, '\n');
  const std::size_t count = lines.size() - (lines.back().empty() ? 1 : 0);
  if (count > kMostLines && !kLongFiles.contains(path)) {
    found.push_back(path + ": " + std::to_string(count) + " lines, at most " +
                    std::to_string(kMostLines) + "; split it by idea");
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto include = parse_include(lines[i]);
    if (!include) continue;
    const std::string reason = objection(path, *include);
    if (!reason.empty()) {
      found.push_back(path + ":" + std::to_string(i + 1) + ": includes " + include->name + ": " +
                      reason);
    }
  }
  return found;
}

}  // namespace

TEST_CASE("layering: every include of the tree points down, and every file keeps its budget") {
  const fs::path root = NAS_SOURCE_DIR;
  const std::vector<fs::path> files = test::code_files(root);
  CHECK(files.size() > 50);
  for (const fs::path& file : files) {
    for (const std::string& text :
         violations(fs::relative(file, root).generic_string(), read_file(file))) {
      FAIL_CHECK(text);
    }
  }
}

TEST_CASE("layering: every room of app, core/ir and gui has a README of its rule") {
  const fs::path root = NAS_SOURCE_DIR;
  for (const auto& [room, allowed] : layers()) {
    if (!inside_any(room, {"app", "core/ir", "gui"})) continue;
    CAPTURE(room);
    CHECK(fs::exists(root / room / "README.md"));
  }
}

TEST_CASE("layering: forbidden includes are caught") {
  const std::pair<std::string, std::string> kForbidden[] = {
      {"core/util/text.cpp", "#include \"core/runtime/model.h\""},
      {"core/ir/arch_graph.cpp", "#include \"searchers/registry.h\""},
      {"core/data/idx.cpp", "#include \"core/runtime/model.h\""},
      {"core/onnx/writer.cpp", "#include \"core/data/dataset.h\""},
      {"core/runtime/trainer.cpp", "#include \"db/store.h\""},
      {"core/runtime/trainer.cpp", "#include \"core/data/dataset.h\""},
      {"core/api/problem.cpp", "#include \"core/problems/images.h\""},
      {"searchspaces/darts.cpp", "#include \"core/data/dataset.h\""},
      {"searchspaces/darts.cpp", "#include \"searchers/registry.h\""},
      {"searchers/random.cpp", "#include \"predictors/registry.h\""},
      {"searchers/random.cpp", "#include \"db/store.h\""},
      {"predictors/mlp.cpp", "#include \"searchspaces/registry.h\""},
      {"hwmodels/host.cpp", "#include \"core/runtime/latency.h\""},
      {"db/sqlite_store.cpp", "#include \"app/session/session.h\""},
      {"app/session/session.cpp", "#include \"cli/command.h\""},
      {"cli/parser.cpp", "#include \"gui/window.h\""},
      {"gui/start.cpp", "#include \"cli/command.h\""},
      {"gui/start.cpp", "#include \"core/runtime/model.h\""},
      {"gui/plots/canvas.cpp", "#include \"gui/views/window/main_window.h\""},
      {"core/ir/arch_graph.cpp", "#include \"core/ir/same/digest.h\""},
      {"core/ir/same/digest.cpp", "#include \"core/ir/draw/svg_page.h\""},
      {"app/study/study.cpp", "#include \"app/reports/report.h\""},
      {"app/loose.cpp", "#include \"core/util/text.h\""},
      {"app/session/session.cpp", "#include \"tests/test_data.h\""},
      {"app/session/session.cpp", "#include \"session.h\""},
      {"unknown/file.cpp", "#include \"core/util/text.h\""},
      {"core/data/idx.cpp", "#include <sndfile.h>"},
      {"core/data/audio/fft.h", "#include <fftw3.h>"},
      {"core/data/audio/crop.cpp", "#include \"core/data/dataset.h\""},
      {"core/runtime/trainer.cpp", "  #  include <torch/torch.h>"},
      {"core/runtime/trainer.cpp", "#include \"core/runtime/model_torch.h\""},
      {"searchers/random.cpp", "#include <ATen/core/Tensor.h>"},
      {"tests/app/study/study_test.cpp", "#include <c10/core/Device.h>"},
      {"app/session/session.cpp", "#include <sqlite3.h>"},
      {"app/session/session.cpp", "#include <CLI/CLI.hpp>"},
      {"app/session/session.h", "#include <nlohmann/json.hpp>"},
      {"app/session/session.h", "#include <toml++/toml.h>"},
      {"app/session/session.h", "#include \"core/util/toml_reader.h\""},
      {"core/ir/arch_graph.h", "#include <boost/graph/adjacency_list.hpp>"},
      {"core/ir/reachability.h", "#include \"core/ir/boost_graph.h\""},
      {"core/util/text.cpp", "#include <iostream>"},
      {"searchers/random.cpp", "#include <random>"},
  };
  for (const auto& [path, line] : kForbidden) {
    CAPTURE(path);
    CAPTURE(line);
    CHECK(violations(path, "// text\n" + line + "\n").size() == 1);
  }
}

TEST_CASE("layering: permitted includes pass") {
  const std::pair<std::string, std::string> kPermitted[] = {
      {"core/util/text.cpp", "#include \"core/util/text.h\""},
      {"core/ir/arch_graph.cpp", "#include \"core/ops/op_schema.h\""},
      {"core/ir/arch_graph.cpp", "#include <boost/graph/adjacency_list.hpp>"},
      {"core/runtime/trainer_torch.cpp", "#include \"core/api/problem.h\""},
      {"core/runtime/trainer_torch.cpp", "#include <torch/torch.h>"},
      {"searchers/random.cpp", "#include \"searchers/proposals.h\""},
      {"searchers/pc_darts.cpp", "#include \"core/runtime/model.h\""},
      {"db/sqlite/statement.cpp", "#include <sqlite3.h>"},
      {"app/session/session.cpp", "#include \"db/sqlite_store.h\""},
      {"app/session/session.cpp", "#include <nlohmann/json.hpp>"},
      {"cli/parser.cpp", "#include <CLI/CLI.hpp>"},
      {"cli/parser.cpp", "#include \"app/session/session.h\""},
      {"tests/app/study/study_test.cpp", "#include \"app/session/session.h\""},
      {"tests/app/study/study_test.cpp", "#include <iostream>"},
      {"core/util/text.cpp", "// #include \"gui/window.h\""},
  };
  for (const auto& [path, line] : kPermitted) {
    CAPTURE(path);
    CAPTURE(line);
    CHECK(violations(path, line + "\n").empty());
  }
}

TEST_CASE("layering: a file of 401 lines is over the budget, one of 400 is not") {
  std::string content;
  for (int i = 0; i < 400; ++i) content += "\n";
  CHECK(violations("core/util/text.cpp", content).empty());
  CHECK(violations("core/util/text.cpp", content + "x\n").size() == 1);
  CHECK(violations("core/util/text.cpp", content + "x").size() == 1);
}
