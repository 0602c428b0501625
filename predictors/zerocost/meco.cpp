#include <array>
#include <cmath>
#include <map>
#include <string>

#include "predictors/zerocost/layer_proxy.h"
#include "predictors/zerocost/spectrum.h"

namespace nas {
namespace {

struct MecoOptions {
  std::string levels = "modules";
};

constexpr std::array kFields = {
    Field<MecoOptions>{"levels", &MecoOptions::levels,
                       "\"modules\": the output of every level of the module tree, so that a map "
                       "counts once for each container it leaves, as the released code hooks; "
                       "\"nodes\": each map once",
                       "", -std::numeric_limits<double>::infinity(),
                       std::numeric_limits<double>::infinity(), "MeCo, released code",
                       "modules|nodes"},
};

MecoOptions parse(const OptionMap& options) {
  return parse_fields<MecoOptions>(kFields, options, "proxy 'meco'");
}

double smallest_eigenvalue(const FeatureMap& map) {
  std::vector<double> correlations = row_correlations(map.values, map.channels);
  for (double& value : correlations) {
    if (!std::isfinite(value)) value = 0;
  }
  return symmetric_eigenvalues(correlations, map.channels).front();
}

/// How many modules a node is the output of: itself, and every scope whose last node it is.
std::vector<std::size_t> module_outputs(const ArchGraph& graph) {
  std::map<std::string, NodeId, std::less<>> last;
  for (NodeId node = 0; node < graph.size(); ++node) {
    const std::string_view scope = graph.scope(node);
    for (std::size_t end = 0; end != std::string_view::npos && !scope.empty();) {
      end = scope.find('/', end + 1);
      last[std::string(scope.substr(0, end))] = node;
    }
  }
  std::vector<std::size_t> counts(graph.size(), 1);
  for (const auto& [scope, node] : last) ++counts[node];
  return counts;
}

class Meco final : public Proxy {
 public:
  explicit Meco(const MecoOptions& options) : modules_(options.levels == "modules") {}
  std::uint32_t needs() const override { return kNeedsFeatureMaps; }
  bool sees_dead_nodes() const override { return true; }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    const std::vector<std::size_t> counts = module_outputs(*evidence.graph);
    for (const FeatureMap& map : evidence.feature_maps) {
      scores[0].value +=
          smallest_eigenvalue(map) * (modules_ ? static_cast<double>(counts[map.node]) : 1.0);
    }
  }

 private:
  bool modules_;
};

}  // namespace

extern constinit const Plugin<Proxy> meco_proxy{
    "meco",
    "smallest eigenvalues of the channel correlations of all feature maps of one image",
    "T. Jiang, H. Wang, R. Bie: MeCo: Zero-Shot NAS with One Data and Single Forward Pass via "
    "Minimum Eigenvalue of Correlation, NeurIPS 2023",
    [] { return describe_fields<MecoOptions>(kFields); },
    [](const OptionMap& options) { return fields_to_map<MecoOptions>(kFields, parse(options)); },
    [](const OptionMap& options) -> std::unique_ptr<Proxy> {
      return std::make_unique<Meco>(parse(options));
    }};

}  // namespace nas
