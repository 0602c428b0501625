#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/api/cell_graph.h"
#include "core/ir/arch_builder.h"
#include "core/util/error.h"
#include "searchspaces/blueprint_space.h"
#include "searchspaces/nasbench101_cell.h"
#include "searchspaces/nasbench101_hash.h"
#include "searchspaces/notations.h"

// NAS-Bench-101 (Ying et al., ICML 2019, arXiv 1902.09635). Its cells have no useful supernet, as
// the channels of every vertex follow from the edges, so graphs are built directly. The decisions
// are the 21 possible edges of seven vertices and the five operations between; smaller cells leave
// the last inner vertices unused (`widened`). Texts name the cell as drawn, unused vertices
// included, so that they read back as the same architecture; the network is that of the pruned
// cell, as in the benchmark.

namespace nas {

namespace {

constexpr int kVertices = NasBench101Cell::kMaxVertices;
constexpr std::size_t kEdges = kVertices * (kVertices - 1) / 2;
constexpr double kMomentum = 0.003;  // 1 - 0.997 of the official configuration
constexpr double kEpsilon = 1e-5;
constexpr int kStacks = 3;

std::vector<Decision> cell_decisions() {
  std::vector<Decision> decisions;
  for (int to = 1; to < kVertices; ++to) {  // the order of the edge bits
    for (int from = 0; from < to; ++from) {
      decisions.push_back({"edge_" + std::to_string(from) + "_" + std::to_string(to),
                           DecisionKind::kInput,
                           {"0", "1"}});
    }
  }
  for (int vertex = 1; vertex + 1 < kVertices; ++vertex) {
    decisions.push_back(
        {"op_" + std::to_string(vertex), DecisionKind::kOperation, nasbench101_operations()});
  }
  return decisions;
}

SpaceInfo nasbench101_info() {
  SpaceInfo info;
  info.name = "nasbench101";
  info.version = "1";
  info.width_meaning = "channels of the stem and the first stack (doubled twice), default 128";
  info.depth_meaning = "modules in each of the three stacks, default 3";
  info.small_width = 16;
  info.small_depth = 1;
  return info;
}

NasBench101Cell cell_of(Choices choices) {
  NasBench101Cell cell;
  cell.vertices = kVertices;
  for (std::size_t bit = 0; bit < kEdges; ++bit) {
    if (choices[bit] != 0) cell.edges |= 1U << bit;
  }
  for (std::size_t vertex = 1; vertex + 1 < kVertices; ++vertex) {
    cell.ops[vertex] = static_cast<std::uint8_t>(choices[kEdges + vertex - 1]);
  }
  return cell;
}

std::optional<std::string> cell_objection(const NasBench101Cell& cell) {
  const std::optional<NasBench101Cell> needed = pruned(cell);
  if (!needed) return "no path leads from input to output";
  // The benchmark counts edges after pruning.
  const int edges = needed->edge_count();
  if (edges <= NasBench101Cell::kMaxEdges) return std::nullopt;
  return std::to_string(edges) + " edges on paths from input to output, at most 9 are allowed";
}

using ByVertex = std::array<std::int64_t, kVertices>;

/// The channels of the inner vertices. Those that feed the output share its channels, the first
/// ones get the remainder; every other has as many as the widest of its inner successors.
ByVertex vertex_channels(const NasBench101Cell& cell, std::int64_t out_channels) {
  ByVertex channels{};
  const int output = cell.vertices - 1;
  int feeding = 0;
  for (int v = 1; v < output; ++v) feeding += cell.has_edge(v, output) ? 1 : 0;
  if (feeding == 0) return channels;
  std::int64_t remainder = out_channels % feeding;
  for (int v = 1; v < output; ++v) {
    if (!cell.has_edge(v, output)) continue;
    channels[static_cast<std::size_t>(v)] = out_channels / feeding + (remainder-- > 0 ? 1 : 0);
  }
  for (int v = output - 1; v >= 1; --v) {
    if (cell.has_edge(v, output)) continue;
    std::int64_t& widest = channels[static_cast<std::size_t>(v)];
    for (int w = v + 1; w < output; ++w) {
      if (cell.has_edge(v, w)) widest = std::max(widest, channels[static_cast<std::size_t>(w)]);
    }
  }
  return channels;
}

Value conv_bn_relu(GraphSink& sink, Value from, std::int64_t channels, int kernel) {
  return sink.add(
      "conv_bn_relu", {from},
      {{"out_channels", channels}, {"kernel", kernel}, {"momentum", kMomentum}, {"eps", kEpsilon}});
}

/// One module: an instance of the cell with `out_channels` output channels.
class Module {
 public:
  Module(ArchBuilder& builder, const NasBench101Cell& cell, std::int64_t out_channels)
      : builder_(builder),
        cell_(cell),
        out_channels_(out_channels),
        channels_(vertex_channels(cell, out_channels)) {}

