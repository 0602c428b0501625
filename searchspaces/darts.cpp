#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/api/derivation.h"
#include "core/util/error.h"
#include "searchspaces/blueprint_space.h"
#include "searchspaces/darts_cell_graph.h"
#include "searchspaces/darts_decisions.h"
#include "searchspaces/darts_derivation.h"
#include "searchspaces/darts_genotype.h"
#include "searchspaces/notations.h"

// The space of DARTS (Liu, Simonyan and Yang, ICLR 2019, arXiv 1806.09055), also of PC-DARTS and of
// NAS-Bench-301: a normal and a reduction cell, stacked.
//
// Nodes 0 and 1 of a cell are the outputs of the two cells before it, node i in 2..5 reads two of
// the earlier nodes. The blueprint has all 14 edges with `none` and the seven operations on each
// (the supernet); an edge that the architecture does not use is `none`, zeros that `simplified`
// removes.

namespace nas {

namespace {

using darts::ByNode;
using darts::CellType;
using darts::Decisions;
using darts::edge_selector;
using darts::input_pairs;
using darts::InputPair;
using darts::kFirstNode;
using darts::kLastNode;
using darts::kNormal;
using darts::kReduce;
using darts::NodeDecisions;
using darts::open_selector;

/// `none` and the seven operations, in the published order (arXiv 1806.09055, section 3.1.1).
Value add_edge(GraphSink& sink, Value from, const ElasticValue& selector, std::int64_t channels,
               int stride) {
  const auto pool = [&](std::string_view op) {
    return sink.add(op, {from}, {{"kernel", 3}, {"stride", stride}, {"padding", 1}});
  };
  const auto conv = [&](std::string_view op, int kernel) {
    return sink.add(op, {from},
                    {{"out_channels", channels}, {"kernel", kernel}, {"stride", stride}});
  };
  return sink.choose(
      selector, {[&] {
                   return sink.add("zero", {from}, {{"stride", stride}});
                 },
                 [&] { return pool("max_pool"); }, [&] { return pool("avg_pool"); },
                 [&] {
                   if (stride == 1) return sink.add("identity", {from});
                   return sink.add("factorized_reduction", {from}, {{"out_channels", channels}});
                 },
                 [&] { return conv("sep_conv", 3); }, [&] { return conv("sep_conv", 5); },
                 [&] { return conv("dil_conv", 3); }, [&] { return conv("dil_conv", 5); }});
}

SpaceInfo darts_info() {
  SpaceInfo info;
  info.name = "darts";
  info.version = "1";
  info.width_meaning = "initial channels, default 36 (cifar) or 48 (imagenet)";
  info.depth_meaning = "cells in all, default 20 (cifar) or 14 (imagenet)";
  info.small_width = 8;
  info.small_depth = 5;
  info.skeletons = {"cifar", "imagenet"};
  return info;
}

/// Describes one network; the state that runs along the stack of cells.
class Network {
 public:
  Network(BlueprintBuilder& builder, const Task& task, const Decisions& decisions)
      : builder_(builder), task_(task), decisions_(decisions), channels_(task.width) {}

  void describe() {
    const Value image = builder_.input({Element::kFloat, task_.input});
    if (task_.skeleton == "imagenet") {
      add_imagenet_stem(image);
    } else {
      before_last_ = last_ = add_cifar_stem(image);
    }
    for (std::int64_t cell = 0; cell < task_.depth; ++cell) {
      const bool reduction = cell == task_.depth / 3 || cell == 2 * task_.depth / 3;
      add_cell("cells." + std::to_string(cell), reduction ? kReduce : kNormal);
      if (task_.auxiliary && cell == 2 * task_.depth / 3) add_auxiliary_head();
    }
    const Scope scope(builder_, "head");
    const Value pooled = builder_.add("global_avg_pool", {last_});
    builder_.output("logits", classifier(pooled));
  }

 private:
  Value classifier(Value features) {
    return builder_.add("linear", {features}, {{"out_features", task_.classes}});
  }

  Value conv_bn(Value from, std::int64_t channels, int stride) {
    const Value conv = builder_.add(
        "conv2d", {from},
        {{"out_channels", channels}, {"kernel", 3}, {"stride", stride}, {"padding", 1}});
    return builder_.add("batch_norm", {conv});
  }

  Value add_cifar_stem(Value image) {
    constexpr std::int64_t kStemMultiplier = 3;
    const Scope scope(builder_, "stem");
    return conv_bn(image, kStemMultiplier * channels_, 1);
  }

