// A network in the graph format of nn-Meter (Zhang et al., MobiSys 2021), as its authors publish
// it.

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "core/ir/arch_builder.h"
#include "core/util/file.h"
#include "hwmodels/kernel_detection.h"
#include "tests/test_data.h"

using namespace nas;
using namespace nas::test;
using Json = nlohmann::ordered_json;

namespace {

/// Reads the convolutions, normalisations, activations, pools and sums of the format. h-swish is
/// written out there: x * (relu6(x + 3) / 6).
class IrReader {
 public:
  explicit IrReader(const Json& nodes) : nodes_(nodes) {}

  ArchGraph read() {
    // Nodes stand in any order: each is made once those that it reads are.
    for (std::size_t made = 0; made < nodes_.size();) {
      const std::size_t before = made;
      for (const auto& [name, node] : nodes_.items()) {
        if (values_.contains(name) || !ready(node)) continue;
        values_[name] = make(name, node);
        ++made;
      }
      REQUIRE(made > before);
    }
    builder_.output("logits", last_);
    return builder_.finish();
  }

 private:
  const Json& attr(const Json& node, const char* name) const { return node["attr"]["attr"][name]; }
  std::string type(const std::string& name) const {
    return nodes_.contains(name) ? nodes_[name]["attr"]["type"].get<std::string>() : "Const";
  }

  bool ready(const Json& node) const {
    for (const std::string input : node["inbounds"]) {
      if (nodes_.contains(input) && !values_.contains(input)) return false;
    }
    return true;
  }

  /// What it reads, constants left out.
  std::vector<std::string> inputs(const Json& node) const {
    std::vector<std::string> names;
    for (const std::string input : node["inbounds"]) {
      if (type(input) != "Const") names.push_back(input);
    }
    return names;
  }

  Value make(const std::string& name, const Json& node) {
    const std::string kind = node["attr"]["type"];
    if (kind == "Const") return {};
    if (kind == "Placeholder") return builder_.input({Element::kFloat, {3, 224, 224}});
    const std::vector<std::string> from = inputs(node);
    const Value x = values_.at(from.front());
    if (kind == "Conv2D" || kind == "DepthwiseConv2dNative") return convolution(node, x);
    if (kind == "BiasAdd") return x;
    if (kind == "FusedBatchNorm") return builder_.add("batch_norm", {x});
    if (kind == "Relu") return builder_.add("relu", {x});
    if (kind == "Reshape") return builder_.add("flatten", {x});
    if (kind == "MatMul") return last_ = builder_.add("linear", {x}, {{"out_features", 1000}});
    if (kind == "AvgPool" || kind == "Mean") {
      return builder_.add("global_avg_pool", {x}, {{"keep_dims", true}});
    }
    if (kind == "Relu6") {
      gated_[name] = x;
      return builder_.add("hsigmoid", {x});
    }
    if (kind == "Add" && from.size() == 1) return x;  // + 3
    if (kind == "Add") return builder_.add("add", {x, values_.at(from[1])});
    REQUIRE(kind == "Mul");
    if (from.size() > 1) return product(from);
    if (gated_.contains(from[0])) gated_[name] = gated_[from[0]];  // / 6
    return x;
  }

  Value product(const std::vector<std::string>& from) {
    const Value a = values_.at(from[0]), b = values_.at(from[1]);
    const auto gate = gated_.find(from[1]);
    if (gate != gated_.end() && gate->second.node == a.node) return builder_.add("hswish", {a});
    // The factor for each channel comes second.
    const bool turned = builder_.type(a).shape[1] < builder_.type(b).shape[1];
    return turned ? builder_.add("multiply", {b, a}) : builder_.add("multiply", {a, b});
  }

  Value convolution(const Json& node, Value x) {
    const Json& weight = attr(node, "weight_shape");
    const bool depthwise = node["attr"]["type"] == "DepthwiseConv2dNative";
    const auto kernel = weight[0].get<std::int64_t>();
    const auto out = (depthwise ? weight[2] : weight[3]).get<std::int64_t>();
    return builder_.add("conv2d", {x},
                        {{"out_channels", out},
                         {"kernel", kernel},
                         {"stride", attr(node, "strides")[0].get<std::int64_t>()},
                         {"padding", (kernel - 1) / 2},
                         {"groups", depthwise ? 0 : 1}});
  }

  const Json& nodes_;
  ArchBuilder builder_;
  std::map<std::string, Value> values_;
  std::map<std::string, Value> gated_;  // by the name of a gate: what went into it
  Value last_{};
};

}  // namespace

TEST_CASE("acceptance: kernels of nn-Meter's MobileNetV3-small under the rules of its processors") {
  const auto dir = test_data("hw-nnmeter");
  if (dir.empty()) return;
  const Json json = Json::parse(read_file(dir / "mobilenetv3small_0_ir.json"));
  std::map<std::string, int> nodes;
  for (const auto& [name, node] : json.items()) ++nodes[node["attr"]["type"].get<std::string>()];
  const ArchGraph graph = IrReader(json).read();
  FusionRules rules;
  for (const char* conv : {"conv2d", "conv2d_depthwise"}) {
    rules.pairs.insert({conv, "batch_norm"});
    for (const char* activation : {"relu", "hswish", "hsigmoid"}) {
      rules.pairs.insert({conv, activation});
      rules.pairs.insert({"batch_norm", activation});
    }
  }
  const NetworkKernels kernels(graph, rules);
  std::map<std::string, int> found;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    const std::string kind = kernel_kind(kernels.kernel(i));
    ++found[kind.substr(0, kind.find('+'))];
    CAPTURE(kind);
    CHECK(kind != "batch_norm");
    CHECK(kind != "hsigmoid");
  }
  // Every convolution starts a kernel, and takes its normalisation and activation along.
  CHECK(found["conv2d"] == nodes["Conv2D"]);
  CHECK(found["conv2d_depthwise"] == nodes["DepthwiseConv2dNative"]);
  CHECK(found["linear"] == nodes["MatMul"]);
  CHECK(found["global_avg_pool"] == nodes["AvgPool"] + nodes["Mean"]);
  // Each squeeze-excite ends in a product, and the activation after it stands alone.
  CHECK(found["multiply"] == nodes["AvgPool"]);
  CHECK(found["relu"] + found["hswish"] == nodes["AvgPool"]);
  CHECK(nodes["Conv2D"] == 42);
  CHECK(nodes["DepthwiseConv2dNative"] == 11);
  // Six of the eleven blocks add their input.
  CHECK(found["add"] == 6);
  MESSAGE(kernels.size(), " kernels");
}
