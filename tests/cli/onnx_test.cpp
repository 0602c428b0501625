#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "core/util/file.h"
#include "tests/cli/program.h"

namespace nas {
namespace {

using Json = nlohmann::json;
using test::is_one_line_error;
using test::nasctl;
using test::Outcome;

using Words = std::vector<std::string>;

const Words kSmall = {"--space", "nasbench201", "--width", "4", "--depth", "1"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

bool contains(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

Json shown(const std::filesystem::path& path, const Words& words) {
  const Outcome outcome = nasctl(path, with({"arch", "show", "--json"}, words));
  CHECK(outcome.err == "");
  return Json::parse(outcome.out);
}

}  // namespace

TEST_CASE("an architecture goes out as ONNX and comes back as the same function") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  const Outcome exported =
      nasctl(path, with({"arch", "export", "index:13714", "--output", "m.onnx"}, kSmall));
  REQUIRE(exported.code == 0);
  CHECK(contains(exported.err, "the weights are untrained"));
  const Json file = shown(path, {"m.onnx"}), own = shown(path, with({"index:13714"}, kSmall));
  for (const char* fact : {"params", "digest"}) CHECK(file.at(fact) == own.at(fact));
  CHECK(own.at("macs").get<std::int64_t>() - file.at("macs").get<std::int64_t>() == 10);  // biases
  const Outcome same = nasctl(path, with({"arch", "diff", "index:13714", "m.onnx"}, kSmall));
  CHECK(same.code == 0);
  CHECK(contains(same.out, "the same function"));
  const Outcome other = nasctl(path, with({"arch", "diff", "index:3", "m.onnx"}, kSmall));
  CHECK(other.code == 1);

  REQUIRE(nasctl(path, {"arch", "import", "m.onnx", "--output", "m.safetensors"}).code == 0);
  CHECK(is_one_line_error(nasctl(path, {"arch", "import", "m.onnx", "--output", "m.safetensors"})));
  CHECK(nasctl(path, {"arch", "diff", "m.onnx", "m.safetensors"}).code == 0);
  const Outcome folded = nasctl(path, {"arch", "export", "m.safetensors", "--output", "f.onnx",
                                       "--fold-batch-norm", "--dynamic-batch", "--opset", "13"});
  REQUIRE(folded.code == 0);
  CHECK(contains(folded.err, "weights of m.safetensors"));
  CHECK(contains(nasctl(path, {"arch", "show", "f.onnx"}).out, "open"));
  CHECK(std::filesystem::file_size(path / "f.onnx") < std::filesystem::file_size(path / "m.onnx"));
  // Names of spaces and architectures travel along.
  CHECK(contains(nasctl(path, {"arch", "show", "f.onnx"}).out, "nasbench201"));
  const Outcome weights = nasctl(path, with({"arch", "export", "index:13714", "--weights",
                                             "m.safetensors", "--output", "w.onnx"},
                                            kSmall));
  CHECK(weights.code == 0);
  CHECK(nasctl(path, {"arch", "diff", "w.onnx", "m.onnx"}).code == 0);
}

TEST_CASE("a network is printed as a text of ONNX-Net, from a space or as its file says it") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  const Words text{"--as", "onnx-net"};
  const Outcome direct = nasctl(path, with(with({"arch", "export", "index:4"}, kSmall), text));
  REQUIRE(direct.code == 0);
  CHECK(direct.out.starts_with("Conv(1x3x32x32, Param["));
  REQUIRE(nasctl(path,
                 with({"arch", "export", "index:4", "--output", "m.onnx", "--opset", "13"}, kSmall))
              .code == 0);
  CHECK(nasctl(path, with({"arch", "export", "m.onnx"}, text)).out == direct.out);
  REQUIRE(nasctl(path, with({"arch", "export", "m.onnx", "--output", "m.txt"}, text)).code == 0);
  CHECK(read_file(path / "m.txt") == direct.out);
  const Outcome faithful =
      nasctl(path, with({"arch", "export", "m.onnx", "--text-mode", "faithful"}, text));
  CHECK(faithful.out.starts_with("opset 13\nIn1:"));
  for (const Words& wrong :
       {Words{"--as", "onnx-net", "--output", "m.svg"}, Words{"--as", "dot", "--text-mode", "full"},
        Words{"--as", "onnx-net", "--text-mode", "ful"},
        Words{"--as", "onnx-net", "--opset", "17"}}) {
    CHECK(is_one_line_error(nasctl(path, with({"arch", "export", "m.onnx"}, wrong))));
  }
}

TEST_CASE("an accuracy goes with the weights that have it, and stands once") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  REQUIRE(nasctl(path, with({"arch", "export", "index:3", "--output", "m.onnx"}, kSmall)).code ==
          0);
  OnnxModel model = read_onnx(path / "m.onnx");
  model.metadata.emplace_back("accuracy", "73.51");
  model.metadata.emplace_back("test_accuracy", "73.51");
  write_file_atomically(path / "t.onnx", format_onnx(model));
  const auto count = [&](const char* file) {
    const std::string text = nasctl(path, {"arch", "show", file, "--json"}).out;
    std::size_t found = 0;
    for (auto at = text.find("\"says_accuracy\""); at != std::string::npos;
         at = text.find("\"says_accuracy\"", at + 1)) {
      ++found;
    }
    return found;
  };
  REQUIRE(count("t.onnx") == 1);
  REQUIRE(nasctl(path, {"arch", "export", "t.onnx", "--output", "same.onnx"}).code == 0);
  CHECK(count("same.onnx") == 1);
  for (const char* weights : {"initial", "none"}) {
    const Words words{"arch",  "export",   "t.onnx",   "--weights",
                      weights, "--output", "new.onnx", "--force"};
    REQUIRE(nasctl(path, words).code == 0);
    CHECK(count("new.onnx") == 0);
    CHECK(contains(nasctl(path, {"arch", "show", "new.onnx"}).out, "nasbench201"));
  }
}

