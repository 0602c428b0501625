#include <algorithm>
#include <map>

#include "app/scoring/scoring.h"
#include "app/session/space_text.h"
#include "core/util/error.h"
#include "core/util/rng.h"
#include "core/util/text.h"
#include "predictors/zerocost/proxy.h"

namespace nas {
namespace {

bool is_noise(const std::string& data) {
  return data.empty() || data == "noise";
}

/// The texts of a space in its published order, or as many as asked for, drawn without repetition.
std::vector<std::string> space_texts(const SearchSpace& space, const BenchmarkScoring& scoring) {
  std::vector<std::string> texts;
  const auto* indexed = dynamic_cast<const IndexedSpace*>(&space);
  constexpr std::uint64_t kMostRows = 1'000'000;
  if (indexed != nullptr && indexed->size() <= kMostRows) {
    for (std::uint64_t i = 0; i < indexed->size(); ++i) {
      texts.push_back(space.format(indexed->at(i)));
    }
    return texts;
  }
  if (scoring.count == 0) {
    throw Error(ErrorKind::kUsage, "space '" + space.info().name +
                                       "' is too large to score whole; say how many with --count");
  }
  Rng rng({.seed = scoring.choice.settings.seed, .purpose = Purpose::kSample});
  std::map<std::string, bool> seen;
  for (std::int64_t tries = 0; tries < 100 * scoring.count; ++tries) {
    const std::string text = space.format(sample(space, rng));
    if (seen.emplace(text, true).second) texts.push_back(text);
    if (static_cast<std::int64_t>(texts.size()) == scoring.count) break;
  }
  return texts;
}

}  // namespace

Benchmark unscored_benchmark(Session& session, const BenchmarkScoring& scoring) {
  const SearchSpace& space = session.space(scoring.space);
  BenchmarkInfo info{.name = scoring.benchmark,
                     .space = space_text(scoring.space),
                     .space_version = space.info().version,
                     .source = "searchlight " + version_text() + ": scored untrained networks"};
  Benchmark table(std::move(info));
  table.set_rows(space_texts(space, scoring));
  return table;
}

std::unique_ptr<ProxyEngine> make_engine(Session& session, const ScoringChoice& choice) {
  return std::make_unique<ProxyEngine>(
      choice.proxies, choice.settings,
      is_noise(choice.data) ? nullptr : session.problem(choice.data));
}

NetworkScores score_network(Session& session, ScoringChoice choice, const ArchGraph& graph) {
  NetworkScores result;
  for (const ProxyChoice& asked : choice.proxies) {
    const auto proxy = find_plugin(proxy_plugins(), "proxy", asked.name).make(asked.options);
    std::string objection = proxy->objection(graph);
    if (!objection.empty()) result.unfit.emplace_back(asked.name, std::move(objection));
  }
  // Where none fits, the engine says why.
  if (result.unfit.size() < choice.proxies.size()) {
    std::erase_if(choice.proxies, [&](const ProxyChoice& proxy) {
      return std::ranges::any_of(result.unfit,
                                 [&](const auto& one) { return one.first == proxy.name; });
    });
  }
  const std::unique_ptr<ProxyEngine> engine = make_engine(session, choice);
  result.scores = engine->score(graph);
  result.data_id = engine->data_id();
  return result;
}

Task scoring_task(Session& session, const SearchSpace& space, const std::string& data) {
  if (is_noise(data)) return space.info().default_task;
  return task_for(space, *session.problem(data), Recipe{});
}

}  // namespace nas
