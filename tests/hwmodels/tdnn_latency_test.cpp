#include "hwmodels/tdnn_latency.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "core/util/error.h"
#include "core/util/file.h"
#include "searchspaces/registry.h"

using namespace nas;

namespace {

std::unique_ptr<SearchSpace> space_named(std::string_view name) {
  return find_plugin(space_plugins(), "space", name).make({});
}

/// Tables of the coarse grid whose latencies tell the parts apart.
struct Tables {
  TemporaryDirectory directory;

  Tables() {
    const int channels[] = {128, 176, 256, 384, 512};
    const int kernels[] = {1, 3, 5};
    const int aggregate[] = {384, 536, 768, 1152, 1536};
    std::string first = "in_channels,kernel_size,out_channels,latency_ms\n";
    std::string blocks = "channels,kernel_size,mid_channels,latency_ms\n";
    std::string catconv = "in_channels,out_channels,latency_ms\n";
    std::string pool = "in_dim,latency_ms\n", embed = "in_features,out_features,latency_ms\n";
    const auto text = [](double value) { return "," + std::to_string(value) + "\n"; };
    const auto pair = [](int a, int b) { return std::to_string(a) + "," + std::to_string(b); };
    for (const int c : channels) {
      for (const int k : kernels) {
        first += "80," + pair(k, c) + text(0.001 * k + 0.01 * c);
        for (const int m : channels) {
          blocks += pair(c, k) + "," + std::to_string(m) + text(c + 0.1 * k + 0.001 * m);
        }
      }
    }
    std::set<int> inputs;
    for (const int c : channels) {
      for (const int depth : {2, 3, 4}) inputs.insert(c * depth);
    }
    for (const int a : aggregate) {
      for (const int in : inputs) catconv += pair(in, a) + text(10.0 * in + a);
      pool += std::to_string(a) + text(1e4 + a);
      embed += pair(2 * a, 192) + text(1e5 + a);
    }
    write("layer1", first);
    write("blocks", blocks);
    write("catconv", catconv);
    write("pool", pool);
    write("embed", embed);
  }

  void write(const std::string& part, const std::string& text) const {
    write_file_atomically(directory.path() / ("latency_v100_" + part + ".csv"), text);
  }
};

std::string error_of(const SearchSpace& space, const std::filesystem::path& folder) {
  try {
    const TdnnLatency latency(space, folder);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("tdnn latency: the sum of the parts that a network has") {
  const Tables tables;
  const auto space = space_named("efficient_tdnn");
  const TdnnLatency latency(*space, tables.directory.path());
  const auto block = [](double c, double k, double m) { return c + 0.1 * k + 0.001 * m; };
  const double tail = 10.0 * 3 * 256 + 768 + 1e4 + 768 + 1e5 + 768;
  CHECK(latency.milliseconds(space->parse("3.256.128.512.176.5.1.3.5.768").choices) ==
        doctest::Approx(0.005 + 2.56 + block(256, 1, 128) + block(256, 3, 512) +
                        block(256, 5, 176) + tail));
}

TEST_CASE("tdnn latency: damaged tables and other spaces are one line that says where") {
  const auto space = space_named("efficient_tdnn");
  Tables tables;
  const std::filesystem::path folder = tables.directory.path();
  CHECK(contains(error_of(*space_named("nasbench201"), folder), "not 'nasbench201'"));
  tables.write("pool", "in_dim,latency_ms\n384,1\n536,1\n768,1\n1152,1\n");
  CHECK(contains(error_of(*space, folder), "pool.csv: has no row with in_dim = 1536"));
  tables.write("pool", "in_dim,latency_ms\n384,1\n384,2\n");
  CHECK(contains(error_of(*space, folder), "line 3: a second latency"));
  tables.write("pool", "in_dim,latency_ms\n384,fast\n");
  CHECK(contains(error_of(*space, folder), "line 2: latency_ms = 'fast'"));
  tables.write("pool", "in_dim,latency_ms\n384,-1\n");
  CHECK(contains(error_of(*space, folder), "expected milliseconds > 0"));
  tables.write("pool", "dim,latency_ms\n384,1\n");
  CHECK(contains(error_of(*space, folder), "in_dim"));
  std::filesystem::remove(folder / "latency_v100_pool.csv");
  CHECK(contains(error_of(*space, folder), "latency_v100_pool.csv"));
}
