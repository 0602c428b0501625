#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/api/cell_graph.h"
#include "core/util/text.h"
#include "searchspaces/blueprint_space.h"
#include "searchspaces/mixed_radix.h"
#include "searchspaces/nasbench201_network.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"
#include "searchspaces/python_shuffle.h"

// NAS-Bench-201 and the topology space of NATS-Bench, which are the same 15,625 cells.
//
// The cell is a complete graph of four nodes; node 0 is its input, node 3 its output, each node the
// sum of the operations on its incoming edges. The order of the edges is that of the official
// string,
//   |op~0|+|op~0|op~1|+|op~0|op~1|op~2|
// that is 0->1; 0->2, 1->2; 0->3, 1->3, 2->3 (NASLib's files use another one). The order of the
// operations is that of `kOperations` (NASLib and the zero-cost papers use others).

namespace nas {

namespace {

constexpr std::size_t kEdges = 6;
constexpr std::uint32_t kSize = 15625;      // 5^6
constexpr std::uint32_t kShuffleSeed = 88;  // of the official list of architectures

enum Operation : std::uint16_t { kNone, kSkip, kConv1x1, kConv3x3, kAvgPool3x3 };
const std::vector<std::string> kOperations{"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3",
                                           "avg_pool_3x3"};

/// Position of edge source -> target in string order.
constexpr std::size_t edge_index(std::size_t source, std::size_t target) {
  return target * (target - 1) / 2 + source;
}

std::vector<Decision> edge_decisions() {
  std::vector<Decision> decisions;
  for (int target = 1; target < 4; ++target) {
    for (int source = 0; source < target; ++source) {
      decisions.push_back({"edge_" + std::to_string(source) + "_" + std::to_string(target),
                           DecisionKind::kOperation, kOperations});
    }
  }
  return decisions;
}

SpaceInfo nasbench201_info() {
  SpaceInfo info;
  info.name = "nasbench201";
  info.version = "1";
  info.width_meaning = "channels of the first stage (doubled twice), default 16";
  info.depth_meaning = "cells in each of the three stages, default 5";
  info.small_width = 8;
  info.small_depth = 1;
  info.macs_count_bias = true;
  return info;
}

/// The alternatives of one edge. Every edge is present in the graph: `none` is an operation of
/// zeros.
Value add_edge(GraphSink& sink, Value from, DecisionId edge, std::int64_t channels) {
  const auto conv = [&sink, from, channels](int kernel) {
    return sink.add("relu_conv_bn", {from}, {{"out_channels", channels}, {"kernel", kernel}});
  };
  return sink.choose(
      choice_of(edge, kOperations.size()),
      {[&] { return sink.add("zero", {from}); }, [&] { return sink.add("identity", {from}); },
       [&] { return conv(1); }, [&] { return conv(3); },
       [&] {
         return sink.add("avg_pool", {from}, {{"kernel", 3}, {"padding", 1}});
       }});
}

Value add_cell(GraphSink& sink, Value input, std::int64_t channels, const std::string& name) {
  const Scope scope(sink, name);
  std::array<Value, 4> nodes{input};
  for (std::size_t target = 1; target < nodes.size(); ++target) {
    std::vector<Value> terms;
    for (std::size_t source = 0; source < target; ++source) {
      const Scope edge(sink, "edge_" + std::to_string(source) + "_" + std::to_string(target));
      terms.push_back(add_edge(sink, nodes[source],
                               static_cast<DecisionId>(edge_index(source, target)), channels));
    }
    const Scope node(sink, "node_" + std::to_string(target));
    nodes[target] = sink.add("add", terms);
  }
  return nodes.back();
}

class NasBench201 final : public BlueprintSpace,
                          public IndexedSpace,
                          public IsomorphismKeys,
                          public CellGraphs,
                          public Notations {
 public:
  NasBench201() : BlueprintSpace(nasbench201_info(), edge_decisions()) {
    numbers_ = python_shuffle(kShuffleSeed, kSize);
    indices_.resize(kSize);
    for (std::uint32_t i = 0; i < kSize; ++i) indices_[numbers_[i]] = i;
  }

  Architecture parse(std::string_view text) const override {
    Architecture architecture{info().name, std::vector<std::uint16_t>(kEdges)};
    NotationReader reader(info().name, text);
    reader.skip_blanks();
    for (std::size_t target = 1; target < 4; ++target) {
      if (target > 1) reader.expect("+");
      reader.skip_blanks();
      reader.expect("|");
      for (std::size_t source = 0; source < target; ++source) {
        reader.skip_blanks();
        architecture.choices[edge_index(source, target)] = reader.choice("operation", kOperations);
        reader.expect("~" + std::to_string(source));
        reader.skip_blanks();
        reader.expect("|");
      }
      reader.skip_blanks();
    }
    reader.expect_end();
    return architecture;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    std::string text;
    for (std::size_t target = 1; target < 4; ++target) {
      text += target > 1 ? "+|" : "|";
      for (std::size_t source = 0; source < target; ++source) {
        text += kOperations[architecture.choices[edge_index(source, target)]];
        text += "~" + std::to_string(source) + "|";
      }
    }
    return text;
  }

  std::span<const Notation> notations() const override { return nasbench201_notations(); }

  std::uint64_t size() const override { return kSize; }

  Architecture at(std::uint64_t index) const override {
    check_index(info(), index, kSize);
    return {info().name, choices_of(decisions(), numbers_[index])};
  }

  std::uint64_t index_of(const Architecture& architecture) const override {
    validate(*this, architecture);
    return indices_[number_of(decisions(), architecture.choices)];
  }

  /// The published function string: the expression of the output node, where a skip is its source's
  /// own expression and terms of a sum are sorted. Nothing but a bare "#" counts as zero for the
  /// operations after it ("#+#" does not), and nested sums are not flattened: this is what gives
  /// the published 6,466.
  std::string isomorphism_key(const Architecture& architecture) const override {
    validate(*this, architecture);
    std::array<std::string, 4> nodes{"0"};
    for (std::size_t target = 1; target < nodes.size(); ++target) {
      std::vector<std::string> terms;
      for (std::size_t source = 0; source < target; ++source) {
        const std::uint16_t op = architecture.choices[edge_index(source, target)];
        const std::string& from = nodes[source];
        if (op == kNone || from == "#") {
          terms.push_back("#");
        } else if (op == kSkip) {
          terms.push_back(from);
        } else {
          terms.push_back("(" + from + ")@" + kOperations[op]);
        }
      }
      std::sort(terms.begin(), terms.end());
      nodes[target] = join(terms, "+");
    }
    return nodes.back();
  }

  std::vector<std::string> cell_operations() const override {
    std::vector<std::string> names{"input", "output"};
    names.insert(names.end(), kOperations.begin(), kOperations.end());
    return names;
  }

  /// A vertex for each edge of the cell, in string order; `none` is an operation like others.
  CellGraph cell_graph(const Architecture& architecture) const override {
    validate(*this, architecture);
    CellGraph graph;
    graph.operations.push_back(0);
    for (const std::uint16_t choice : architecture.choices) {
      graph.operations.push_back(static_cast<std::uint16_t>(choice + 2));
    }
    graph.operations.push_back(1);
    for (std::size_t target = 1; target < 4; ++target) {
      for (std::size_t source = 0; source < target; ++source) {
        const auto vertex = static_cast<std::uint16_t>(1 + edge_index(source, target));
        if (source == 0) graph.edges.emplace_back(std::uint16_t{0}, vertex);
        for (std::size_t before = 0; before < source; ++before) {
          graph.edges.emplace_back(static_cast<std::uint16_t>(1 + edge_index(before, source)),
                                   vertex);
        }
        if (target == 3) graph.edges.emplace_back(vertex, static_cast<std::uint16_t>(kEdges + 1));
      }
    }
    return graph;
  }

  std::pair<int, int> path_lengths() const override { return {1, 3}; }

  Task settle(const Task& task) const override {
    return settle_task(info(), task, {.width = 16, .depth = 5});
  }

 private:
  Blueprint describe(const Task& settled) const override {
    BlueprintBuilder builder;
    Value x =
        nasbench201_stem(builder, builder.input({Element::kFloat, settled.input}), settled.width);
    for (int stage = 0; stage < 3; ++stage) {
      const Scope scope(builder, "stages." + std::to_string(stage));
      const std::int64_t channels = settled.width << stage;
      if (stage > 0) {
        const Scope reduction(builder, "reduction");
        x = builder.add("nb201_residual", {x}, {{"out_channels", channels}});
      }
      for (std::int64_t cell = 0; cell < settled.depth; ++cell) {
        x = add_cell(builder, x, channels, "cells." + std::to_string(cell));
      }
    }
    builder.output("logits", nasbench201_head(builder, x, settled.classes));
    return builder.finish();
  }

  std::vector<std::uint32_t> numbers_;  // index -> six base-5 digits in string order
  std::vector<std::uint32_t> indices_;  // the inverse
};

}  // namespace

extern constinit const Plugin<SearchSpace> nasbench201_search_space{
    "nasbench201",
    "15,625 cells of four nodes and five operations, with complete tables (also NATS-Bench "
    "topology)",
    "Dong and Yang, NAS-Bench-201: Extending the Scope of Reproducible NAS, ICLR 2020, "
    "arXiv 2001.00326",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      resolve_no_options(options);
      return std::make_unique<NasBench201>();
    }};

}  // namespace nas
