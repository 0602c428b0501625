#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/tflite/export_program.h"
#include "core/tflite/write_tflite.h"
#include "core/util/file.h"
#include "tests/cli/program.h"
#include "tests/core/tflite/program_maker.h"

namespace nas {
namespace {

using Json = nlohmann::json;
using test::is_one_line_error;
using test::nasctl;
using test::Outcome;

bool contains(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

void write_model(const std::filesystem::path& path) {
  write_file_atomically(path, format_tflite(to_tflite(test::random_network(4))));
}

}  // namespace

TEST_CASE("a .tflite file is shown, compared and imported as networks of other files are") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  write_model(path / "m.tflite");
  const Outcome shown = nasctl(path, {"arch", "show", "m.tflite", "--json"});
  REQUIRE(shown.code == 0);
  CHECK(Json::parse(shown.out).at("params").get<std::int64_t>() > 0);
  REQUIRE(nasctl(path, {"arch", "import", "m.tflite", "--output", "m.safetensors"}).code == 0);
  CHECK(nasctl(path, {"arch", "diff", "m.tflite", "m.safetensors"}).code == 0);
  const Outcome exported = nasctl(path, {"arch", "export", "m.tflite", "--output", "n.tflite"});
  CHECK(is_one_line_error(exported));
  CHECK(contains(exported.err, "nasctl deploy ARCHITECTURE --target mcu"));
}

TEST_CASE("a network of int8 is deployed without data, and its folder is not replaced unasked") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  write_model(path / "m.tflite");
  const std::vector<std::string> words{"deploy",   "m.tflite", "--target", "mcu",
                                       "--output", "out",      "--json"};
  const Outcome made = nasctl(path, words);
  REQUIRE(made.code == 0);
  const Json row = Json::parse(made.out);
  CHECK(row.at("arena_bytes").get<std::int64_t>() > 0);
  CHECK(row.at("flash_bytes") == std::filesystem::file_size(path / "out" / "model.tflite"));
  CHECK(contains(read_file(path / "out" / "README.md"), "MicroMutableOpResolver"));
  const Outcome again = nasctl(path, words);
  CHECK(is_one_line_error(again));
  CHECK(contains(again.err, "replace it with --force"));
  // What was written is a network again, with the same answers to the same vectors.
  const Outcome second =
      nasctl(path, {"deploy", "out/model.tflite", "--target", "mcu", "--output", "again"});
  REQUIRE(second.code == 0);
  CHECK(read_file(path / "again" / "test_vectors.c") == read_file(path / "out" / "test_vectors.c"));
}

TEST_CASE("what cannot be deployed is one clear line, and leaves no folder") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  write_model(path / "m.tflite");
  const auto error = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "deploy");
    words.insert(words.end(), {"--target", "mcu", "--output", "out"});
    const Outcome outcome = nasctl(path, words);
    CHECK(is_one_line_error(outcome));
    CHECK_FALSE(std::filesystem::exists(path / "out"));
    return outcome.err;
  };
  CHECK(contains(error({"index:4"}), "expected trial:STUDY/N, model:NAME, FILE.safetensors"));
  CHECK(contains(error({"absent.tflite"}), "absent.tflite"));
  CHECK(contains(error({"m.tflite", "--data", "glyphs"}), "--data has no effect"));
  CHECK(contains(error({"m.tflite", "--size", "8"}), "--size has no effect"));
  CHECK(contains(error({"m.tflite", "--calibration", "sample=4"}), "samples"));
  CHECK(contains(error({"m.tflite", "--calibration", "percentile=90"}), "range=percentile"));
  write_file_atomically(path / "page.tflite", "<html><title>404</title></html>");
  CHECK(contains(error({"page.tflite"}), "web page"));
  REQUIRE(nasctl(path, {"arch", "import", "m.tflite", "--output", "m.safetensors"}).code == 0);
  CHECK(contains(error({"m.safetensors"}), "--data KIND:DIR names the data"));
}

TEST_CASE("deploy does not replace a folder that holds other files") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  write_model(path / "m.tflite");
  const auto error = [&](const std::string& output) {
    const Outcome outcome =
        nasctl(path, {"deploy", "m.tflite", "--target", "mcu", "--output", output, "--force"});
    CHECK(is_one_line_error(outcome));
    return outcome.err;
  };
  std::filesystem::create_directory(path / "mine");
  write_file_atomically(path / "mine" / "README.md", "mine");
  CHECK(contains(error("mine"), "it holds README.md, but not a deployment"));
  CHECK(read_file(path / "mine" / "README.md") == "mine");
  CHECK(contains(error("m.safetensors"), "this is the name of a folder"));
  write_file_atomically(path / "notes", "mine");
  CHECK(contains(error("notes"), "is not a folder"));
  CHECK(contains(error("notes/"), "is not a folder"));
  std::filesystem::create_symlink("nowhere", path / "link");
  CHECK(contains(error("link"), "is not a folder"));
}

TEST_CASE("space choose and move: decisions are those of the space, each once") {
  const TemporaryDirectory directory;
  const auto error = [&](const std::vector<std::string>& words) {
    const Outcome outcome = nasctl(directory.path(), words);
    CHECK(is_one_line_error(outcome));
    return outcome.err;
  };
  CHECK(contains(error({"space", "choose", "--space", "nasbench201"}),
                 "space 'nasbench201': unknown decision 'width'"));
  CHECK(contains(error({"space", "choose", "--space", "mcunet", "--input", "3,32,32", "--by",
                        "width,resolution"}),
                 "--by resolution has no effect"));
  CHECK(contains(error({"space", "choose", "--space", "mcunet", "--count", "0"}), "--count = 0"));
  // Without --by a resolution is left out; a patch is a share of whatever image there is.
  const auto parts = [&](const std::vector<std::string>& words) {
    std::vector<std::string> all = {"space", "choose", "--samples", "1", "--format", "csv"};
    all.insert(all.end(), words.begin(), words.end());
    return nasctl(directory.path(), all).out;
  };
  const std::string widths = parts({"--space", "mcunet", "--input", "3,32,32"});
  CHECK(widths.starts_with("width,sampled"));
  CHECK(parts({"--space", "mcunet:width=0.2"}).starts_with("width,resolution,sampled"));
  CHECK(parts({"--space", "mcuformer", "--by", "patch", "--input", "3,32,32"})
            .starts_with("patch,sampled"));
  CHECK(contains(error({"space", "move", "m", "--space", "mcuformer", "--data", "glyphs", "--by",
                        "rank,rank"}),
                 "decision 'rank' is given twice"));
}

}  // namespace nas
