#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/data/dataset.h"
#include "core/util/file.h"
#include "tests/cli/program.h"

namespace nas {
namespace {

using Json = nlohmann::json;
using test::is_one_line_error;
using test::nasctl;
using test::Outcome;

using Words = std::vector<std::string>;

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

bool contains(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

std::string answer(const std::filesystem::path& path, const Words& words) {
  const Outcome outcome = nasctl(path, words);
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  return outcome.out;
}

std::string error(const std::filesystem::path& path, const Words& words) {
  const Outcome outcome = nasctl(path, words);
  CHECK(is_one_line_error(outcome));
  return outcome.err;
}

/// A small network as an ONNX file with drawn weights.
void export_network(const std::filesystem::path& path, const char* file, const Words& size = {}) {
  answer(path, with({"arch", "export", "111", "--space", "cifar_resnet", "--width", "4", "--output",
                     file},
                    size));
}

const Words kTiny = {"--data",  "glyphs",   "--preset",          "smoke",    "--recipe",
                     "width=4", "--recipe", "train_samples=256", "--recipe", "epochs=1"};

}  // namespace

TEST_CASE("an imported network has a name in the database, and every command takes it") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  export_network(path, "net.onnx");
  CHECK(contains(error(path, {"arch", "import", "net.onnx"}), "--name NAME keeps"));
  CHECK(contains(answer(path, {"arch", "import", "net.onnx", "--name", "mine"}), "model:mine"));
  std::filesystem::rename(path / "net.onnx", path / "moved.onnx");
  const Json shown = Json::parse(answer(path, {"arch", "show", "model:mine", "--json"}));
  CHECK(shown.at("file") == "model:mine");
  CHECK(shown.at("says_space") == "cifar_resnet");
  CHECK(nasctl(path, {"arch", "diff", "model:mine", "moved.onnx"}).code == 0);
  CHECK(contains(
      answer(path, {"arch", "score", "model:mine", "--proxies", "synflow,nwot", "--batch", "4"}),
      "nwot"));
  CHECK(contains(answer(path, {"arch", "latency", "model:mine"}), "model:mine"));
  answer(path, {"arch", "export", "model:mine", "--output", "back.onnx"});
  CHECK(nasctl(path, {"arch", "diff", "back.onnx", "moved.onnx"}).code == 0);
  CHECK(contains(error(path, {"arch", "show", "model:mone"}), "did you mean 'mine'"));
  CHECK(contains(error(path, {"arch", "show", "model:mine", "--width", "4"}), "has no effect"));

  const Json list = Json::parse(answer(path, {"model", "list", "--json"}));
  CHECK(list.at("rows").size() == 1);
  CHECK(list.at("rows")[0].at("params") == shown.at("params"));
  CHECK(list.at("rows")[0].at("source") == "net.onnx");
  CHECK(answer(path, {"db", "check"}) != "");
  const Words again{"arch", "import", "moved.onnx", "--name", "mine"};
  CHECK(contains(error(path, again), "already"));
  answer(path, with(again, {"--force"}));
  CHECK(Json::parse(answer(path, {"model", "list", "--json"})).at("rows")[0].at("source") ==
        "moved.onnx");
  CHECK(contains(error(path, {"arch", "import", "moved.onnx", "--name", "../x"}), "model"));

  CHECK(contains(error(path, {"model", "remove", "mine"}), "--yes"));
  answer(path, {"model", "remove", "mine", "--yes"});
  CHECK_FALSE(std::filesystem::exists(path / "models" / "mine.safetensors"));
  CHECK(contains(error(path, {"arch", "show", "model:mine"}), "unknown model"));
}

TEST_CASE("a model whose file was changed is refused") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  export_network(path, "net.onnx");
  answer(path, {"arch", "import", "net.onnx", "--name", "mine"});
  const auto file = path / "models" / "mine.safetensors";
  write_file_atomically(file, read_file(file) + " ");
  CHECK(contains(error(path, {"arch", "show", "model:mine"}), "other SHA-256"));
  std::filesystem::remove(file);
  CHECK(contains(error(path, {"arch", "show", "model:mine"}), "is missing"));
}

TEST_CASE("an imported network is trained on from its weights, or from new ones") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  const Json trained =
      Json::parse(answer(path, with({"arch", "train", "111", "--space", "cifar_resnet", "--output",
                                     "t.safetensors", "--json"},
                                    kTiny)));
  answer(path, {"arch", "export", "--space", "cifar_resnet", "111", "--weights", "t.safetensors",
                "--output", "t.onnx"});
  answer(path, {"arch", "import", "t.onnx", "--name", "mine"});
  const Words data = {"--data",   "glyphs",   "--preset", "smoke", "--recipe", "train_samples=256",
                      "--recipe", "epochs=1", "--json"};
  const Json on = Json::parse(answer(path, with({"arch", "train", "model:mine"}, data)));
  const Json anew = Json::parse(
      answer(path, with({"arch", "train", "model:mine", "--weights", "initial"}, data)));
  CHECK(on.at("architecture") == "model:mine");
  CHECK(contains(on.at("model"), "models/mine-"));
  CHECK(on.at("train_accuracy") > anew.at("train_accuracy"));
  CHECK(on.at("params") == trained.at("params"));
  CHECK(on.at("sha256") != anew.at("sha256"));
  // What was trained is a network again, and says what it was trained on.
  answer(path, {"arch", "import", on.at("model"), "--name", "tuned"});
  const Json shown = Json::parse(answer(path, {"arch", "show", "model:tuned", "--json"}));
  CHECK(contains(shown.at("says_fidelity"), "; start="));
  CHECK(contains(answer(path, {"arch", "evaluate", "model:tuned", "--data", "glyphs"}),
                 "model:tuned"));
  // An architecture of a space starts from weights as well, if they are its own.
  answer(path, with({"arch", "train", "111", "--space", "cifar_resnet", "--weights",
                     "t.safetensors", "--output", "u.safetensors"},
                    kTiny));
  CHECK(contains(error(path, with({"arch", "train", "333", "--space", "cifar_resnet", "--weights",
                                   "t.safetensors"},
                                  kTiny)),
                 "of another network"));
  CHECK(contains(error(path, with({"arch", "train", "model:mine"}, kTiny)),
                 "--recipe width has no effect"));
}

}  // namespace nas
