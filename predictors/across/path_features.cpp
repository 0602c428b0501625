#include "predictors/across/path_features.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/api/cell_graph.h"
#include "predictors/transfer/live_structure.h"

namespace nas {
namespace {

constexpr std::array<const char*, PathFeatures::kWidth> kNames{
    "windows",         "points",       "pools",          "most_convs",   "most_windows",
    "most_pools",      "fewest_convs", "fewest_windows", "fewest_pools", "mean_convs",
    "mean_windows",    "mean_pools",   "without_conv",   "with_window",  "with_pool",
    "deviation_convs", "window_macs"};

enum class Step : std::uint8_t { kNone, kPoint, kWindow, kPool };

/// Cells name their operations in the words of the published spaces: "nor_conv_3x3",
/// "conv1x1-bn-relu", "sep_conv_5x5", "maxpool3x3".
Step step_of(std::string_view operation) {
  if (operation.find("pool") != std::string_view::npos) return Step::kPool;
  if (operation.find("conv") == std::string_view::npos) return Step::kNone;
  return operation.find("1x1") == std::string_view::npos ? Step::kWindow : Step::kPoint;
}

Step step_of(const ArchGraph& graph, NodeId node) {
  const OpSchema& op = graph.op(node);
  if (op.role == OpRole::kWindowPool) return Step::kPool;
  if (op.role != OpRole::kWeight) return Step::kNone;
  const bool window = std::any_of(op.attrs.begin(), op.attrs.end(),
                                  [](const AttrSpec& attr) { return attr.name == "kernel"; });
  return window && graph.get_int(node, "kernel") > 1 ? Step::kWindow : Step::kPoint;
}

/// Of all paths that end at a vertex.
struct Paths {
  double count = 0;
  std::array<double, 3> sum{}, most{}, fewest{}, without{};  ///< convolutions, windows, pools
  double squares = 0;                                        ///< of the number of convolutions

  void join(const Paths& other) {
    if (other.count == 0) return;
    for (std::size_t i = 0; i < sum.size(); ++i) {
      most[i] = count == 0 ? other.most[i] : std::max(most[i], other.most[i]);
      fewest[i] = count == 0 ? other.fewest[i] : std::min(fewest[i], other.fewest[i]);
      sum[i] += other.sum[i];
      without[i] += other.without[i];
    }
    squares += other.squares;
    count += other.count;
  }

  void pass(Step step) {
    if (step == Step::kNone || count == 0) return;
    if (step == Step::kPool) return pass_one(2);
    squares += 2 * sum[0] + count;
    pass_one(0);
    if (step == Step::kWindow) pass_one(1);
  }

  static Paths one() {
    Paths paths;
    paths.count = 1;
    paths.without = {1, 1, 1};
    return paths;
  }

 private:
  void pass_one(std::size_t i) {
    sum[i] += count;
    most[i] += 1;
    fewest[i] += 1;
    without[i] = 0;
  }
};

/// A cell or a unit: what is live in it and the paths through it.
struct Stretch {
  std::array<double, 3> counts{};  ///< windows, points, pools
  Paths paths;

