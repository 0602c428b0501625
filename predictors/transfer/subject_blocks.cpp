#include "predictors/transfer/subject_blocks.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "core/util/error.h"
#include "predictors/encoding.h"
#include "predictors/transfer/live_structure.h"

namespace nas {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

void append(std::vector<double>& values, std::span<const double> more) {
  values.insert(values.end(), more.begin(), more.end());
}

}  // namespace

SubjectBlocks::SubjectBlocks(const Subject& like) : space_(like.space) {
  if (space_ == nullptr) return;
  cells_ = dynamic_cast<const CellGraphs*>(space_);
  if (cells_ != nullptr) operations_ = cells_->cell_operations();
  std::map<std::pair<DecisionKind, std::string>, std::size_t> columns;
  for (const Decision& decision : space_->decisions()) {
    std::vector<std::size_t>& of = count_of_.emplace_back();
    for (const std::string& choice : decision.choices) {
      if (passes_nothing(choice)) {
        of.push_back(kNone);
        continue;
      }
      of.push_back(columns.emplace(std::pair(decision.kind, choice), columns.size()).first->second);
    }
  }
  counts_ = columns.size();
}

void SubjectBlocks::encode_choices(const Architecture& architecture, BlockRows& rows) const {
  const std::vector<double> choices = one_hot(*space_, architecture);
  append(rows.blocks[kChoices], choices);
  std::vector<double> counts(counts_, 0.0);
  std::size_t first = 0;
  for (std::size_t i = 0; i < count_of_.size(); ++i) {
    const std::uint16_t choice = architecture.choices[i];
    const std::size_t column = count_of_[i][choice];
    if (column != kNone) counts[column] += choices[first + choice];  // 0 where without effect
    first += count_of_[i].size();
  }
  append(rows.blocks[kCounts], counts);
}

void SubjectBlocks::encode_structure(const OpDag& dag, BlockRows& rows) const {
  const LiveStructure live = live_structure(dag, Pruning::kDead);
  append(rows.blocks[kLive], live.counts);
  append(rows.blocks[kLive],
         std::vector{live.valid ? 1.0 : 0.0, live.additions, live.depth, live.critical_macs,
                     live.work, live.parallelism, std::log1p(live.paths)});
  if (cells_ == nullptr) return;
  const LiveStructure needed = live_structure(dag, Pruning::kUnneeded);
  append(rows.blocks[kNeeded], needed.counts);
  rows.blocks[kNeeded].push_back(needed.additions);
}

BlockRows SubjectBlocks::encode(std::span<const Subject> subjects) const {
  BlockRows rows{subjects.size(), std::vector<std::vector<double>>(kBlocks)};
  for (const Subject& subject : subjects) {
    const auto space_of = [](const SearchSpace* space) {
      return space == nullptr ? std::string("no space") : "space '" + space->info().name + "'";
    };
    if ((subject.space == nullptr) != (space_ == nullptr) ||
        (space_ != nullptr && subject.space->info().name != space_->info().name)) {
      throw Error(ErrorKind::kUsage, "a subject of " + space_of(subject.space) +
                                         " among those of " + space_of(space_));
    }
    if (space_ != nullptr) encode_choices(*subject.architecture, rows);
    if (cells_ != nullptr) {
      encode_structure(dag_of(cells_->cell_graph(*subject.architecture), operations_), rows);
      continue;
    }
    std::optional<ArchGraph> built;
    if (subject.graph == nullptr) {
      built = space_->build(*subject.architecture, space_->info().default_task);
    }
    const ArchGraph& graph = subject.graph != nullptr ? *subject.graph : *built;
    append(rows.blocks[kCost], cost_features(graph));
    const OpDag dag = dag_of(graph);
    encode_structure(dag, rows);
    if (space_ == nullptr) {
      append(rows.blocks[kCounts], live_structure(dag, Pruning::kUnneeded).counts);
    }
  }
  return rows;
}

std::vector<double> cost_features(const ArchGraph& graph) {
  double dense = 0, depthwise = 0, params = 0, activations = 0, kernels = 0;
  for (NodeId node = 0; node < graph.size(); ++node) {
    const OpSchema& op = graph.op(node);
    if (op.role != OpRole::kWeight && op.role != OpRole::kOtherWeights &&
        op.role != OpRole::kWindowPool) {
      continue;
    }
    ++kernels;
    for (const TensorType& type : graph.output_types(node)) {
      activations += static_cast<double>(type.shape.elements());
    }
    double weights = 0;
    for (const ParamSpec& param : graph.params(node)) {
      if (param.trainable) weights += static_cast<double>(param.shape.elements());
    }
    params += weights;
    const std::span<const AttrSpec> attrs = op.attrs;
    const bool grouped = std::any_of(attrs.begin(), attrs.end(),
                                     [](const AttrSpec& attr) { return attr.name == "groups"; });
    // A depthwise convolution reads one channel for each that it writes.
    const bool per_channel =
        grouped && graph.get_int(node, "groups") > 1 &&
        graph.get_int(node, "groups") == graph.type(graph.inputs(node)[0]).shape[0];
    (per_channel ? depthwise : dense) += static_cast<double>(graph.cost(node).macs);
  }
  return {dense, depthwise, params, activations, kernels, dense + depthwise};
}

BlockScale BlockScale::of(const BlockRows& pool) {
  BlockScale scale;
  const auto n = static_cast<double>(pool.rows);
  for (const std::vector<double>& block : pool.blocks) {
    const std::size_t width = pool.rows == 0 ? 0 : block.size() / pool.rows;
    std::vector<double>& mean = scale.mean.emplace_back(width, 0.0);
    std::vector<double>& factor = scale.factor.emplace_back(width, 0.0);
    for (std::size_t i = 0; i < block.size(); ++i) mean[i % width] += block[i] / n;
    for (std::size_t i = 0; i < block.size(); ++i) {
      factor[i % width] += (block[i] - mean[i % width]) * (block[i] - mean[i % width]) / n;
    }
    for (std::size_t column = 0; column < width; ++column) {
      const double deviation = std::sqrt(factor[column]);
      const bool constant = deviation <= 1e-9 * std::max(1.0, std::abs(mean[column]));
      factor[column] = constant ? 0 : 1 / deviation;
    }
  }
  return scale;
}

void BlockScale::apply(BlockRows& rows) const {
  NAS_CHECK(rows.blocks.size() == mean.size(), "as many blocks as the pool");
  for (std::size_t block = 0; block < rows.blocks.size(); ++block) {
    std::vector<double>& values = rows.blocks[block];
    const std::size_t width = mean[block].size();
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = (values[i] - mean[block][i % width]) * factor[block][i % width];
    }
  }
}

std::size_t BlockScale::varying(std::size_t block) const {
  return static_cast<std::size_t>(std::count_if(factor[block].begin(), factor[block].end(),
                                                [](double value) { return value != 0; }));
}

}  // namespace nas
