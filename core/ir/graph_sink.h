#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ir/elastic_value.h"

namespace nas {

/// A value under construction: an output port of a node added to a sink.
struct Value {
  std::uint32_t node = 0;
  std::uint32_t port = 0;
};

struct NamedAttr {
  std::string_view name;
  ElasticValue value;
};
using NamedAttrs = std::span<const NamedAttr>;

/// Something that operations can be added to: `ArchBuilder` (a concrete graph) and
/// `BlueprintBuilder` (a graph with open decisions). Macros expand into a sink, so they serve both.
class GraphSink {
 public:
  virtual ~GraphSink() = default;

  /// Adds one use of an operation and returns its first output. A macro is expanded, in a scope
  /// named after it. Throws Error(kUsage): unknown operation or attribute (near miss), attribute
  /// out of range, wrong number of inputs, shapes that do not fit (ArchBuilder; a blueprint learns
  /// shapes when it is resolved).
  Value add(std::string_view op, std::span<const Value> inputs, NamedAttrs attrs = {});
  Value add(std::string_view op, std::initializer_list<Value> inputs,
            std::initializer_list<NamedAttr> attrs = {}) {
    return add(op, std::span(inputs.begin(), inputs.size()),
               NamedAttrs(attrs.begin(), attrs.size()));
  }

  /// One of `alternatives`, which all may read values made before: `selector` gives its index. Only
  /// the selected one becomes part of a resolved graph. With a constant selector nothing else is
  /// built.
  using Alternative = std::function<Value()>;
  virtual Value choose(const ElasticValue& selector, std::span<const Alternative> alternatives) = 0;
  Value choose(const ElasticValue& selector, std::initializer_list<Alternative> alternatives) {
    return choose(selector, std::span(alternatives.begin(), alternatives.size()));
  }

  /// Enters a part of the network; `name` may hold several levels ("cells.3/edge_0_2"). Throws
  /// Error(kUsage) when it is empty or holds blanks, control characters, '#' or '@' (they delimit
  /// the text form).
  virtual void push_scope(std::string_view name) = 0;
  virtual void pop_scope() = 0;  ///< does nothing at the outermost level

  /// The channels (leading dimension) of a value, for macros. Throws Error(kUsage) where a
  /// blueprint, which knows no shapes, cannot tell (`ChannelRule`).
  virtual ElasticValue channels(Value value) const = 0;

 protected:
  /// `attrs` in schema order, complete.
  virtual Value add_primitive(const OpSchema& op, std::span<const Value> inputs,
                              std::span<const ElasticValue> attrs) = 0;
  struct MacroUse {
    const OpSchema& op;
    std::span<const Value> inputs;
    std::span<const ElasticValue> attrs;  ///< schema order, complete
    Value output;
  };
  /// Starts a region and returns its place: the nodes that are added until it is closed came from
  /// one use of a macro. One that is never closed is forgotten.
  virtual std::size_t open_region() = 0;
  virtual void close_region(std::size_t place, const MacroUse& use) = 0;
  /// The scope that holds now, "" outside of all; for error texts.
  virtual std::string_view current_scope() const = 0;
};

/// Throws Error(kUsage) unless the number of inputs and every value of every attribute fit the
/// schema.
void check_use(const OpSchema& op, std::size_t input_count, std::span<const ElasticValue> attrs);

/// Throws Error(kUsage) unless `name` can name a scope or an output (see `push_scope`).
void check_graph_name(std::string_view name);

/// Names a part of the network while it lives.
class Scope {
 public:
  Scope(GraphSink& sink, std::string_view name) : sink_(sink) { sink_.push_scope(name); }
  ~Scope() { sink_.pop_scope(); }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  GraphSink& sink_;
};

/// What a macro's `expand` sees.
class MacroCall {
 public:
  MacroCall(const OpSchema& op, std::span<const Value> inputs, std::span<const ElasticValue> attrs)
      : op_(op), inputs_(inputs), attrs_(attrs) {}
  Value input(std::size_t i = 0) const { return inputs_[i]; }
  std::span<const Value> inputs() const { return inputs_; }
  const ElasticValue& attr(std::string_view name) const { return attrs_[op_.attr_index(name)]; }
  /// The value of an attribute that the macro needs as a constant; Throws Error(kUsage) if it is
  /// elastic.
  std::int64_t constant_int(std::string_view name) const;

 private:
  const OpSchema& op_;
  std::span<const Value> inputs_;
  std::span<const ElasticValue> attrs_;
};

}  // namespace nas
