#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/ir/draw/layout.h"
#include "tests/searchspaces/space_testing.h"

namespace nas {
namespace {

/// One architecture of every space, as small as its settings allow.
struct Sample {
  std::string space;
  ArchGraph graph;
};

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const std::unique_ptr<SearchSpace> space = plugin->make({});
    Rng rng({.seed = 2024});
    Task task = space->info().default_task;
    task.width = space->info().small_width;
    task.depth = space->info().small_depth;
    list.push_back({space->info().name, space->build(sample(*space, rng), task)});
  }
  return list;
}

bool touch(const LayoutBox& a, const LayoutBox& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

int overlaps(const Layout& layout) {
  int count = 0;
  for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
    for (std::size_t k = i + 1; k < layout.boxes.size(); ++k) {
      count += touch(layout.boxes[i], layout.boxes[k]);
    }
  }
  return count;
}

TEST_CASE(
    "drawings: boxes of no space overlap, folded or open, and equal calls give equal layouts") {
  for (const Sample& sample : samples()) {
    for (const int depth : {-1, 0, 1, 2, 100}) {
      CAPTURE(sample.space);
      CAPTURE(depth);
      const LayoutOptions options{.fold_depth = depth};
      const Layout layout = layout_graph(sample.graph, options);
      CHECK(overlaps(layout) == 0);
      const Layout again = layout_graph(sample.graph, options);
      REQUIRE(again.boxes.size() == layout.boxes.size());
      bool equal = true;
      for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
        equal =
            equal && layout.boxes[i].x == again.boxes[i].x && layout.boxes[i].y == again.boxes[i].y;
      }
      for (std::size_t i = 0; i < layout.edges.size(); ++i) {
        equal = equal && layout.edges[i].points == again.edges[i].points;
      }
      CHECK(equal);
    }
  }
}

/// The pictures are read by people before they are committed: run with SEARCHLIGHT_WRITE_GOLDEN=1
/// and look at what changed.
TEST_CASE("drawings: the SVG of every space is the one that was looked at") {
  const std::filesystem::path folder = NAS_GRAPH_GOLDEN;
  for (const Sample& sample : samples()) {
    CAPTURE(sample.space);
    const std::string svg = to_svg(sample.graph, {.fold_above = 60});
    const std::filesystem::path path = folder / (sample.space + ".svg");
    if (std::getenv("SEARCHLIGHT_WRITE_GOLDEN") != nullptr) {
      std::ofstream(path, std::ios::binary) << svg;
      continue;
    }
    std::ifstream file(path, std::ios::binary);
    REQUIRE_MESSAGE(file, "no golden drawing " << path.string());
    std::ostringstream golden;
    golden << file.rdbuf();
    CHECK(golden.str() == svg);
  }
}

}  // namespace
}  // namespace nas