  Value add(Value input) {
    const int output = cell_.vertices - 1;
    for (int v = 1; v < output; ++v) add_vertex(input, v);
    std::vector<Value> parts;
    for (int v = 1; v < output; ++v) {
      if (cell_.has_edge(v, output)) parts.push_back(values_[static_cast<std::size_t>(v)]);
    }
    const Scope scope(builder_, "output");
    if (parts.empty()) return conv_bn_relu(builder_, input, out_channels_, 1);
    const Value joined = parts.size() == 1 ? parts[0] : builder_.add("concat", parts);
    if (!cell_.has_edge(0, output)) return joined;
    return builder_.add("add", {joined, conv_bn_relu(builder_, input, out_channels_, 1)});
  }

 private:
  void add_vertex(Value input, int vertex) {
    const Scope scope(builder_, "vertex_" + std::to_string(vertex));
    const std::int64_t channels = channels_[static_cast<std::size_t>(vertex)];
    std::vector<Value> terms;
    for (int from = 1; from < vertex; ++from) {
      if (!cell_.has_edge(from, vertex)) continue;
      Value term = values_[static_cast<std::size_t>(from)];
      if (channels_[static_cast<std::size_t>(from)] > channels) {
        term = builder_.add("slice_channels", {term}, {{"length", channels}});
      }
      terms.push_back(term);
    }
    if (cell_.has_edge(0, vertex)) {
      const Scope projection(builder_, "projection");
      terms.push_back(conv_bn_relu(builder_, input, channels, 1));
    }
    const Value sum = terms.size() == 1 ? terms[0] : builder_.add("add", terms);
    values_[static_cast<std::size_t>(vertex)] = add_operation(sum, vertex, channels);
  }

  Value add_operation(Value from, int vertex, std::int64_t channels) {
    switch (cell_.ops[static_cast<std::size_t>(vertex)]) {
      case NasBench101Cell::kConv3x3:
        return conv_bn_relu(builder_, from, channels, 3);
      case NasBench101Cell::kConv1x1:
        return conv_bn_relu(builder_, from, channels, 1);
      default:
        return builder_.add("max_pool", {from}, {{"kernel", 3}, {"padding", 1}});
    }
  }

