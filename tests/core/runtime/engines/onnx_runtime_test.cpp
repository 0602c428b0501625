#include "core/runtime/engines/onnx_runtime.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

#include "core/api/device_settings.h"
#include "core/util/error.h"
#include "tests/core/runtime/tiny_task.h"

namespace nas {
namespace {

const std::string kConvolutions =
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~"
    "2|";
/// The same work, of which nothing reaches the output.
const std::string kDead =
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|none~1|none~2|";

/// "onnxruntime 1.20.1"; nothing, after a line that begins with "SKIPPED: ", where it is not there.
std::optional<std::string> engine() {
  const std::filesystem::path installed = std::filesystem::absolute("build/onnx-runtime");
  if (std::filesystem::exists(installed)) {
    setenv("SEARCHLIGHT_ONNXRUNTIME", installed.c_str(), 0);
  }
  try {
    return onnx_runtime();
  } catch (const Error& error) {
    std::cout << "SKIPPED: " << error.what() << "; scripts/onnx-runtime installs it\n";
    return std::nullopt;
  }
}

double milliseconds(const std::string& cell, const Device& device) {
  return time_on_host(bench::nb201_network(cell, 16, 1, 32), device, {}).latency.low;
}

}  // namespace

TEST_CASE("onnx runtime: a device of this machine says engine and version, and is measured") {
  const auto name = engine();
  if (!name) return;
  CHECK(name->starts_with("onnxruntime 1."));
  const Device device = host_device(2, 1, "float32", "onnxruntime");
  CHECK(known_settings(device.settings).runtime == *name);
  CHECK(is_this_host(device));
  CHECK_FALSE(is_this_host({"phone", "cpu", "runtime=" + *name + ",machine=phone"}));
  const HostTiming timing = time_on_host(test::tiny_network(), device, {});
  CHECK(timing.pinned);
  CHECK(timing.latency.runs >= 5);
  CHECK(timing.latency.low > 0);
  CHECK(timing.latency.low <= timing.latency.high);
  CHECK_FALSE(
      time_on_host(test::tiny_network(), host_device(1, 2, "float32", "onnxruntime"), {}).pinned);
}

TEST_CASE("onnx runtime: what reaches no output does not run, as in LibTorch") {
  if (!engine()) return;
  const Device device = host_device(4, 1, "float32", "onnxruntime");
  const double convolutions = milliseconds(kConvolutions, device);
  CHECK(milliseconds(kDead, device) < 0.5 * convolutions);
  CHECK(time_on_host(bench::nb201_network(kConvolutions, 16, 1, 32), device, {.cold_caches = true})
            .latency.milliseconds > convolutions);
}

TEST_CASE("onnx runtime: what it cannot do is one line") {
  if (!engine()) return;
  const ArchGraph graph = test::tiny_network();
  CHECK_THROWS_WITH_AS(time_on_host(graph, host_device(1, 1, "bfloat16", "onnxruntime"), {}),
                       doctest::Contains("precision 'bfloat16', only float32 is measured"), Error);
  CHECK_THROWS_WITH_AS(measure_layers(graph, host_device(1, 1, "float32", "onnxruntime")),
                       doctest::Contains("layers are timed in LibTorch alone"), Error);
  Device old = host_device(1, 1, "float32", "onnxruntime");
  DeviceSettings settings = known_settings(old.settings);
  settings.runtime = "onnxruntime 0.1";
  old.settings = to_text(settings);
  CHECK_FALSE(is_this_host(old));
  CHECK_THROWS_WITH_AS(time_on_host(graph, old, {}), doctest::Contains("' with libtorch "), Error);
  CHECK_THROWS_WITH_AS(host_device(1, 1, "float32", "onxruntime"),
                       doctest::Contains("did you mean 'onnxruntime'"), Error);
}

}  // namespace nas
