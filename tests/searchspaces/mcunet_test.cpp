#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/util/text.h"
#include "tests/searchspaces/space_testing.h"

// The trunk of ProxylessNAS times a width, counted here layer by layer by its description
// (arXiv 2007.10319, section 3.1; widths and strides of the released code).

namespace nas {
namespace {

using test::make_space;
using test::usage_error;

std::int64_t rounded(double value) {
  const auto down = static_cast<std::int64_t>((value + 4) / 8) * 8;
  const std::int64_t result = std::max<std::int64_t>(8, down);
  return static_cast<double>(result) < 0.9 * value ? result + 8 : result;
}

struct Counted {
  std::int64_t params = 0, macs = 0;
};

/// All blocks alike: as many in each of five stages, one kernel, one expansion.
struct Uniform {
  std::int64_t resolution;
  double width;
  int depth;
  std::int64_t kernel, expansion;
  bool mix = true;

  std::string text() const {
    const auto blocks = static_cast<std::size_t>(5 * depth + 1);
    const auto list = [&](std::int64_t number, std::size_t count) {
      return join(std::vector<std::string>(count, std::to_string(number)), ",");
    };
    return "r=" + std::to_string(resolution) + ";w=" + format_double(width) +
           ";d=" + list(depth, 5) + ",1;k=" + list(kernel, blocks) +
           ";e=" + list(expansion, blocks);
  }

  Counted count() const {
    Counted counted;
    std::int64_t side = resolution, channels = 3;
    const auto conv = [&](std::int64_t out, std::int64_t k, int stride, bool depthwise) {
      side = (side - 1) / stride + 1;
      const std::int64_t weights = k * k * out * (depthwise ? 1 : channels);
      counted.params += weights + 2 * out;  // with a batch normalisation
      counted.macs += weights * side * side;
      channels = out;
    };
    const auto wide = [&](std::int64_t base) { return rounded(static_cast<double>(base) * width); };
    conv(wide(32), 3, 2, false);
    conv(channels, 3, 1, true);
    conv(wide(16), 1, 1, false);
    const std::int64_t widths[] = {24, 40, 80, 96, 192, 320};
    const int strides[] = {2, 2, 2, 1, 2, 1};
    for (int stage = 0; stage < 6; ++stage) {
      for (int block = 0; block < (stage < 5 ? depth : 1); ++block) {
        conv(rounded(static_cast<double>(channels * expansion)), 1, 1, false);
        conv(channels, kernel, block == 0 ? strides[stage] : 1, true);
        conv(wide(widths[stage]), 1, 1, false);
      }
    }
    if (mix) conv(wide(1280), 1, 1, false);
    counted.params += 1000 * channels + 1000;
    counted.macs += 1000 * channels;
    return counted;
  }
};

TEST_CASE("mcunet: parameters and MACs are those of the described layers") {
  for (const bool mix : {true, false}) {
    const auto space = make_space("mcunet", {{"feature_mix", mix ? "true" : "false"}});
    for (const Uniform& network : {Uniform{48, 0.2, 2, 3, 3, mix}, Uniform{224, 1, 4, 7, 6, mix},
                                   Uniform{112, 0.5, 3, 5, 4, mix}, Uniform{80, 0.7, 2, 7, 3, mix},
                                   Uniform{176, 0.3, 4, 3, 6, mix}}) {
      CAPTURE(network.text());
      const Architecture architecture = space->parse(network.text());
      CHECK(space->format(architecture) == network.text());
      const GraphCost cost = graph_cost(space->build(architecture, space->info().default_task));
      CHECK(cost.params == network.count().params);
      CHECK(cost.macs == network.count().macs);
    }
  }
}

TEST_CASE("mcunet: images below the smallest resolution keep four pixels a side to the end") {
  const auto space = make_space("mcunet");
  const Architecture architecture = space->parse(Uniform{96, 0.4, 2, 3, 4}.text());
  const auto last_side = [&](std::int64_t side) {
    const ArchGraph graph = space->build(architecture, test::task_of({1, side, side}, 10));
    std::int64_t last = 0;
    for (NodeId node = 0; node < graph.size(); ++node) {
      const Shape& shape = graph.output_types(node)[0].shape;
      if (shape.rank() == 3) last = shape[1];
    }
    return last;
  };
  CHECK(last_side(28) == 4);
  CHECK(last_side(32) == 4);
  CHECK(last_side(48) == 2);
  CHECK(last_side(96) == 3);
}

TEST_CASE("mcunet: halvings says how often an image is halved, the stem first to keep its size") {
  const auto sides_of = [](const std::string& halvings, std::int64_t side) {
    const auto space = make_space("mcunet", {{"halvings", halvings}});
    const ArchGraph graph = space->build(space->parse(Uniform{96, 0.4, 2, 3, 4}.text()),
                                         test::task_of({1, side, side}, 10));
    std::vector<std::int64_t> sides;  // after the input, each once
    for (NodeId node = 1; node < graph.size(); ++node) {
      const Shape& shape = graph.output_types(node)[0].shape;
      if (shape.rank() != 3) continue;
      if (sides.empty() || sides.back() != shape[1]) sides.push_back(shape[1]);
    }
    return sides;
  };
  using Sides = std::vector<std::int64_t>;
  CHECK(sides_of("2", 32) == Sides{32, 16, 8});
  CHECK(sides_of("3", 32) == Sides{32, 16, 8, 4});
  CHECK(sides_of("4", 32) == Sides{32, 16, 8, 4, 2});
  CHECK(sides_of("5", 32) == Sides{16, 8, 4, 2, 1});
  CHECK(sides_of("auto", 32) == Sides{16, 8, 4});
  CHECK(sides_of("auto", 96) == sides_of("5", 96));
  CHECK(test::usage_error([] {
          make_space("mcunet", {{"halvings", "1"}});
        }).find("halvings") != std::string::npos);
}

TEST_CASE("mcunet: an option fixes width and resolution without changing texts") {
  const Uniform network{96, 0.4, 2, 3, 4};
  const auto all = make_space("mcunet");
  const auto one = make_space("mcunet", {{"width", "0.4"}, {"resolution", "96"}});
  CHECK(one->decisions()[0].choices.size() == 1);
  CHECK(one->decisions()[1].choices.size() == 1);
  const ArchGraph a = all->build(all->parse(network.text()), all->info().default_task);
  const ArchGraph b = one->build(one->parse(network.text()), one->info().default_task);
  CHECK(a == b);
  Rng rng({.seed = 1});
  const Architecture drawn = sample(*one, rng);
  CHECK(one->format(mutate(*one, drawn, rng)).starts_with("r=96;w=0.4;"));
  CHECK(usage_error([&] {
          one->parse(Uniform{96, 0.5, 2, 3, 4}.text());
        }).find("width") != std::string::npos);
}

}  // namespace
}  // namespace nas
