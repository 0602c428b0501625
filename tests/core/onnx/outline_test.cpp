#include "core/onnx/outline.h"

#include <doctest/doctest.h>
#include <malloc.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <limits>

#include "core/ir/forms/text_form.h"
#include "core/onnx/export_graph.h"
#include "core/onnx/import_graph.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "core/util/error.h"
#include "core/util/file.h"

namespace nas {
namespace {

/// "VmHWM" and the like of this process, in MB; below 0 where the system does not say it.
double memory_mb(const std::string& what) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == what + ":" && status >> kilobytes) return kilobytes / 1024;
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return -1;
}

/// From now on VmHWM is the most that is taken from now on.
bool forget_peak() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5" << std::flush;
  return file.good();
}

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

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

TEST_CASE(
    "acceptance: 100 MB of ONNX are read without their weights in half a second and 50 MB of "
    "memory") {
  // The 53 convolutions of a ResNet-50 and as many again.
  std::string lines = "searchlight-graph 1\n%0 = input() : float[64,56,56]\n";
  int last = 0;
  for (int block = 0; block < 106; ++block) {
    const std::string x = "%" + std::to_string(last), scope = " @block" + std::to_string(block);
    const int channels = block < 30 ? 64 : block < 80 ? 160 : 256;
    const auto add = [&](const std::string& text) { lines += "%" + std::to_string(++last) + text; };
    add(" = conv2d(" + x + ") {out_channels=" + std::to_string(channels) +
        ", kernel=3, padding=1}" + scope + "\n");
    add(" = batch_norm(%" + std::to_string(last - 1) + ")" + scope + "\n");
    add(" = relu(%" + std::to_string(last - 1) + ")" + scope + "\n");
  }
  lines += "return y=%" + std::to_string(last) + "\n";
  const ArchGraph graph = parse_graph(lines);
  const TemporaryDirectory folder;
  const auto path = folder.path() / "large.onnx";
  {
    const TensorFile weights = initial_weights(graph);
    write_file_atomically(path, format_onnx(to_onnx(graph, &weights)));
  }
  REQUIRE(std::filesystem::file_size(path) > 100'000'000);
  malloc_trim(0);  // what is free counts for nobody
  const bool measured = forget_peak();
  const double before_mb = memory_mb("VmRSS"), start = processor_seconds();
  const ImportedNetwork network = to_graph(read_onnx(path));
  const double seconds = processor_seconds() - start;
  const double peak_mb = memory_mb("VmHWM") - before_mb;
  MESSAGE(seconds << " processor seconds, " << peak_mb << " MB");
  CHECK((network.graph == graph));
  CHECK(seconds < 0.5);
  if (measured && before_mb > 0) CHECK(peak_mb < 50);
}

TEST_CASE("onnx: a large file that is no model") {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "zeros.onnx";
  write_file_atomically(path, "");
  std::filesystem::resize_file(path, 40'000'000);
  CHECK_THROWS_WITH_AS(read_onnx(path), doctest::Contains("not a readable ONNX model"), Error);
}

}  // namespace nas