TEST_CASE("an export replaces a file, its own source too, only with --force") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  for (const char* file : {"m.onnx", "m.svg", "m.dot", "m.json", "m.txt"}) {
    CAPTURE(file);
    const Words words = with({"arch", "export", "index:3", "--output", file}, kSmall);
    write_file_atomically(path / file, "kept");
    const Outcome refused = nasctl(path, words);
    CHECK(is_one_line_error(refused));
    CHECK(contains(refused.err, std::string("'") + file +
                                    "' exists; name another --output, or replace it with --force"));
    CHECK(read_file(path / file) == "kept");
    CHECK(nasctl(path, with(words, {"--force"})).code == 0);
    CHECK(read_file(path / file) != "kept");
  }
  const std::string source = read_file(path / "m.onnx");
  CHECK(is_one_line_error(nasctl(path, {"arch", "export", "m.onnx", "--output", "m.onnx"})));
  CHECK(read_file(path / "m.onnx") == source);
  CHECK(contains(nasctl(path, with({"arch", "export", "index:3", "--force"}, kSmall)).err,
                 "--force has no effect without --output"));
}

TEST_CASE("an ONNX file that cannot be, or options without effect, are one clear line") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  const auto error = [&](const Words& words) {
    const Outcome outcome = nasctl(path, words);
    CHECK(is_one_line_error(outcome));
    return outcome.err;
  };
  const auto exported = [&](const Words& more) {
    return error(with(with({"arch", "export", "index:3"}, kSmall), more));
  };
  CHECK(contains(exported({"--output", "m.onnx", "--opset", "22"}), "22"));
  CHECK(contains(exported({"--output", "m.svg", "--opset", "13"}), "--opset has no effect"));
  CHECK(contains(exported({"--as", "onnx"}), "name it with --output"));
  CHECK(contains(exported({"--output", "m.onnx", "--weights", "best"}), "expected initial, none"));
  CHECK(contains(exported({"--output", "m.onnx", "--weights", "none", "--fold-batch-norm"}),
                 "there are none"));
  CHECK_FALSE(std::filesystem::exists(path / "m.onnx"));
  REQUIRE(nasctl(path, with({"arch", "export", "index:4", "--output", "m.onnx"}, kSmall)).code ==
          0);
  CHECK(contains(exported({"--output", "n.onnx", "--weights", "m.onnx"}), "not of |"));
  CHECK(contains(error({"arch", "show", "m.onnx", "--width", "4"}), "--width has no effect"));
  CHECK(contains(error({"arch", "show", "absent.onnx"}), "absent.onnx"));
  write_file_atomically(path / "page.onnx", "<html><title>404</title></html>");
  CHECK(contains(error({"arch", "show", "page.onnx"}), "web page"));
  const std::string bytes = read_file(path / "m.onnx");
  write_file_atomically(path / "half.onnx", std::string_view(bytes).substr(0, bytes.size() / 2));
  CHECK(contains(error({"arch", "latency", "half.onnx"}), "half.onnx: not a readable ONNX model"));
}

