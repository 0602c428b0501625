#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/ir/blueprint/blueprint.h"

namespace nas {

/// The type of a value of a blueprint: a function of the few decisions that its shape depends on.
class ElasticType {
 public:
  explicit ElasticType(const TensorType& type) : values_{type} {}
  /// `values` over all combinations, first decision slowest; decisions without influence are left
  /// out.
  ElasticType(std::vector<DecisionId> decisions, std::vector<std::uint16_t> sizes,
              std::vector<std::optional<TensorType>> values);

  std::span<const DecisionId> decisions() const { return decisions_; }
  std::span<const std::uint16_t> sizes() const { return sizes_; }
  /// nullopt: no network has these choices together with this value. Requires a choice for each of
  /// `decisions()`, at its place among all decisions.
  const std::optional<TensorType>& at(Choices choices) const;

 private:
  void drop(std::size_t position);
  bool depends_on(std::size_t position) const;

  std::vector<DecisionId> decisions_;
  std::vector<std::uint16_t> sizes_;
  std::vector<std::optional<TensorType>> values_;
};

/// Decisions with the number of their choices, each once, and a walk over their combinations.
class DecisionSet {
 public:
  void add(std::span<const DecisionId> decisions, std::span<const std::uint16_t> sizes);
  void add(const ElasticValue& value) { add(value.decisions(), value.sizes()); }
  void add(const ElasticType& type) { add(type.decisions(), type.sizes()); }

  const std::vector<DecisionId>& decisions() const { return decisions_; }
  const std::vector<std::uint16_t>& sizes() const { return sizes_; }
  /// Calls visit(choices) for every combination, first decision slowest. `choices` has a place for
  /// every decision up to the largest of the set, 0 for those outside of it. Throws
  /// Error(kUnsupported) for more than 1048576 combinations.
  template <class Visit>
  void for_each(Visit&& visit) const {
    std::vector<std::uint16_t> choices = first();
    do visit(Choices(choices));
    while (advance(choices));
  }

 private:
  std::vector<std::uint16_t> first() const;
  bool advance(std::vector<std::uint16_t>& choices) const;

  std::vector<DecisionId> decisions_;
  std::vector<std::uint16_t> sizes_;
};

/// By node: the types of its outputs, without resolving any network. A choice has those of what it
/// passes on. Cost models and supernets read shapes from it.
std::vector<std::vector<ElasticType>> output_types(const Blueprint& blueprint);

}  // namespace nas
