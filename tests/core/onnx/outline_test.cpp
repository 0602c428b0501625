#include "core/onnx/outline.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "core/ir/forms/text_form.h"
#include "core/onnx/export_graph.h"
#include "core/onnx/import_graph.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "core/util/error.h"
#include "core/util/file.h"

namespace nas {
namespace {

// 17 MB of weights: above what is read whole.
const char* const kLarge =
    "searchlight-graph 1\n%0 = input() : float[2048]\n%1 = linear(%0) {out_features=2100}\n%2 = "
    "relu(%1)\n%3 = linear(%2) {out_features=10}\nreturn y=%3\n";

}  // namespace

TEST_CASE("onnx: of a large file the structure is read, and the weights when they are asked for") {
  const ArchGraph graph = parse_graph(kLarge);
  const TensorFile weights = initial_weights(graph);
  const std::string bytes = format_onnx(to_onnx(graph, &weights, {.metadata = {{"a", "b"}}}));
  const TemporaryDirectory folder;
  const auto path = folder.path() / "large.onnx";
  write_file_atomically(path, bytes);
  CHECK(model_outline(RandomAccessFile(path, bytes.size())).size() < 200'000);

  const OnnxModel model = read_onnx(path);
  CHECK((model.initializers.at(0).place == OnnxTensor::Place::kInFile));
  CHECK(model.metadata.at(0).second == "b");
  const ImportedNetwork network = to_graph(model, true);
  CHECK((network.graph == graph));
  CHECK((network.weights.tensors == weights.tensors));
  CHECK(format_onnx(model) == bytes);

  write_file_atomically(path, std::string_view(bytes).substr(0, 17'000'000));
  CHECK_THROWS_WITH_AS(read_onnx(path), doctest::Contains("it ends too early"), Error);
  CHECK((network.graph == to_graph(model, true).graph));  // the file that it read is still open
  std::filesystem::resize_file(path, 17'000'000);
  CHECK_THROWS_WITH_AS(read_onnx(path, {.file_bytes = 1'000'000}),
                       doctest::Contains("the limit is"), Error);
}

TEST_CASE("onnx: a large file that is no model") {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "zeros.onnx";
  write_file_atomically(path, "");
  std::filesystem::resize_file(path, 40'000'000);
  CHECK_THROWS_WITH_AS(read_onnx(path), doctest::Contains("not a readable ONNX model"), Error);
}

}  // namespace nas
