#include "predictors/flat_tensors.h"

#include <doctest/doctest.h>

#include <string>

#include "core/util/error.h"
#include "core/util/file.h"

using namespace nas;

namespace {

struct Files {
  TemporaryDirectory directory;
  std::filesystem::path json = directory.path() / "net.json";

  void write(const std::string& text, const std::vector<float>& numbers,
             std::size_t cut = 0) const {
    std::string bytes(reinterpret_cast<const char*>(numbers.data()),
                      numbers.size() * sizeof(float) - cut);
    write_file_atomically(directory.path() / "net.f32le", bytes);
    write_file_atomically(json, text);
  }

  std::string error() const {
    try {
      read_flat_tensors(json);
    } catch (const Error& error) {
      const std::string text = error.what();
      return text.find('\n') == std::string::npos ? text : "several lines";
    }
    return "";
  }
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("flat tensors: read by name, shape and place, scalars too") {
  const Files files;
  files.write(R"([{"name": "b", "shape": [], "offset_floats": 4},
                  {"name": "w", "shape": [2, 2], "offset_floats": 0}])",
              {1, 2, 3, 4, 5});
  const PredictorState state = read_flat_tensors(files.json);
  REQUIRE(state.tensors.size() == 2);
  CHECK(state.tensors[0].data == std::vector<double>{5});
  CHECK(state.tensors[1].shape == std::vector<std::int64_t>{2, 2});
  CHECK(state.tensors[1].data == std::vector<double>{1, 2, 3, 4});
}

TEST_CASE("flat tensors: what is damaged is one line that names the file") {
  const Files files;
  const std::vector<float> numbers{1, 2, 3};
  const auto error = [&](const std::string& text) {
    files.write(text, numbers);
    const std::string line = files.error();
    CHECK(contains(line, "net.json"));
    return line;
  };
  CHECK(
      contains(error(R"([{"name": "w", "shape": [4], "offset_floats": 0}])"), "ends behind the 3"));
  CHECK(contains(error(R"([{"name": "w", "shape": [1], "offset_floats": 3}])"), "ends behind"));
  CHECK(contains(error(R"([{"name": "w", "shape": [-1], "offset_floats": 0}])"), "a dimension"));
  CHECK(contains(error(R"([{"name": "w", "shape": [1073741824, 1073741824], "offset_floats": 0}])"),
                 "larger than any file"));
  CHECK(contains(error(R"([{"name": "w", "shape": 3, "offset_floats": 0}])"), "not a list"));
  CHECK(contains(error(R"([{"name": 7, "shape": [1], "offset_floats": 0}])"), "not a text"));
  CHECK(contains(error(R"([{"name": "w", "shape": [1]}])"), "'offset_floats' is missing"));
  CHECK(contains(error(R"([{"name": "w", "shape": [1], "offset_floats": 0},
                           {"name": "w", "shape": [1], "offset_floats": 1}])"),
                 "given twice"));
  CHECK(contains(error("{}"), "expected a list"));
  CHECK_FALSE(error("[{").empty());
  files.write("[]", numbers, 2);
  CHECK(contains(files.error(), "no whole float32 numbers"));
  std::filesystem::remove(files.directory.path() / "net.f32le");
  CHECK(contains(files.error(), "net.f32le"));
}
