#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "predictors/zerocost/engine.h"
#include "searchspaces/registry.h"

namespace nas::test {

inline std::unique_ptr<SearchSpace> space_named(const std::string& name) {
  return find_plugin(space_plugins(), "space", name).make({});
}

inline std::map<std::string, ProxyScore> by_name(const std::vector<ProxyScore>& scores) {
  std::map<std::string, ProxyScore> result;
  for (const ProxyScore& score : scores) result[score.name] = score;
  return result;
}

inline std::vector<ProxyScore> scores_of(const ArchGraph& graph, const std::string& proxies,
                                         const ScoreSettings& settings = {}) {
  return ProxyEngine(parse_proxies(proxies), settings, nullptr).score(graph);
}

/// A network of a space, small enough for a unit test.
inline ArchGraph small_network(const std::string& space, const std::string& text,
                               std::int64_t width, std::int64_t depth) {
  const auto found = space_named(space);
  Task task = found->info().default_task;
  task.input = {3, 16, 16};
  task.width = width;
  task.depth = depth;
  return found->build(found->parse(text), task);
}

inline ArchGraph small_cell(const std::string& text) {
  return small_network("nasbench201", text, 4, 1);
}

inline const std::string kCell =
    "|nor_conv_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|skip_connect~0|nor_conv_3x3~1|"
    "nor_conv_3x3~2|";
/// The convolution of edge 1 -> 2 leads to node 2, which nothing reads.
inline const std::string kDeadCell =
    "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|none~2|";

}  // namespace nas::test
