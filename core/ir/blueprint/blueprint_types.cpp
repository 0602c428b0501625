#include "core/ir/blueprint/blueprint_types.h"

#include <algorithm>
#include <numeric>

#include "core/ops/registry.h"
#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::size_t kMaxCombinations = std::size_t{1} << 20;

std::size_t row_of(std::span<const DecisionId> decisions, std::span<const std::uint16_t> sizes,
                   Choices choices) {
  std::size_t row = 0;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    row = row * sizes[i] + choices[decisions[i]];
  }
  return row;
}

/// Infers types node by node, each over the decisions that its attributes and inputs depend on.
class Inference {
 public:
  explicit Inference(const Blueprint& blueprint) : blueprint_(blueprint) {}

  std::vector<std::vector<ElasticType>> run() {
    for (const BlueprintNode& node : blueprint_.nodes) {
      if (node.op == &input_op) {
        types_.push_back({ElasticType(node.input_type)});
      } else if (node.op == nullptr) {
        types_.push_back(of_choice(node));
      } else {
        types_.push_back(of_operation(node));
      }
    }
    return std::move(types_);
  }

 private:
  using Column = std::vector<std::optional<TensorType>>;

  const ElasticType& type(Value value) const { return types_[value.node][value.port]; }

  /// Only operations have several outputs, and alternatives are values: one output.
  std::vector<ElasticType> of_choice(const BlueprintNode& node) const {
    const ElasticValue& selector = blueprint_.selectors[node.selector];
    DecisionSet set;
    set.add(selector);
    for (const Value& input : node.inputs) set.add(type(input));
    Column column;
    set.for_each([&](Choices choices) {
      const auto selected = static_cast<std::size_t>(selector.at(choices).as_int());
      column.push_back(type(node.inputs[selected]).at(choices));
    });
    return {ElasticType(set.decisions(), set.sizes(), std::move(column))};
  }

  std::vector<ElasticType> of_operation(const BlueprintNode& node) const {
    DecisionSet set;
    for (const ElasticValue& attr : node.attrs) set.add(attr);
    for (const Value& input : node.inputs) set.add(type(input));
    std::vector<Column> columns;
    std::size_t row = 0;
    set.for_each([&](Choices choices) {
      const std::vector<TensorType> outputs = infer(node, choices);
      if (columns.size() < outputs.size()) columns.resize(outputs.size(), Column(row));
      for (std::size_t port = 0; port < columns.size(); ++port) {
        const bool known = port < outputs.size();
        columns[port].push_back(known ? std::optional(outputs[port]) : std::nullopt);
      }
      ++row;
    });
    if (columns.empty()) columns.emplace_back(row);
    std::vector<ElasticType> types;
    for (Column& column : columns) {
      types.emplace_back(set.decisions(), set.sizes(), std::move(column));
    }
    return types;
  }

  /// Empty where shapes do not fit: a guard keeps such choices from this node.
  std::vector<TensorType> infer(const BlueprintNode& node, Choices choices) const {
    std::vector<TensorType> inputs, outputs;
    for (const Value& input : node.inputs) {
      const std::optional<TensorType>& known = type(input).at(choices);
      if (!known) return {};
      inputs.push_back(*known);
    }
    std::vector<AttrValue> attrs;
    for (const ElasticValue& attr : node.attrs) attrs.push_back(attr.at(choices));
    try {
      node.op->infer({*node.op, attrs, inputs}, outputs);
    } catch (const Error&) {
      return {};
    }
    return outputs;
  }

  const Blueprint& blueprint_;
  std::vector<std::vector<ElasticType>> types_;
};

}  // namespace

ElasticType::ElasticType(std::vector<DecisionId> decisions, std::vector<std::uint16_t> sizes,
                         std::vector<std::optional<TensorType>> values)
    : decisions_(std::move(decisions)), sizes_(std::move(sizes)), values_(std::move(values)) {
  for (std::size_t position = decisions_.size(); position-- > 0;) {
    if (!depends_on(position)) drop(position);
  }
}

bool ElasticType::depends_on(std::size_t position) const {
  const auto after = sizes_.begin() + static_cast<std::ptrdiff_t>(position) + 1;
  const auto stride = std::accumulate(after, sizes_.end(), std::size_t{1}, std::multiplies<>());
  for (std::size_t row = 0; row < values_.size(); ++row) {
    const std::size_t choice = row / stride % sizes_[position];
    if (values_[row] != values_[row - choice * stride]) return true;
  }
  return false;
}

void ElasticType::drop(std::size_t position) {
  const auto after = sizes_.begin() + static_cast<std::ptrdiff_t>(position) + 1;
  const auto stride = std::accumulate(after, sizes_.end(), std::size_t{1}, std::multiplies<>());
  std::vector<std::optional<TensorType>> kept;
  for (std::size_t row = 0; row < values_.size(); ++row) {
    if (row / stride % sizes_[position] == 0) kept.push_back(values_[row]);
  }
  values_ = std::move(kept);
  decisions_.erase(decisions_.begin() + static_cast<std::ptrdiff_t>(position));
  sizes_.erase(sizes_.begin() + static_cast<std::ptrdiff_t>(position));
}

const std::optional<TensorType>& ElasticType::at(Choices choices) const {
  return values_[row_of(decisions_, sizes_, choices)];
}

void DecisionSet::add(std::span<const DecisionId> decisions, std::span<const std::uint16_t> sizes) {
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    if (std::ranges::find(decisions_, decisions[i]) != decisions_.end()) continue;
    decisions_.push_back(decisions[i]);
    sizes_.push_back(sizes[i]);
  }
}

std::vector<std::uint16_t> DecisionSet::first() const {
  std::size_t combinations = 1;
  for (const std::uint16_t size : sizes_) {
    combinations *= size;
    if (combinations > kMaxCombinations) {
      throw Error(ErrorKind::kUnsupported, "a part of the network depends on " +
                                               std::to_string(decisions_.size()) +
                                               " decisions, with more than 1048576 combinations");
    }
  }
  const auto largest = std::ranges::max_element(decisions_);
  return std::vector<std::uint16_t>(largest == decisions_.end() ? 0 : *largest + 1);
}

bool DecisionSet::advance(std::vector<std::uint16_t>& choices) const {
  for (std::size_t i = decisions_.size(); i-- > 0;) {
    std::uint16_t& choice = choices[decisions_[i]];
    if (++choice < sizes_[i]) return true;
    choice = 0;
  }
  return false;
}

std::vector<std::vector<ElasticType>> output_types(const Blueprint& blueprint) {
  return Inference(blueprint).run();
}

}  // namespace nas
