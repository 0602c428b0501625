#include "app/deploy/deployment.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/deploy/c_array.h"
#include "core/tflite/export_program.h"
#include "core/tflite/import_program.h"
#include "core/tflite/read_tflite.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "tests/core/tflite/program_maker.h"
#include "tests/test_data.h"

namespace nas {
namespace {

using Json = nlohmann::json;

std::string content(const std::vector<AnswerFile>& files, std::string_view name) {
  return std::ranges::find(files, name, &AnswerFile::name)->content;
}

bool has(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

}  // namespace

TEST_CASE("deploy: bytes become the numbers of a C array, twelve a line") {
  CHECK(c_numbers(std::string("\x00\xff\x1c", 3)) == "  0x00, 0xff, 0x1c,\n");
  const std::string source =
      c_array_source("model_data", "model_data.h", std::string(13, 'A'), "*/");
  CHECK(has(source, "const unsigned char model_data[] = {\n  0x41,"));
  CHECK(has(source, "const unsigned int model_data_len = 13u;"));
  CHECK(source.find("*/ */") == std::string::npos);  // a title cannot end the comment
}

TEST_CASE("deploy: the file states the offsets of the plan, and they hold every tensor apart") {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    CAPTURE(seed);
    const Deployment made = deployment_of("a network", test::random_network(seed));
    const TfliteModel model = parse_tflite(made.tflite, "m");
    CHECK(stated_offsets(model) == made.offsets);
    const MicroProgram read = to_program(model);
    CHECK(read.tensors == made.program.tensors);
    for (std::size_t i = 0; i < made.offsets.size(); ++i) {
      CHECK((made.offsets[i] < 0) == made.program.tensors[i].constant);
      if (made.offsets[i] < 0) continue;
      CHECK(made.offsets[i] % 16 == 0);
      CHECK(made.offsets[i] + made.program.tensors[i].bytes() <= made.plan.arena.bytes);
    }
    CHECK(made.arena_bytes() % 1024 == 0);
    CHECK(made.arena_bytes() > made.plan.arena.bytes);
  }
}

TEST_CASE("deploy: the files of the folder agree with one another") {
  const Deployment made = deployment_of("trial:first/12", test::random_network(3));
  const std::vector<AnswerFile> files = deployment_files(made);
  CHECK(files.size() == 9);
  const Json plan = Json::parse(content(files, "memory_plan.json"));
  CHECK(plan["arena_bytes"] == made.plan.arena.bytes);
  CHECK(plan["steps"].size() == made.program.steps.size());
  CHECK(has(content(files, "memory_plan.txt"), "Memory plan of trial:first/12"));
  const Json vectors = Json::parse(content(files, "test_vectors.json"));
  CHECK(vectors["vectors"].size() == 3);
  CHECK(vectors["vectors"][0]["inputs"][0][0] == 0);
  CHECK(vectors["vectors"][1]["inputs"][0][1] == (89 + 40) % 256 - 128);
  CHECK(has(content(files, "test_vectors.h"), "#define TEST_VECTOR_COUNT 3"));
  const std::string page = content(files, "README.md");
  CHECK(has(page, "resolver.AddConv2D();"));
  CHECK(has(page, "constexpr int kArenaBytes = " + std::to_string(made.arena_bytes())));
  for (const AnswerFile& file : files) {
    if (file.name != "README.md" && !file.name.ends_with(".h"))
      CHECK(has(page, file.name.substr(0, 8)));
  }
}

TEST_CASE("deploy: samples of data are test vectors of their own") {
  const MicroProgram program = test::random_network(5);
  const auto bytes = program.tensors[static_cast<std::size_t>(program.inputs[0])].bytes();
  const std::string sample(static_cast<std::size_t>(bytes), '\7');
  const Deployment made = deployment_of("n", program, {sample, sample});
  REQUIRE(made.vectors.size() == 5);
  CHECK(made.vectors[3].name == "sample_0");
  CHECK(made.vectors[3].inputs[0] == sample);
  CHECK(made.vectors[3].outputs == made.vectors[4].outputs);
}

TEST_CASE(
    "deploy: an older deployment is replaced only by force, and nothing is left half-written") {
  const TemporaryDirectory directory;
  const auto folder = directory.path() / "out";
  const std::vector<AnswerFile> files =
      deployment_files(deployment_of("n", test::random_network(1)));
  refuse_existing_deployment(folder, false);
  write_deployment(folder, files);
  CHECK(read_file(folder / "model.tflite") == content(files, "model.tflite"));
  CHECK_THROWS_AS(refuse_existing_deployment(folder, false), Error);
  CHECK_NOTHROW(refuse_existing_deployment(folder, true));
  write_file_atomically(folder / "notes.txt", "mine");
  write_deployment(folder, files);
  CHECK(read_file(folder / "notes.txt") == "mine");
  // A file that cannot take its place: a folder of its name.
  const auto blocked = directory.path() / "blocked";
  std::filesystem::create_directories(blocked / "model.tflite" / "inside");
  CHECK_THROWS_AS(write_deployment(blocked, files), Error);
  CHECK_FALSE(std::filesystem::exists(directory.path() / "blocked.new"));
  CHECK(std::filesystem::exists(blocked / "model.tflite" / "inside"));
  // One of the last files cannot: those before it are taken back.
  const auto half = directory.path() / "half";
  std::filesystem::create_directories(half / "test_vectors.h");
  write_file_atomically(half / "model.tflite", "mine");
  CHECK_THROWS_AS(write_deployment(half, files), Error);
  CHECK(read_file(half / "model.tflite") == "mine");
  CHECK_FALSE(std::filesystem::exists(half / "model_data.c"));
  CHECK_FALSE(std::filesystem::exists(directory.path() / "half.new"));
  CHECK_FALSE(std::filesystem::exists(directory.path() / "half.old"));
}

TEST_CASE("deploy: operators that TensorFlow Lite Micro lacks are said on the page") {
  test::ProgramMaker maker;
  const int x = maker.input({1, 4, 4, 2});
  maker.program.outputs = {maker.add(MicroOp::kGelu, {x}, maker.value({1, 4, 4, 2}))};
  const Deployment made = deployment_of("n", maker.program);
  CHECK(has(content(deployment_files(made), "README.md"), "had no kernel of GELU"));
}

TEST_CASE("acceptance: MLPerf Tiny's models are deployed within the arenas of the suite") {
  const auto folder = test::test_data("mcu-mlperf-tiny");
  if (folder.empty()) return;
  const std::pair<const char*, std::int64_t> kPeaks[] = {{"pretrainedResnet_quant", 49'152},
                                                         {"kws_ref_model", 16'000},
                                                         {"vww_96_int8", 55'296},
                                                         {"ad01_int8", 768},
                                                         {"str_ww_ref_model", 6'656}};
  for (const auto& [name, peak] : kPeaks) {
    CAPTURE(std::string(name));
    const Deployment made = deployment_of(
        name, to_program(read_tflite(folder / "models" / (std::string(name) + ".tflite"))));
    CHECK(made.plan.arena.bytes == peak);
    CHECK(made.plan.arena.optimal());
  }
}

}  // namespace nas
