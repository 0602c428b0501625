#include "predictors/transfer/extra_trees.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/util/error.h"

namespace nas {

/// What one tree is grown from.
struct ExtraTrees::Growth {
  std::span<const double> rows;
  std::size_t width;
  std::span<const double> targets;
  const ExtraTreesOptions& options;
  Rng rng;
  std::vector<std::size_t> order{};     ///< samples; a node owns a range
  std::vector<std::size_t> features{};  ///< shuffled as they are tried

  struct Split {
    std::size_t feature = 0;
    double threshold = 0;
    double score = -1;  ///< between-group sum of squares; larger is better
  };

  double at(std::size_t sample, std::size_t feature) const {
    return rows[sample * width + feature];
  }

  double mean(std::size_t begin, std::size_t end) const {
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += targets[order[i]];
    return sum / static_cast<double>(end - begin);
  }

  bool constant(std::size_t begin, std::size_t end) const {
    const auto [low, high] = std::minmax_element(
        order.begin() + static_cast<std::ptrdiff_t>(begin),
        order.begin() + static_cast<std::ptrdiff_t>(end),
        [this](std::size_t a, std::size_t b) { return targets[a] < targets[b]; });
    return targets[*low] == targets[*high];
  }

  /// One random threshold for one feature; false where the feature is constant here.
  bool try_feature(std::size_t feature, std::size_t begin, std::size_t end, Split& best) {
    double low = at(order[begin], feature), high = low;
    for (std::size_t i = begin + 1; i < end; ++i) {
      low = std::min(low, at(order[i], feature));
      high = std::max(high, at(order[i], feature));
    }
    if (!(high > low)) return false;
    const double threshold = rng.uniform(low, high);
    double left = 0, right = 0, count = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const bool goes_left = at(order[i], feature) <= threshold;
      (goes_left ? left : right) += targets[order[i]];
      count += goes_left ? 1 : 0;
    }
    const double others = static_cast<double>(end - begin) - count;
    const auto fewest = static_cast<double>(options.leaf);
    if (count < fewest || others < fewest) return true;
    const double score = left * left / count + right * right / others;
    if (score > best.score) best = {feature, threshold, score};
    return true;
  }

  Split best_split(std::size_t begin, std::size_t end) {
    const std::size_t wanted = options.features == 0 ? width : options.features;
    Split best;
    for (std::size_t i = 0, tried = 0; i < width && tried < wanted; ++i) {
      std::swap(features[i], features[i + rng.below(width - i)]);
      if (try_feature(features[i], begin, end, best)) ++tried;
    }
    return best;
  }
};

void ExtraTrees::fit(std::span<const double> rows, std::size_t width,
                     std::span<const double> targets, const ExtraTreesOptions& options, Rng rng) {
  nodes_.clear();
  roots_.clear();
  Growth growth{rows, width, targets, options, rng};
  growth.features.resize(width);
  std::iota(growth.features.begin(), growth.features.end(), 0);
  struct Range {
    int node;
    std::size_t begin, end;
  };
  for (std::size_t tree = 0; tree < options.trees; ++tree) {
    growth.order.resize(targets.size());
    std::iota(growth.order.begin(), growth.order.end(), 0);
    roots_.push_back(static_cast<int>(nodes_.size()));
    nodes_.emplace_back();
    std::vector<Range> open{{roots_.back(), 0, targets.size()}};
    while (!open.empty()) {
      const Range range = open.back();
      open.pop_back();
      const auto index = static_cast<std::size_t>(range.node);
      nodes_[index].value = growth.mean(range.begin, range.end);
      if (range.end - range.begin < 2 * options.leaf || growth.constant(range.begin, range.end)) {
        continue;
      }
      const Growth::Split split = growth.best_split(range.begin, range.end);
      if (split.score < 0) continue;
      const auto first = growth.order.begin();
      const auto middle = std::partition(
          first + static_cast<std::ptrdiff_t>(range.begin),
          first + static_cast<std::ptrdiff_t>(range.end),
          [&](std::size_t sample) { return growth.at(sample, split.feature) <= split.threshold; });
      const auto cut = static_cast<std::size_t>(middle - first);
      const int left = static_cast<int>(nodes_.size());
      nodes_[index] = {static_cast<int>(split.feature), split.threshold, left, left + 1};
      nodes_.resize(nodes_.size() + 2);
      open.push_back({left + 1, cut, range.end});
      open.push_back({left, range.begin, cut});
    }
  }
}

double ExtraTrees::predict(std::span<const double> row) const {
  double sum = 0;
  for (const int root : roots_) {
    const Node* node = &nodes_[static_cast<std::size_t>(root)];
    while (node->feature >= 0) {
      const bool left = row[static_cast<std::size_t>(node->feature)] <= node->value;
      node = &nodes_[static_cast<std::size_t>(left ? node->left : node->right)];
    }
    sum += node->value;
  }
  return roots_.empty() ? 0 : sum / static_cast<double>(roots_.size());
}

std::vector<double> ExtraTrees::save() const {
  std::vector<double> numbers;
  numbers.push_back(static_cast<double>(roots_.size()));
  for (const int root : roots_) numbers.push_back(root);
  for (const Node& node : nodes_) {
    numbers.insert(numbers.end(),
                   {static_cast<double>(node.feature), node.value, static_cast<double>(node.left),
                    static_cast<double>(node.right)});
  }
  return numbers;
}

void ExtraTrees::restore(std::span<const double> numbers, std::size_t width) {
  const auto fail = [] {
    throw Error(ErrorKind::kData, "fitted predictor: its trees are damaged");
  };
  const auto whole = [&](double number, double below) {
    if (!(number >= -1 && number < below) || number != std::floor(number)) fail();
    return static_cast<int>(number);
  };
  if (numbers.empty() || !(numbers[0] >= 0)) fail();
  const auto trees = static_cast<std::size_t>(whole(numbers[0], 1e6));
  if (numbers.size() < 1 + trees || (numbers.size() - 1 - trees) % 4 != 0) fail();
  const std::span<const double> values = numbers.subspan(1 + trees);
  const auto count = static_cast<double>(values.size() / 4);
  nodes_.clear();
  roots_.clear();
  for (std::size_t i = 0; i < trees; ++i) roots_.push_back(whole(numbers[1 + i], count));
  for (std::size_t i = 0; i < values.size(); i += 4) {
    Node node{whole(values[i], static_cast<double>(width)), values[i + 1], 0, 0};
    if (node.feature >= 0) {
      node.left = whole(values[i + 2], count);
      node.right = whole(values[i + 3], count);
      // Children stand behind their parent, so that no walk can go round.
      const auto self = static_cast<int>(i / 4);
      if (node.left <= self || node.right <= self) fail();
    }
    nodes_.push_back(node);
  }
  if (std::any_of(roots_.begin(), roots_.end(), [](int root) { return root < 0; })) fail();
}

}  // namespace nas
