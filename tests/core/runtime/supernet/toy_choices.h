#pragma once

#include <array>

#include "core/api/derivation.h"
#include "core/ir/blueprint/choice_groups.h"

namespace nas::test {

/// Two cells of two edges each, with none, skip, a 1x1 and a 3x3 convolution. The first edge is the
/// same decision in both cells; the second is one of its own in each. Then pooling and classifier.
class ToyCells final : public SearchSpace {
 public:
  ToyCells() {
    info_.name = "toy_cells";
    for (const char* name : {"shared", "first", "second"}) {
      decisions_.push_back({name, DecisionKind::kOperation, {"none", "skip", "conv1", "conv3"}});
    }
  }
  const SpaceInfo& info() const override { return info_; }
  std::span<const Decision> decisions() const override { return decisions_; }
  std::optional<Blueprint> blueprint(const Task& task) const override {
    BlueprintBuilder builder;
    Value x = builder.input({Element::kFloat, task.input});
    {
      const Scope stem(builder, "stem");
      x = builder.add("conv2d", {x}, {{"out_channels", 4}, {"kernel", 3}, {"padding", 1}});
      x = builder.add("batch_norm", {x});
    }
    for (DecisionId cell = 0; cell < 2; ++cell) {
      const Scope scope(builder, "cells." + std::to_string(cell));
      const std::array edges{edge(builder, x, 0, "edge_0"), edge(builder, x, 1 + cell, "edge_1")};
      const Scope sum(builder, "sum");
      x = builder.add("add", edges);
    }
    x = builder.add("global_avg_pool", {x});
    builder.output("logits", builder.add("linear", {x}, {{"out_features", task.classes}}));
    return builder.finish();
  }
  ArchGraph build(const Architecture& architecture, const Task& task) const override {
    return resolve(*blueprint(task), architecture.choices);
  }
  Architecture parse(std::string_view) const override { return {info_.name, {0, 0, 0}}; }
  std::string format(const Architecture& architecture) const override {
    std::string text;
    for (std::size_t i = 0; i < 3; ++i) {
      text += (i == 0 ? "" : ",") + decisions_[i].choices[architecture.choices[i]];
    }
    return text;
  }

 private:
  static Value edge(GraphSink& sink, Value from, DecisionId decision, std::string_view name) {
    const Scope scope(sink, name);
    const auto conv = [&](int kernel) {
      return sink.add("relu_conv_bn", {from}, {{"out_channels", 4}, {"kernel", kernel}});
    };
    const std::vector<std::int64_t> all{0, 1, 2, 3};
    return sink.choose(
        ElasticValue::of(decision, std::span(all)),
        {[&] { return sink.add("zero", {from}); }, [&] { return sink.add("identity", {from}); },
         [&] { return conv(1); }, [&] { return conv(3); }});
  }

  SpaceInfo info_;
  std::vector<Decision> decisions_;
};

inline Task toy_task() {
  Task task;
  task.input = Shape{3, 8, 8};
  task.classes = 2;
  return task;
}

inline Blueprint toy_blueprint() {
  return *ToyCells().blueprint(toy_task());
}

}  // namespace nas::test
