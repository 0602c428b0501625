#include "core/runtime/latency.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/runtime/model.h"
#include "core/util/error.h"
#include "tests/core/runtime/tiny_task.h"

namespace nas {

TEST_CASE("host latency: a measurement has a median between its quartiles and says how many runs") {
  set_intra_op_threads(1);
  const auto model = make_host_latency_model();
  CHECK(model->info().exclusive);
  const LatencyEstimate estimate = model->estimate(test::tiny_network(), host_device(1, 1));
  CHECK(estimate.low > 0);
  CHECK(estimate.low <= estimate.milliseconds);
  CHECK(estimate.milliseconds <= estimate.high);
  CHECK(estimate.runs >= 1);
  CHECK(estimate.runs <= 50);
}

TEST_CASE("host latency: more work takes longer") {
  const auto model = make_host_latency_model();
  const std::string cell =
      "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_"
      "3x3~2|";
  const double small = model->estimate(bench::nb201_network(cell, 4, 1, 8), host_device(1, 1)).low;
  const double large =
      model->estimate(bench::nb201_network(cell, 32, 1, 32), host_device(8, 1)).low;
  CHECK(large > 2 * small);
}

TEST_CASE("host latency: every node that runs is timed, and together they are most of a pass") {
  const ArchGraph graph = test::tiny_network();
  const LayerLatencies latencies = measure_layers(graph, host_device(4, 1));
  CHECK(latencies.whole.runs >= 1);
  double sum = 0;
  NodeId last = 0;
  for (const LayerLatency& layer : latencies.layers) {
    CHECK_FALSE(graph.inputs(layer.node).empty());
    CHECK((sum == 0 || layer.node > last));
    CHECK(layer.low <= layer.milliseconds);
    CHECK(layer.milliseconds <= layer.high);
    CHECK(layer.milliseconds > 0);
    last = layer.node;
    sum += layer.milliseconds;
  }
  CHECK(latencies.layers.size() > graph.size() / 2);
  // Medians of parts need not add up exactly to the median of the whole.
  CHECK(sum < 1.2 * latencies.whole.high);
  CHECK(sum > 0.3 * latencies.whole.low);
  CHECK_THROWS_WITH_AS(measure_layers(graph, {"pixel3", "cpu", ""}),
                       doctest::Contains("only 'host'"), Error);
}

TEST_CASE("host latency: other devices and settings are refused") {
  const auto model = make_host_latency_model();
  const ArchGraph graph = test::tiny_network();
  CHECK_THROWS_WITH_AS(model->estimate(graph, {"pixel3", "cpu", ""}),
                       doctest::Contains("only 'host'"), Error);
  CHECK_THROWS_WITH_AS(model->estimate(graph, {"host", "cpu", "batch=0"}),
                       doctest::Contains("[1, 4096]"), Error);
  CHECK_THROWS_WITH_AS(model->estimate(graph, {"host", "cpu", "cores=2"}),
                       doctest::Contains("'cores'"), Error);
}

TEST_CASE("host latency: bfloat16 is measured, cold caches cost time, threads are held") {
  const ArchGraph graph = test::tiny_network();
  const HostTiming warm = time_on_host(graph, host_device(1, 1), {});
  CHECK(warm.pinned);
  CHECK(warm.latency.runs >= 5);
  CHECK(std::isfinite(warm.drift));
  const HostTiming low = time_on_host(graph, host_device(2, 1, "bfloat16"), {});
  CHECK(low.latency.milliseconds > 0);
  const HostTiming cold = time_on_host(graph, host_device(1, 1), {.cold_caches = true});
  CHECK(cold.latency.milliseconds > warm.latency.low);
  CHECK_THROWS_WITH_AS(time_on_host(graph, host_device(1, 1, "int8"), {}),
                       doctest::Contains("only float32 and bfloat16"), Error);
  // More threads than processors share them.
  CHECK_FALSE(time_on_host(graph, host_device(1, runtime_info().threads + 1), {}).pinned);
}

TEST_CASE("a device of this machine has its name, and that of another is refused by name") {
  const Device host = host_device(8, 2);
  CHECK(host.settings == "batch=8,threads=2,precision=float32,runtime=" + this_runtime() +
                             ",machine=" + this_machine());
  CHECK(is_this_host(host));
  CHECK(is_this_host({"host-t2", "cpu", host.settings}));
  CHECK(is_this_host({"host", "cpu", "batch=1,threads=1,precision=float32"}));
  CHECK_FALSE(is_this_host({"phone", "cpu", "batch=1"}));
  const Device other{"host", "cpu", "batch=1,threads=1,runtime=x,machine=lab-9 (y)"};
  CHECK_FALSE(is_this_host(other));
  CHECK_THROWS_WITH_AS(make_host_latency_model()->estimate(test::tiny_network(), other),
                       doctest::Contains("this is machine '"), Error);
}

TEST_CASE("a measurement that drifts is said, a steady one is not") {
  CHECK(drift_text({.latency = {}, .drift = 0.05, .clock_drift = -0.05}).empty());
  CHECK(drift_text({.latency = {}, .drift = 0.234}) ==
        "its passes became 23 % slower while it was measured");
  CHECK(drift_text({.latency = {}, .drift = 0, .clock_drift = -0.5}) ==
        "the processor became 50 % faster meanwhile");
}

TEST_CASE("runtime info names the libraries that are really loaded") {
  const RuntimeInfo info = runtime_info();
  CHECK(info.torch_version.find('.') != std::string::npos);
  CHECK_FALSE(info.blas.empty());
  CHECK(info.blas_is_fast ==
        (info.blas.find("reference") == std::string::npos && info.blas != "no BLAS"));
  CHECK_FALSE(info.cpu.empty());
  CHECK(info.threads >= 1);
  CHECK(measured_matmul_gflops() > 0.1);
  CHECK(measured_conv_gflops() > 0.1);
}

}  // namespace nas
