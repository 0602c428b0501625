#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "searchspaces/mixed_radix.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"
#include "searchspaces/transnas_network.h"

// The cell space of TransNAS-Bench-101: "64-41414-a_bc_def". Width 64; five modules of two cells,
// of which the first, third and fifth double the channels and halve the resolution in their first
// cell; a cell is a complete graph of four nodes with an operation on each edge, a: 0->1; b, c:
// 0->2, 1->2; d, e, f: 0->3, 1->3, 2->3. Digits: 0 none, 1 skip, 2 ReLU-conv1x1-BN, 3
// ReLU-conv3x3-BN. In a reducing cell the edges from node 0 reduce: a skip is NAS-Bench-201's
// factorised reduction. Index: a slowest (the official list starts these at 3256).

namespace nas {

namespace {

constexpr std::size_t kEdges = 6;
constexpr std::size_t kOperations = 4;
constexpr std::array<int, 5> kModules{4, 1, 4, 1, 4};
constexpr std::string_view kPrefix = "64-41414-";
const std::vector<std::string> kNames{"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3"};

std::vector<Decision> edge_decisions() {
  std::vector<Decision> decisions;
  for (int target = 1; target < 4; ++target) {
    for (int source = 0; source < target; ++source) {
      decisions.push_back({"edge_" + std::to_string(source) + "_" + std::to_string(target),
                           DecisionKind::kOperation, kNames});
    }
  }
  return decisions;
}

SpaceInfo transnas_micro_info() {
  SpaceInfo info = transnas_info("transnas_micro");
  info.depth_meaning = "cells in each of the five modules, default 2";
  info.small_depth = 1;
  return info;
}

struct Image {
  std::int64_t height, width;
  bool even() const { return height % 2 == 0 && width % 2 == 0; }
  Image halved() const { return {(height + 1) / 2, (width + 1) / 2}; }
};

/// What a cell does to its input.
struct CellShape {
  std::int64_t channels;
  bool reduces;
  Image image;  // of the input
};

Value add_edge(GraphSink& sink, Value from, DecisionId edge, bool reduces, const CellShape& shape) {
  const std::int64_t stride = reduces ? 2 : 1;
  const auto conv = [&](int kernel) {
    return sink.add("relu_conv_bn", {from},
                    {{"out_channels", shape.channels}, {"kernel", kernel}, {"stride", stride}});
  };
  const auto zeros = [&] {
    const Value zero = sink.add("zero", {from}, {{"stride", stride}});
    return reduces ? sink.add("concat", {zero, zero}) : zero;  // twice the channels
  };
  const auto skip = [&] {
    if (!reduces) return sink.add("identity", {from});
    // With an odd height or width its two halves would not fit: the plain convolution of equal
    // parameters and MACs.
    if (!shape.image.even()) return conv(1);
    return sink.add("factorized_reduction", {from}, {{"out_channels", shape.channels}});
  };
  return sink.choose(choice_of(edge, kOperations),
                     {zeros, skip, [&] { return conv(1); }, [&] { return conv(3); }});
}

Value add_cell(GraphSink& sink, Value input, const CellShape& shape) {
  std::array<Value, 4> nodes{input};
  DecisionId edge = 0;
  for (std::size_t target = 1; target < nodes.size(); ++target) {
    std::vector<Value> terms;
    for (std::size_t source = 0; source < target; ++source) {
      const Scope scope(sink, "edge_" + std::to_string(source) + "_" + std::to_string(target));
      terms.push_back(add_edge(sink, nodes[source], edge++, shape.reduces && source == 0, shape));
    }
    const Scope scope(sink, "node_" + std::to_string(target));
    nodes[target] = terms.size() == 1 ? terms[0] : sink.add("add", terms);
  }
  return nodes.back();
}

class TransnasMicro final : public NumberedSpace, public IsomorphismKeys, public Notations {
 public:
  TransnasMicro() : NumberedSpace(transnas_micro_info(), edge_decisions()) {}

  Architecture parse(std::string_view text) const override {
    NotationReader reader(info().name, text);
    reader.skip_blanks();
    reader.expect(kPrefix);
    Architecture architecture{info().name, {}};
    for (std::size_t edge = 0; edge < kEdges; ++edge) {
      if (edge == 1 || edge == 3) reader.expect("_");
      std::uint16_t digit = 0;
      while (digit < kOperations && !reader.take(std::to_string(digit))) ++digit;
      if (digit == kOperations) reader.fail("an operation, 0 to 3");
      architecture.choices.push_back(digit);
    }
    reader.skip_blanks();
    reader.expect_end();
    return architecture;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    std::string text(kPrefix);
    for (std::size_t edge = 0; edge < kEdges; ++edge) {
      if (edge == 1 || edge == 3) text += '_';
      text += static_cast<char>('0' + architecture.choices[edge]);
    }
    return text;
  }

  /// The text with `none` on the edges into nodes from which nothing leads to the output. The
  /// authors have no notion of isomorphic cells; these compute the same whatever stands there.
  std::string isomorphism_key(const Architecture& architecture) const override {
    Architecture plain = architecture;
    validate(*this, architecture);
    std::vector<std::uint16_t>& edges = plain.choices;  // 0->1; 0->2, 1->2; 0->3, 1->3, 2->3
    if (edges[5] == 0) edges[1] = edges[2] = 0;
    if (edges[4] == 0 && edges[2] == 0) edges[0] = 0;
    return format(plain);
  }

  std::span<const Notation> notations() const override { return transnas_micro_notations(); }

  Task settle(const Task& task) const override {
    const Task settled = settle_task(info(), task, {.width = 64, .depth = 2});
    if (settled.width % 2 != 0) {
      throw Error(ErrorKind::kUsage,
                  "transnas_micro: width = " + std::to_string(settled.width) + ", must be even");
    }
    return settled;
  }

 private:
  Blueprint describe(const Task& settled) const override {
    BlueprintBuilder builder;
    Value x =
        transnas_stem(builder, builder.input({Element::kFloat, settled.input}), settled.width);
    Image image = Image{settled.input[1], settled.input[2]}.halved().halved();
    std::int64_t channels = settled.width;
    for (std::size_t module = 0; module < kModules.size(); ++module) {
      const bool reduces = kModules[module] == 4;
      if (reduces) channels *= 2;
      for (std::int64_t cell = 0; cell < settled.depth; ++cell) {
        const Scope scope(builder,
                          "modules." + std::to_string(module) + "/cells." + std::to_string(cell));
        const bool first = reduces && cell == 0;
        x = add_cell(builder, x, {channels, first, image});
        if (first) image = image.halved();
      }
    }
    builder.output("logits", transnas_head(builder, x, settled.classes));
    return builder.finish();
  }
};

}  // namespace

extern constinit const Plugin<SearchSpace> transnas_micro_search_space{
    "transnas_micro",
    "4,096 cells of TransNAS-Bench-101, with complete tables of seven vision tasks",
    "Duan, Chen, Xu, Chen, Liang, Zhang and Li, TransNAS-Bench-101: Improving Transferability and "
    "Generalizability of Cross-Task NAS, CVPR 2021, arXiv 2105.11871",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      resolve_no_options(options);
      return std::make_unique<TransnasMicro>();
    }};

}  // namespace nas