TEST_CASE("a network written by hand is trained, evaluated and exported like any other") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  write_file_atomically(path / "linear.graph",
                        "searchlight-graph 1\n%x = input() : float[3,32,32]\n%f = flatten(%x)\n"
                        "%s = linear(%f) {out_features=10, bias=true}\nreturn logits=%s\n");
  CHECK(shown(path, {"linear.graph"}).at("params") == 30730);
  const Outcome untrained = nasctl(path, {"arch", "evaluate", "linear.graph", "--data", "glyphs"});
  CHECK(is_one_line_error(untrained));
  CHECK(contains(untrained.err, "without weights"));
  const Outcome imported =
      nasctl(path, {"arch", "import", "linear.graph", "--output", "kept.safetensors"});
  CHECK(is_one_line_error(imported));
  CHECK(contains(imported.err, "without weights"));
  const Outcome trained =
      nasctl(path, {"arch", "train", "linear.graph", "--data", "glyphs", "--preset", "smoke",
                    "--recipe", "train_samples=256", "--output", "linear.safetensors", "--json"});
  REQUIRE(trained.code == 0);
  CHECK(Json::parse(trained.out).at("params") == 30730);
  CHECK(nasctl(path, {"arch", "diff", "linear.graph", "linear.safetensors"}).code == 0);
  REQUIRE(nasctl(path, {"arch", "export", "linear.safetensors", "--output", "again.graph"}).code ==
          0);
  CHECK(nasctl(path, {"arch", "diff", "linear.graph", "again.graph"}).code == 0);
  write_file_atomically(path / "wrong.graph", "searchlight-graph 1\n%x = inputs()\n");
  const Outcome wrong = nasctl(path, {"arch", "show", "wrong.graph"});
  CHECK(is_one_line_error(wrong));
  CHECK(contains(wrong.err, "wrong.graph: graph text, line 2"));
}

TEST_CASE("a circuit is drawn for people, one of thousands of gates is not") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  const std::string head = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[1];\n";
  std::string gates;
  for (int i = 0; i < 500; ++i) gates += "h q[0];\nt q[0];\n";
  write_file_atomically(path / "small.qasm", head + gates);
  write_file_atomically(path / "large.qasm", head + gates + "h q[0];\n");
  const auto show = [&](const char* file) {
    return nasctl(path, {"arch", "show", file, "--format", "table"});
  };
  const Outcome small = show("small.qasm"), large = show("large.qasm");
  CHECK(small.code == 0);
  CHECK(large.code == 0);
  CHECK(contains(small.out, "q0"));
  CHECK(small.out.size() > 4 * large.out.size());
  CHECK(contains(large.err, "not drawn: more than 1,000 gates"));
}

TEST_CASE("arch embed and verify say why an ONNX file cannot embed a recording") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  REQUIRE(nasctl(path, with({"arch", "export", "index:0", "--output", "m.onnx"}, kSmall)).code ==
          0);
  for (const Words& words : {Words{"arch", "embed", "m.onnx", "a.wav"},
                             {"arch", "verify", "m.onnx", "a.wav", "b.wav"}}) {
    const Outcome outcome = nasctl(path, words);
    CHECK(is_one_line_error(outcome));
    CHECK(contains(outcome.err, "m.onnx: a .onnx file does not say how recordings are read"));
    CHECK(contains(outcome.err, ".safetensors"));
  }
}

}  // namespace nas