  ArchBuilder& builder_;
  const NasBench101Cell& cell_;
  std::int64_t out_channels_;
  ByVertex channels_;
  std::array<Value, kVertices> values_{};
};

class NasBench101 final : public SearchSpace,
                          public IsomorphismKeys,
                          public CellGraphs,
                          public Notations,
                          public Spellings {
 public:
  const SpaceInfo& info() const override { return info_; }
  std::span<const Decision> decisions() const override { return decisions_; }
  std::optional<std::string> objection(Choices choices) const override {
    return cell_objection(cell_of(choices));
  }
  std::optional<Blueprint> blueprint(const Task&) const override { return std::nullopt; }

  Task settle(const Task& task) const override {
    const Task settled = settle_task(info_, task, {.width = 128, .depth = 3});
    if (settled.width < kVertices - 2) {
      throw Error(ErrorKind::kUsage,
                  "nasbench101: width = " + std::to_string(settled.width) +
                      ", must be >= 5 (up to five vertices share a module's output)");
    }
    return settled;
  }

  ArchGraph build(const Architecture& architecture, const Task& task) const override {
    validate(*this, architecture);
    const Task settled = settle(task);
    const NasBench101Cell cell = *pruned(cell_of(architecture.choices));
    ArchBuilder builder;
    Value x = builder.input({Element::kFloat, settled.input});
    {
      const Scope scope(builder, "stem");
      x = conv_bn_relu(builder, x, settled.width, 3);
    }
    for (int stack = 0; stack < kStacks; ++stack) {
      const Scope scope(builder, "stacks." + std::to_string(stack));
      if (stack > 0) x = builder.add("max_pool", {x}, {{"kernel", 2}, {"stride", 2}});
      for (std::int64_t i = 0; i < settled.depth; ++i) {
        const Scope module(builder, "modules." + std::to_string(i));
        x = Module(builder, cell, settled.width << stack).add(x);
      }
    }
    const Scope scope(builder, "head");
    x = builder.add("global_avg_pool", {x});
    builder.output("logits", builder.add("linear", {x}, {{"out_features", settled.classes}}));
    return builder.finish();
  }

  Architecture parse(std::string_view text) const override {
    const NasBench101Cell cell = widened(parse_nasbench101_cell(text));
    if (const auto objection = cell_objection(cell)) {
      throw Error(ErrorKind::kUsage,
                  "nasbench101: '" + to_text(narrowed(cell)) + "' is not a cell: " + *objection);
    }
    return architecture_of(cell);
  }

  std::span<const Notation> notations() const override { return nasbench101_notations(); }

  std::vector<Architecture> spellings(const Architecture& architecture) const override {
    validate(*this, architecture);
    std::vector<Architecture> found;
    for (const NasBench101Cell& cell : reordered(*pruned(cell_of(architecture.choices)))) {
      found.push_back(architecture_of(widened(cell)));
    }
    return found;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    return to_text(narrowed(cell_of(architecture.choices)));
  }

  std::string isomorphism_key(const Architecture& architecture) const override {
    validate(*this, architecture);
    return nasbench101_hash(cell_of(architecture.choices));
  }

  std::vector<std::string> cell_operations() const override {
    std::vector<std::string> names{"input", "output"};
    const std::vector<std::string>& operations = nasbench101_operations();
    names.insert(names.end(), operations.begin(), operations.end());
    return names;
  }

  /// Of the pruned cell, so that equal networks have equal graphs more often.
  CellGraph cell_graph(const Architecture& architecture) const override {
    validate(*this, architecture);
    const NasBench101Cell cell = *pruned(cell_of(architecture.choices));
    CellGraph graph;
    for (int v = 0; v < cell.vertices; ++v) {
      const int inner = cell.ops[static_cast<std::size_t>(v)] + 2;
      const int operation = v == 0 ? 0 : v + 1 == cell.vertices ? 1 : inner;
      graph.operations.push_back(static_cast<std::uint16_t>(operation));
      for (int from = 0; from < v; ++from) {
        if (!cell.has_edge(from, v)) continue;
        graph.edges.emplace_back(static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(v));
      }
    }
    return graph;
  }

  std::pair<int, int> path_lengths() const override { return {0, kVertices - 2}; }

 private:
  /// Of a cell of seven vertices.
  Architecture architecture_of(const NasBench101Cell& cell) const {
    Architecture architecture{info_.name, {}};
    for (std::size_t bit = 0; bit < kEdges; ++bit) {
      architecture.choices.push_back(static_cast<std::uint16_t>(cell.edges >> bit & 1U));
    }
    for (std::size_t v = 1; v + 1 < kVertices; ++v) architecture.choices.push_back(cell.ops[v]);
    return architecture;
  }

  SpaceInfo info_ = nasbench101_info();
  std::vector<Decision> decisions_ = cell_decisions();
};

}  // namespace

extern constinit const Plugin<SearchSpace> nasbench101_search_space{
    "nasbench101",
    "423,624 cells of up to seven vertices and nine edges, with a complete table",
    "Ying, Klein, Real, Christiansen, Murphy and Hutter, NAS-Bench-101: Towards Reproducible NAS, "
    "ICML 2019, arXiv 1902.09635",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      resolve_no_options(options);
      return std::make_unique<NasBench101>();
    }};

}  // namespace nas