  void add(Step step) {
    if (step != Step::kNone) counts[step == Step::kWindow ? 0 : step == Step::kPoint ? 1 : 2] += 1;
  }
  /// All features but the last, which is the network's.
  void add_to(std::array<double, PathFeatures::kWidth>& values, double part) const {
    std::size_t next = 0;
    const auto put = [&](double value) { values[next++] += part * value; };
    for (const double count : counts) put(count);
    for (const double most : paths.most) put(most);
    for (const double fewest : paths.fewest) put(fewest);
    for (const double sum : paths.sum) put(sum / paths.count);
    put(paths.without[0] / paths.count);
    put(1 - paths.without[1] / paths.count);
    put(1 - paths.without[2] / paths.count);
    const double mean = paths.sum[0] / paths.count;
    put(std::sqrt(std::max(0.0, paths.squares / paths.count - mean * mean)));
  }
};

/// Whole network or cell as one stretch. `steps`: by vertex.
Stretch whole_stretch(const OpDag& dag, std::span<const Step> steps,
                      const std::vector<bool>& live) {
  const Reads reads = reads_of(dag);
  std::vector<Paths> paths(steps.size());
  Stretch stretch;
  for (std::size_t vertex = 0; vertex < steps.size(); ++vertex) {
    if (!live[vertex]) continue;
    if (dag.vertices[vertex].source) paths[vertex] = Paths::one();
    for (const std::uint32_t from : reads[vertex]) {
      if (live[from]) paths[vertex].join(paths[from]);
    }
    paths[vertex].pass(steps[vertex]);
    stretch.add(steps[vertex]);
    if (dag.vertices[vertex].sink) stretch.paths.join(paths[vertex]);
  }
  return stretch;
}

/// "stages.1/cells.0" of "stages.1/cells.0/edge_0_1": up to the innermost name that ends in a dot
/// and a number; "" where none does.
std::string_view unit_name(std::string_view scope) {
  for (std::size_t end = scope.size(); end > 0;) {
    const std::size_t begin = scope.rfind('/', end - 1);
    const std::string_view name =
        scope.substr(begin == std::string_view::npos ? 0 : begin + 1,
                     end - (begin == std::string_view::npos ? 0 : begin + 1));
    std::size_t digits = name.size();
    while (digits > 0 && std::isdigit(static_cast<unsigned char>(name[digits - 1])) != 0) --digits;
    if (digits < name.size() && digits > 0 && name[digits - 1] == '.') return scope.substr(0, end);
    if (begin == std::string_view::npos) break;
    end = begin;
  }
  return {};
}

constexpr std::size_t kNoUnit = static_cast<std::size_t>(-1);

/// By vertex its unit; and how many there are. Units that hold other units are none themselves.
std::size_t units_of(const ArchGraph& graph, std::vector<std::size_t>& unit) {
  std::map<std::string_view, std::size_t> numbers;
  for (NodeId node = 0; node < graph.size(); ++node) {
    const std::string_view name = unit_name(graph.scope(node));
    if (!name.empty()) numbers.emplace(name, 0);
  }
  for (auto it = numbers.begin(); it != numbers.end();) {
    const std::string inside = std::string(it->first) + "/";
    const auto next = numbers.lower_bound(inside);
    const bool holds = next != numbers.end() && next->first.starts_with(inside);
    it = holds ? numbers.erase(it) : std::next(it);
  }
  std::size_t count = 0;
  for (auto& [name, number] : numbers) number = count++;
  unit.assign(graph.size(), kNoUnit);
  for (NodeId node = 0; node < graph.size(); ++node) {
    const auto found = numbers.find(unit_name(graph.scope(node)));
    if (found != numbers.end()) unit[node] = found->second;
  }
  return count;
}

/// Paths enter a unit with each value that it reads from outside and leave it with each vertex that
/// is read outside.
std::vector<Stretch> unit_stretches(const OpDag& dag, std::span<const Step> steps,
                                    const std::vector<bool>& live,
                                    std::span<const std::size_t> unit, std::size_t units) {
  const Reads reads = reads_of(dag);
  std::vector<bool> leaves(steps.size());
  for (const auto& [from, to] : dag.edges) {
    if (live[from] && live[to] && unit[from] != unit[to]) leaves[from] = true;
  }
  std::vector<Paths> paths(steps.size());
  std::vector<Stretch> stretches(units);
  for (std::size_t vertex = 0; vertex < steps.size(); ++vertex) {
    if (!live[vertex] || unit[vertex] == kNoUnit) continue;
    Stretch& stretch = stretches[unit[vertex]];
    for (const std::uint32_t from : reads[vertex]) {
      if (!live[from]) continue;
      paths[vertex].join(unit[from] == unit[vertex] ? paths[from] : Paths::one());
    }
    paths[vertex].pass(steps[vertex]);
    stretch.add(steps[vertex]);
    if (leaves[vertex] || dag.vertices[vertex].sink) stretch.paths.join(paths[vertex]);
  }
  for (Stretch& stretch : stretches) {  // nothing is left of it: it passes its input on
    if (stretch.paths.count == 0) stretch.paths = Paths::one();
  }
  return stretches;
}

std::vector<Stretch> stretches_of(const Subject& subject, const ArchGraph& graph, const OpDag& dag,
                                  const std::vector<bool>& live) {
  const auto* cells = dynamic_cast<const CellGraphs*>(subject.space);
  std::vector<Step> steps;
  if (cells != nullptr && subject.architecture != nullptr) {
    const std::vector<std::string> operations = cells->cell_operations();
    const OpDag cell = dag_of(cells->cell_graph(*subject.architecture), operations);
    for (const OpDag::Vertex& vertex : cell.vertices) {
      steps.push_back(step_of(operations[vertex.operation]));
    }
    return {whole_stretch(cell, steps, live_vertices(cell, Pruning::kDead))};
  }
  for (NodeId node = 0; node < graph.size(); ++node) steps.push_back(step_of(graph, node));
  std::vector<std::size_t> unit;
  const std::size_t units = units_of(graph, unit);
  if (units == 0) return {whole_stretch(dag, steps, live)};
  return unit_stretches(dag, steps, live, unit, units);
}

}  // namespace

std::span<const char* const> path_feature_names() {
  return kNames;
}

PathFeatures path_features(const Subject& subject) {
  std::optional<ArchGraph> built;
  if (subject.graph == nullptr) {
    built = subject.space->build(*subject.architecture, subject.space->info().default_task);
  }
  const ArchGraph& graph = subject.graph != nullptr ? *subject.graph : *built;
  const OpDag dag = dag_of(graph);
  const std::vector<bool> live = live_vertices(dag, Pruning::kDead);
  PathFeatures features;
  double window_macs = 0;
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (!live[node]) continue;
    features.valid = features.valid || dag.vertices[node].sink;
    features.macs += dag.vertices[node].macs;
    if (step_of(graph, node) == Step::kWindow) window_macs += dag.vertices[node].macs;
  }
  if (!features.valid) return features;
  const std::vector<Stretch> stretches = stretches_of(subject, graph, dag, live);
  const double part = 1 / static_cast<double>(stretches.size());
  for (const Stretch& stretch : stretches) {
    if (stretch.paths.count > 0) stretch.add_to(features.values, part);
  }
  features.values.back() = features.macs > 0 ? window_macs / features.macs : 0;
  return features;
}

}  // namespace nas
