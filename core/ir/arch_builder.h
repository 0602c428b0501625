#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/ir/arch_graph.h"
#include "core/ir/graph_sink.h"

namespace nas {

/// Builds an ArchGraph node by node; shapes are inferred at once, so a misfit is reported where it
/// is made: "conv2d 'cells.3/conv2d': groups = 3 does not divide in_channels = 16".
class ArchBuilder final : public GraphSink {
 public:
  ArchBuilder();
  ~ArchBuilder() override;

  Value input(const TensorType& type);
  Value choose(const ElasticValue& selector, std::span<const Alternative> alternatives) override;
  using GraphSink::choose;
  void push_scope(std::string_view name) override;
  void pop_scope() override;
  ElasticValue channels(Value value) const override;

  const TensorType& type(Value value) const;
  void output(std::string_view name, Value value);

  /// `input` with an explicit full scope, as `add_in_scope`.
  Value input_in_scope(const TensorType& type, std::string_view scope);
  /// Adds a primitive with an explicit full scope ("a/b/c"), as readers of text forms need it.
  Value add_in_scope(const OpSchema& op, std::span<const Value> inputs,
                     std::span<const AttrValue> attrs, std::string_view scope);

  /// Remembers the nodes from `region.begin` to `region.end` as those of one use of a macro, for
  /// builders of a graph that was described elsewhere. Outer uses come before inner ones, earlier
  /// before later ones. A use whose output is none of its nodes' is no region.
  void add_region(const Region& region);

  /// The finished graph; the builder is empty afterwards. Throws Error(kUsage) without an output.
  ArchGraph finish();

 protected:
  Value add_primitive(const OpSchema& op, std::span<const Value> inputs,
                      std::span<const ElasticValue> attrs) override;
  std::size_t open_region() override;
  void close_region(std::size_t place, const MacroUse& use) override;
  std::string_view current_scope() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nas
