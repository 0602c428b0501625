#include <doctest/doctest.h>

#include "tests/searchspaces/space_testing.h"

namespace nas {
namespace {

using test::make_space;
using test::usage_error;

struct Size {
  std::string_view text;
  std::int64_t pixels;
  std::int64_t classes;
  std::int64_t params;
  std::int64_t macs;
};

// Dong et al. (2021): official result files, and the smallest and largest network of the benchmark.
constexpr Size kPublished[] = {
    {"8:8:8:8:8", 32, 10, 11714, 4481114},      {"8:8:8:16:32", 32, 10, 49202, 6840650},
    {"8:8:8:16:32", 32, 100, 52172, 6843620},   {"8:8:8:16:32", 16, 120, 52832, 1714040},
    {"8:8:40:32:40", 32, 10, 144834, 21827994}, {"64:64:64:64:64", 32, 10, 713674, 274399882},
};

TEST_CASE("nats_size: published parameters and MACs are exact") {
  const auto space = make_space("nats_size");
  for (const Size& size : kPublished) {
    CAPTURE(size.text);
    const Task task = test::task_of({3, size.pixels, size.pixels}, size.classes);
    const GraphCost cost = graph_cost(space->build(space->parse(size.text), task));
    CHECK(cost.params == size.params);
    CHECK(published_macs(space->info(), cost) == size.macs);
  }
}

TEST_CASE("nats_size: the index is lexicographic, first layer slowest") {
  const auto space = make_space("nats_size");
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  CHECK(indexed.size() == 32768);
  CHECK(space->format(indexed.at(0)) == "8:8:8:8:8");
  CHECK(space->format(indexed.at(11)) == "8:8:8:16:32");
  CHECK(space->format(indexed.at(284)) == "8:8:40:32:40");
  CHECK(space->format(indexed.at(32767)) == "64:64:64:64:64");
  CHECK(count(*space).digits == "32768");
}

TEST_CASE("nats_size: a skip between different widths is a convolution without ReLU") {
  const auto space = make_space("nats_size");
  const auto skip_params = [&](std::string_view text) {
    const ArchGraph graph = space->build(space->parse(text), test::task_of({3, 8, 8}, 10));
    std::int64_t params = 0;
    bool relu = false;
    for (NodeId id = 0; id < graph.size(); ++id) {
      if (graph.scope(id).find("stages.1/cell/edge_0_3") == std::string_view::npos) continue;
      relu = relu || graph.op(id).name == "relu";
      for (const ParamSpec& spec : graph.params(id)) {
        if (spec.trainable) params += spec.shape.elements();
      }
    }
    CHECK_FALSE(relu);
    return params;
  };
  CHECK(skip_params("8:16:16:8:8") == 0);
  CHECK(skip_params("8:16:24:8:8") == 16 * 24 + 2 * 24);
}

TEST_CASE("nats_size: bad texts and settings are refused with position and reason") {
  const auto space = make_space("nats_size");
  const auto error = [&](std::string_view text) {
    return usage_error([&] { space->parse(text); });
  };
  CHECK(error("8:8:9:8:8").find("at character 5 ") != std::string::npos);
  CHECK(error("8:8:8:8").find("expected ':', got the end") != std::string::npos);
  CHECK(error("8:8:8:8:8:8").find("expected the end, got ':8'") != std::string::npos);
  Task task = test::task_of({3, 8, 8}, 10);
  task.width = 16;
  CHECK(usage_error([&] { space->build(space->parse("8:8:8:8:8"), task); }) ==
        "space 'nats_size': its networks have no width to choose; leave width out, got 16");
}

}  // namespace
}  // namespace nas
