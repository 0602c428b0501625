#pragma once

#include <string>

#include "core/ir/arch_builder.h"
#include "core/ir/cost.h"
#include "core/util/text.h"

namespace nas::bench {

/// The network of a NAS-Bench-201 cell string (Dong and Yang, ICLR 2020, section 2.1), written
/// apart from searchspaces/ so that benchmarks and runtime tests stand on core/ alone.
class Nb201Writer {
 public:
  explicit Nb201Writer(std::string cell) : cell_(std::move(cell)) {}

  ArchGraph write(std::int64_t width, std::int64_t cells, std::int64_t side, std::int64_t classes) {
    Value x = builder_.input({Element::kFloat, {3, side, side}});
    x = builder_.add("conv2d", {x}, {{"out_channels", width}, {"kernel", 3}, {"padding", 1}});
    x = builder_.add("batch_norm", {x});
    for (std::int64_t stage = 0; stage < 3; ++stage) {
      if (stage > 0) {
        width *= 2;
        const Scope scope(builder_, "reduce" + std::to_string(stage));
        x = builder_.add("nb201_residual", {x}, {{"out_channels", width}});
      }
      for (std::int64_t i = 0; i < cells; ++i) {
        const Scope scope(builder_, "cell" + std::to_string(stage) + "_" + std::to_string(i));
        x = cell(x, width);
      }
    }
    x = builder_.add("relu", {builder_.add("batch_norm", {x})});
    x = builder_.add("linear", {builder_.add("global_avg_pool", {x})}, {{"out_features", classes}});
    builder_.output("logits", x);
    return builder_.finish();
  }

 private:
  Value edge(const std::string& op, Value x, std::int64_t width) {
    if (op == "none") return builder_.add("zero", {x});
    if (op == "skip_connect") return builder_.add("identity", {x});
    if (op == "avg_pool_3x3") {
      return builder_.add("avg_pool", {x}, {{"kernel", 3}, {"padding", 1}});
    }
    const std::int64_t kernel = op == "nor_conv_3x3" ? 3 : 1;
    return builder_.add("relu_conv_bn", {x}, {{"out_channels", width}, {"kernel", kernel}});
  }

  Value cell(Value x, std::int64_t width) {
    std::vector<Value> nodes{x};
    for (const std::string& node : split(cell_, '+')) {
      std::vector<Value> terms;
      for (const std::string& text : split(node, '|')) {
        if (text.empty()) continue;
        const std::vector<std::string> parts = split(text, '~');
        const Scope scope(builder_, "edge_" + parts[1] + "_" + std::to_string(nodes.size()));
        terms.push_back(
            edge(parts[0], nodes[static_cast<std::size_t>(*parse_int(parts[1]))], width));
      }
      nodes.push_back(builder_.add("add", terms));
    }
    return nodes.back();
  }

  std::string cell_;
  ArchBuilder builder_;
};

inline ArchGraph nb201_network(const std::string& cell, std::int64_t width = 16,
                               std::int64_t cells = 5, std::int64_t side = 32,
                               std::int64_t classes = 10) {
  return Nb201Writer(cell).write(width, cells, side, classes);
}

}  // namespace nas::bench