  void add_imagenet_stem(Value image) {
    {
      const Scope scope(builder_, "stem_0");
      const Value half = builder_.add("relu", {conv_bn(image, channels_ / 2, 2)});
      before_last_ = conv_bn(half, channels_, 2);
    }
    const Scope scope(builder_, "stem_1");
    last_ = conv_bn(builder_.add("relu", {before_last_}), channels_, 2);
    after_reduction_ = true;
  }

  void add_cell(const std::string& name, CellType type) {
    const Scope scope(builder_, name);
    if (type == kReduce) channels_ *= 2;
    std::vector<Value> nodes{preprocess(before_last_, "preprocess_0", after_reduction_),
                             preprocess(last_, "preprocess_1", false)};
    for (int node = kFirstNode; node <= kLastNode; ++node) {
      nodes.push_back(add_node(nodes, node, type));
    }
    before_last_ = last_;
    const Scope output(builder_, "output");
    last_ = builder_.add("concat", std::span(nodes).subspan(kFirstNode));
    after_reduction_ = type == kReduce;
  }

  /// ReLU, 1x1 convolution to the cell's channels and batch norm; halves the size where the cell
  /// between was a reduction.
  Value preprocess(Value from, std::string_view name, bool halve) {
    const Scope scope(builder_, name);
    if (halve) {
      return builder_.add("factorized_reduction", {from}, {{"out_channels", channels_}});
    }
    return builder_.add("relu_conv_bn", {from}, {{"out_channels", channels_}, {"kernel", 1}});
  }

  Value add_node(const std::vector<Value>& nodes, int node, CellType type) {
    const NodeDecisions& decisions = decisions_.nodes[type][static_cast<std::size_t>(node)];
    std::vector<Value> terms;
    for (int input = 0; input < node; ++input) {
      const Scope scope(builder_, "edge_" + std::to_string(input) + "_" + std::to_string(node));
      const int stride = type == kReduce && input < kFirstNode ? 2 : 1;
      terms.push_back(add_edge(builder_, nodes[static_cast<std::size_t>(input)],
                               open_selector(decisions, node, input), channels_, stride));
    }
    const Scope scope(builder_, "node_" + std::to_string(node));
    return builder_.add("add", terms);
  }

  /// Reads the cell after two thirds of the network: 8x8 on CIFAR, 7x7 on ImageNet, where the
  /// authors' code leaves out the second batch norm.
  void add_auxiliary_head() {
    const bool imagenet = task_.skeleton == "imagenet";
    const Scope scope(builder_, "auxiliary");
    const Value active = builder_.add("relu", {last_});
    const Value pooled =
        builder_.add("avg_pool", {active}, {{"kernel", 5}, {"stride", imagenet ? 2 : 3}});
    const Value narrow = builder_.add("conv2d", {pooled}, {{"out_channels", 128}, {"kernel", 1}});
    const Value x = builder_.add("relu", {builder_.add("batch_norm", {narrow})});
    Value wide = builder_.add("conv2d", {x}, {{"out_channels", 768}, {"kernel", 2}});
    if (!imagenet) wide = builder_.add("batch_norm", {wide});
    const Value features = builder_.add("flatten", {builder_.add("relu", {wide})});
    builder_.output("auxiliary", classifier(features));
  }

