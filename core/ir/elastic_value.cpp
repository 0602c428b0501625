#include "core/ir/elastic_value.h"

#include <algorithm>
#include <string>
#include <utility>

namespace nas {
namespace {

constexpr std::size_t kMaxTable = std::size_t{1} << 20;

[[noreturn]] void fail(const std::string& text) {
  throw Error(ErrorKind::kUsage, "elastic value: " + text);
}

}  // namespace

struct ElasticValue::Table {
  std::vector<DecisionId> decisions;
  std::vector<std::uint16_t> sizes;
  std::vector<AttrValue> values;
  friend bool operator==(const Table&, const Table&) = default;

  static ElasticValue make(Table table) {
    const bool equal = std::ranges::all_of(
        table.values, [&](AttrValue value) { return value == table.values.front(); });
    return equal ? ElasticValue(table.values.front())
                 : ElasticValue(std::make_shared<const Table>(std::move(table)));
  }
};

ElasticValue ElasticValue::of(DecisionId decision, std::vector<AttrValue> values) {
  if (values.empty() || values.size() > 0xffff) {
    fail("decision " + std::to_string(decision) + " needs 1 to 65535 values, not " +
         std::to_string(values.size()));
  }
  const auto size = static_cast<std::uint16_t>(values.size());
  return Table::make({{decision}, {size}, std::move(values)});
}

ElasticValue ElasticValue::of(DecisionId decision, std::span<const std::int64_t> values) {
  return of(decision, std::vector<AttrValue>(values.begin(), values.end()));
}

ElasticValue ElasticValue::of(std::vector<DecisionId> decisions, std::vector<std::uint16_t> sizes,
                              const std::function<AttrValue(Choices)>& function) {
  if (decisions.size() != sizes.size()) {
    fail(std::to_string(decisions.size()) + " decisions, but " + std::to_string(sizes.size()) +
         " sizes");
  }
  std::size_t total = 1;
  for (const std::uint16_t size : sizes) {
    total *= size;
    if (total == 0 || total > kMaxTable) {
      fail("the table over all choices must have 1 to 1048576 entries");
    }
  }
  std::vector<AttrValue> values;
  values.reserve(total);
  std::vector<std::uint16_t> choices(sizes.size(), 0);
  for (std::size_t row = 0; row < total; ++row) {
    values.push_back(function(choices));
    for (std::size_t i = sizes.size(); i-- > 0;) {
      if (++choices[i] < sizes[i]) {
        break;
      }
      choices[i] = 0;
    }
  }
  return Table::make({std::move(decisions), std::move(sizes), std::move(values)});
}

AttrValue ElasticValue::at(Choices choices) const {
  if (table_ == nullptr) {
    return constant_;
  }
  std::size_t row = 0;
  for (std::size_t i = 0; i < table_->decisions.size(); ++i) {
    const DecisionId decision = table_->decisions[i];
    if (decision >= choices.size()) {
      fail("decision " + std::to_string(decision) + " has no choice (" +
           std::to_string(choices.size()) + " choices given)");
    }
    if (choices[decision] >= table_->sizes[i]) {
      fail("choice " + std::to_string(choices[decision]) + " of decision " +
           std::to_string(decision) + " must be < " + std::to_string(table_->sizes[i]));
    }
    row = row * table_->sizes[i] + choices[decision];
  }
  return table_->values[row];
}

std::span<const DecisionId> ElasticValue::decisions() const {
  return table_ == nullptr ? std::span<const DecisionId>{} : table_->decisions;
}

std::span<const std::uint16_t> ElasticValue::sizes() const {
  return table_ == nullptr ? std::span<const std::uint16_t>{} : table_->sizes;
}

std::span<const AttrValue> ElasticValue::values() const {
  return table_ == nullptr ? std::span(&constant_, 1) : std::span<const AttrValue>(table_->values);
}

ElasticValue ElasticValue::map(const std::function<AttrValue(AttrValue)>& function) const {
  if (table_ == nullptr) {
    return function(constant_);
  }
  Table mapped = *table_;
  std::ranges::transform(mapped.values, mapped.values.begin(), function);
  return Table::make(std::move(mapped));
}

ElasticValue ElasticValue::map_int(
    const std::function<std::int64_t(std::int64_t)>& function) const {
  return map([&](AttrValue value) { return AttrValue(function(value.as_int())); });
}

bool operator==(const ElasticValue& a, const ElasticValue& b) {
  if (a.table_ == nullptr || b.table_ == nullptr) {
    return a.table_ == b.table_ && a.constant_ == b.constant_;
  }
  return a.table_ == b.table_ || *a.table_ == *b.table_;
}

}  // namespace nas
