#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/ops/op_schema.h"

namespace nas {

using DecisionId = std::uint32_t;
/// One choice for each decision of a space, in the order of `SearchSpace::decisions()`.
using Choices = std::span<const std::uint16_t>;

/// An attribute that is a constant or a function of a few decisions (kernel, channels, depth, rank,
/// bits; also "which alternative"). Stored as a dense table over the choices of those decisions, so
/// that it can be inspected, serialised and maximised for a supernet. A small immutable value. A
/// table whose values are all equal becomes a constant.
class ElasticValue {
 public:
  ElasticValue() = default;  ///< the constant 0
  ElasticValue(int value) : constant_(value) {}
  ElasticValue(std::int64_t value) : constant_(value) {}
  ElasticValue(bool value) : constant_(value) {}
  ElasticValue(double value) : constant_(value) {}
  ElasticValue(AttrValue value) : constant_(value) {}

  /// `values[c]` when decision `decision` has choice c.
  static ElasticValue of(DecisionId decision, std::vector<AttrValue> values);
  static ElasticValue of(DecisionId decision, std::span<const std::int64_t> values);
  /// A function of several decisions; `sizes[i]` = number of choices of `decisions[i]`. The
  /// function is called once for each combination, first decision slowest.
  static ElasticValue of(std::vector<DecisionId> decisions, std::vector<std::uint16_t> sizes,
                         const std::function<AttrValue(Choices)>& function);

  bool is_constant() const { return table_ == nullptr; }
  AttrValue at(Choices choices) const;  ///< choices of ALL decisions of the space
  std::span<const DecisionId> decisions() const;
  /// Number of choices of each of `decisions()`.
  std::span<const std::uint16_t> sizes() const;
  /// The table, first decision slowest (one value if constant); for supernets.
  std::span<const AttrValue> values() const;

  /// Applies a function to every value: padding = kernel.map([](k) { return k / 2; }).
  ElasticValue map(const std::function<AttrValue(AttrValue)>& function) const;
  ElasticValue map_int(const std::function<std::int64_t(std::int64_t)>& function) const;

  friend bool operator==(const ElasticValue& a, const ElasticValue& b);

 private:
  struct Table;
  explicit ElasticValue(std::shared_ptr<const Table> table) : table_(std::move(table)) {}
  AttrValue constant_{};
  std::shared_ptr<const Table> table_;
};

}  // namespace nas