  BlueprintBuilder& builder_;
  const Task& task_;
  const Decisions& decisions_;
  std::int64_t channels_;
  Value before_last_{};
  Value last_{};
  bool after_reduction_ = false;
};

class Darts final : public BlueprintSpace,
                    public CellGraphs,
                    public Notations,
                    public StatesNetworks,
                    public DerivesArchitectures {
 public:
  explicit Darts(Decisions decisions = {})
      : BlueprintSpace(darts_info(), decisions.list), decisions_(std::move(decisions)) {}

  Architecture parse(std::string_view text) const override {
    const DartsGenotype genotype = parse_darts_genotype(text);
    Architecture architecture{info().name, std::vector<std::uint16_t>(decisions_.list.size())};
    write_cell(genotype.normal, kNormal, architecture.choices);
    write_cell(genotype.reduce, kReduce, architecture.choices);
    return architecture;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    return to_text(DartsGenotype{read_cell(kNormal, architecture.choices),
                                 read_cell(kReduce, architecture.choices)});
  }

  std::span<const Notation> notations() const override { return darts_notations(); }

  std::vector<std::string> cell_operations() const override { return darts_cell_operations(); }
  CellGraph cell_graph(const Architecture& architecture) const override {
    validate(*this, architecture);
    return darts_cell_graph(
        {read_cell(kNormal, architecture.choices), read_cell(kReduce, architecture.choices)});
  }
  std::pair<int, int> path_lengths() const override { return {2, 5}; }
  StatedNetwork stated_network(std::string_view text) const override {
    return stated_darts_network(text);
  }

  Architecture derive(std::span<const ChoiceWeights> weights) const override {
    Architecture architecture{info().name, std::vector<std::uint16_t>(decisions_.list.size())};
    for (const CellType type : {kNormal, kReduce}) {
      write_cell(derive_cell(type, weights), type, architecture.choices);
    }
    return architecture;
  }

  std::vector<std::string> alternative_names(const ElasticValue&) const override {
    std::vector<std::string> names{"none"};
    names.insert(names.end(), darts_operations().begin(), darts_operations().end());
    return names;
  }

  Task settle(const Task& task) const override {
    const bool imagenet = task.skeleton == "imagenet";
    return settle_task(info(), task,
                       {.width = imagenet ? 48 : 36,
                        .depth = imagenet ? 14 : 20,
                        .skeleton = "cifar",
                        .auxiliary = true});
  }

 private:
  void write_cell(const DartsCell& cell, CellType type, std::vector<std::uint16_t>& choices) const {
    for (int node = kFirstNode; node <= kLastNode; ++node) {
      const auto& [low, high] = cell.nodes[static_cast<std::size_t>(node - kFirstNode)];
      const NodeDecisions& decisions = decisions_.nodes[type][static_cast<std::size_t>(node)];
      choices[decisions.op_low] = low.op;
      choices[decisions.op_high] = high.op;
      if (!decisions.inputs) continue;
      const std::vector<InputPair> pairs = input_pairs(node);
      for (std::uint16_t i = 0; i < pairs.size(); ++i) {
        if (pairs[i].low == low.input && pairs[i].high == high.input) {
          choices[*decisions.inputs] = i;
        }
      }
    }
  }

  /// A cell that the blueprint does not have, since no reduction comes so early, is all zeros.
  DartsCell derive_cell(CellType type, std::span<const ChoiceWeights> weights) const {
    std::array<DartsEdgeWeights, kDartsEdges> edges{};
    std::size_t edge = 0;
    for (int node = kFirstNode; node <= kLastNode; ++node) {
      const NodeDecisions& decisions = decisions_.nodes[type][static_cast<std::size_t>(node)];
      for (int input = 0; input < node; ++input, ++edge) {
        const ElasticValue selector = edge_selector(decisions, node, input);
        for (const ChoiceWeights& choice : weights) {
          if (choice.selector != selector) continue;
          std::ranges::copy(choice.weights, edges[edge].begin());
        }
      }
    }
    DartsCell cell{strongest_edges(edges)};
    for (std::array<DartsEdge, 2>& pair : cell.nodes) {
      if (pair[0].input > pair[1].input) std::swap(pair[0], pair[1]);
    }
    return cell;
  }

  DartsCell read_cell(CellType type, Choices choices) const {
    DartsCell cell;
    for (int node = kFirstNode; node <= kLastNode; ++node) {
      const NodeDecisions& decisions = decisions_.nodes[type][static_cast<std::size_t>(node)];
      const InputPair pair =
          input_pairs(node)[decisions.inputs ? choices[*decisions.inputs] : std::uint16_t{0}];
      cell.nodes[static_cast<std::size_t>(node - kFirstNode)] = {
          DartsEdge{static_cast<std::uint8_t>(choices[decisions.op_low]),
                    static_cast<std::uint8_t>(pair.low)},
          DartsEdge{static_cast<std::uint8_t>(choices[decisions.op_high]),
                    static_cast<std::uint8_t>(pair.high)}};
    }
    return cell;
  }

  Blueprint describe(const Task& settled) const override {
    BlueprintBuilder builder;
    Network(builder, settled, decisions_).describe();
    return with_edge_selectors(builder.finish());
  }

  Blueprint with_edge_selectors(Blueprint blueprint) const {
    for (const ByNode& nodes : decisions_.nodes) {
      for (int input = 0; input < kFirstNode; ++input) {
        const NodeDecisions& decisions = nodes[kFirstNode];
        std::ranges::replace(blueprint.selectors, open_selector(decisions, kFirstNode, input),
                             edge_selector(decisions, kFirstNode, input));
      }
    }
    return blueprint;
  }

  Decisions decisions_;
};

}  // namespace

extern constinit const Plugin<SearchSpace> darts_search_space{
    "darts",
    "normal and reduction cells of seven operations (DARTS, PC-DARTS, NAS-Bench-301); about 10^18",
    "Liu, Simonyan and Yang, DARTS: Differentiable Architecture Search, ICLR 2019, arXiv "
    "1806.09055",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      resolve_no_options(options);
      return std::make_unique<Darts>();
    }};

}  // namespace nas
