#include "hwmodels/tdnn_latency.h"

#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <string>

#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/regular_file.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kLayers = 5;

/// Milliseconds by the other columns of a file.
class LatencyFile {
 public:
  LatencyFile(const std::filesystem::path& folder, std::string_view part,
              std::vector<std::string_view> keys)
      : path_(folder / ("latency_v100_" + std::string(part) + ".csv")), keys_(std::move(keys)) {
    require_regular_file(path_);
    const CsvTable table = CsvTable::parse(read_file(path_), path_.string());
    std::vector<std::size_t> columns;
    for (const std::string_view key : keys_) columns.push_back(table.column(key));
    const std::size_t latency = table.column("latency_ms");
    for (std::size_t row = 0; row < table.rows(); ++row) {
      std::vector<std::int64_t> key;
      for (const std::size_t column : columns) {
        const auto number = parse_int(table.at(row, column));
        if (!number) fail(table, row, column, "a whole number");
        key.push_back(*number);
      }
      const auto value = parse_double(table.at(row, latency));
      if (!value || !std::isfinite(*value) || *value <= 0) {
        fail(table, row, latency, "milliseconds > 0");
      }
      if (!values_.emplace(std::move(key), *value).second) {
        throw Error(ErrorKind::kData, path_.string() + ", line " + std::to_string(table.line(row)) +
                                          ": a second latency of the same part");
      }
    }
  }

  double at(const std::vector<std::int64_t>& key) const {
    const auto found = values_.find(key);
    if (found != values_.end()) return found->second;
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < key.size(); ++i) {
      parts.push_back(std::string(keys_[i]) + " = " + std::to_string(key[i]));
    }
    throw Error(ErrorKind::kData, path_.string() + ": has no row with " + join(parts, ", "));
  }

 private:
  [[noreturn]] void fail(const CsvTable& table, std::size_t row, std::size_t column,
                         const std::string& expected) const {
    throw Error(ErrorKind::kData, path_.string() + ", line " + std::to_string(table.line(row)) +
                                      ": " + table.columns()[column] + " = '" +
                                      printable(table.at(row, column)) + "', expected " + expected);
  }

  std::filesystem::path path_;
  std::vector<std::string_view> keys_;
  std::map<std::vector<std::int64_t>, double> values_;
};

/// A decision of the space by name, with its choices as numbers.
struct NumberDecision {
  DecisionId id;
  std::vector<std::int64_t> numbers;
};

NumberDecision find_decision(const SearchSpace& space, const std::string& name) {
  const std::span<const Decision> decisions = space.decisions();
  for (DecisionId id = 0; id < decisions.size(); ++id) {
    if (decisions[id].name != name) continue;
    NumberDecision found{id, {}};
    for (const std::string& choice : decisions[id].choices) {
      found.numbers.push_back(parse_int(choice).value_or(0));
    }
    return found;
  }
  throw Error(ErrorKind::kUsage, "the latency table is of space 'efficient_tdnn', not '" +
                                     space.info().name + "', which has no decision '" + name + "'");
}

/// function(numbers of the decisions' choices) as a table over the choices.
ElasticValue part_of(const std::vector<NumberDecision>& decisions,
                     const std::function<double(const std::vector<std::int64_t>&)>& function) {
  std::vector<DecisionId> ids;
  std::vector<std::uint16_t> sizes;
  for (const NumberDecision& decision : decisions) {
    ids.push_back(decision.id);
    sizes.push_back(static_cast<std::uint16_t>(decision.numbers.size()));
  }
  return ElasticValue::of(ids, sizes, [&](Choices choices) {
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      numbers.push_back(decisions[i].numbers[choices[i]]);
    }
    return AttrValue(function(numbers));
  });
}

}  // namespace

TdnnLatency::TdnnLatency(const SearchSpace& space, const std::filesystem::path& folder) {
  using Numbers = std::vector<std::int64_t>;
  const NumberDecision depth = find_decision(space, "depth");
  const NumberDecision aggregate = find_decision(space, "aggregate/channels");
  std::array<NumberDecision, kLayers> channels, kernels;
  for (std::size_t layer = 0; layer < kLayers; ++layer) {
    const std::string scope = layer == 0 ? "layer_1" : "block_" + std::to_string(layer);
    channels[layer] = find_decision(space, scope + "/channels");
    kernels[layer] = find_decision(space, scope + "/kernel");
  }
  constexpr std::int64_t kFeatures = 80, kEmbedding = 192;
  const LatencyFile first(folder, "layer1", {"in_channels", "kernel_size", "out_channels"});
  parts_.push_back(part_of({kernels[0], channels[0]}, [&](const Numbers& of) {
    return first.at({kFeatures, of[0], of[1]});
  }));
  const LatencyFile blocks(folder, "blocks", {"channels", "kernel_size", "mid_channels"});
  for (std::size_t layer = 1; layer < kLayers; ++layer) {
    parts_.push_back(
        part_of({depth, channels[0], kernels[layer], channels[layer]}, [&](const Numbers& of) {
          const bool present = of[0] >= static_cast<std::int64_t>(layer);
          return present ? blocks.at({of[1], of[2], of[3]}) : 0.0;
        }));
  }
  const LatencyFile catconv(folder, "catconv", {"in_channels", "out_channels"});
  parts_.push_back(part_of({depth, channels[0], aggregate}, [&](const Numbers& of) {
    return catconv.at({of[0] * of[1], of[2]});
  }));
  const LatencyFile pool(folder, "pool", {"in_dim"});
  parts_.push_back(part_of({aggregate}, [&](const Numbers& of) { return pool.at({of[0]}); }));
  const LatencyFile embed(folder, "embed", {"in_features", "out_features"});
  parts_.push_back(part_of({aggregate}, [&](const Numbers& of) {
    return embed.at({2 * of[0], kEmbedding});
  }));
}

double TdnnLatency::milliseconds(Choices choices) const {
  double sum = 0;
  for (const ElasticValue& part : parts_) sum += part.at(choices).as_real();
  return sum;
}

}  // namespace nas
