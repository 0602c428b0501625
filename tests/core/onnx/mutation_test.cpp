#include <doctest/doctest.h>

#include <filesystem>

#include "core/ir/forms/text_form.h"
#include "core/onnx/export_graph.h"
#include "core/onnx/import_graph.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/rng.h"
#include "tests/core/onnx/mutate.h"
#include "tests/test_data.h"

namespace nas {
namespace {

/// How many of `count` damaged copies still are networks. Another exception than ours, or none and
/// an undefined access under a sanitizer, fails the test.
std::size_t readable(const std::string& bytes, std::size_t count, std::uint64_t seed) {
  Rng rng({.seed = seed, .purpose = Purpose::kTest});
  std::size_t good = 0;
  for (std::size_t i = 0; i < count; ++i) {
    try {
      to_graph(parse_onnx(test::mutate(bytes, rng), "m.onnx"), true).graph.check();
      ++good;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kInternal) continue;
      FAIL_CHECK(error.what());
    }
  }
  return good;
}

}  // namespace

TEST_CASE("onnx: damaged copies of our own file are refused or read, and nothing else") {
  const ArchGraph graph = parse_graph(
      "searchlight-graph 1\n%0 = input() : float[3,8,8]\n%1 = conv2d(%0) {out_channels=4, "
      "kernel=3}\n%2 = batch_norm(%1)\n%3 = hswish(%2)\n%4 = channel_shuffle(%3) {groups=2}\n%5 = "
      "slice_channels(%4) {length=2}\n%6 = global_avg_pool(%5)\n%7 = linear(%6) "
      "{out_features=3}\nreturn y=%7\n");
  const TensorFile weights = initial_weights(graph);
  const std::string bytes = format_onnx(to_onnx(graph, &weights, {.opset = 13}));
  const std::size_t good = readable(bytes, 3000, 1);
  CHECK(good > 100);  // weights that changed, names of nodes
  CHECK(good < 2900);
}

TEST_CASE("acceptance: damaged copies of the seven files are refused or read") {
  const auto folder = test::test_data("cg-onnx-golden");
  if (folder.empty()) return;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".onnx") continue;
    CAPTURE(entry.path().string());
    CHECK(readable(read_file(entry.path()), 2000, ++files) < 2000);
  }
  CHECK(files == 7);
}

}  // namespace nas
