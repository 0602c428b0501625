#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/session/session.h"
#include "core/api/benchmark.h"
#include "core/api/predictor.h"
#include "predictors/zerocost/engine.h"

namespace nas {

/// What is scored with: proxies, settings, and the spec of a data set ("" or "noise": none).
struct ScoringChoice {
  std::vector<ProxyChoice> proxies;
  ScoreSettings settings;
  std::string data;
};

std::unique_ptr<ProxyEngine> make_engine(Session& session, const ScoringChoice& choice);
/// The scores of one network.
struct NetworkScores {
  std::vector<ProxyScore> scores;
  /// Proxies that the network does not fit, each with the reason.
  std::vector<std::pair<std::string, std::string>> unfit;
  std::string data_id;  ///< as of ProxyEngine
};
/// By those of the chosen proxies that can score it. Throws Error(kUnsupported) where none can,
/// and as `ProxyEngine::score`.
NetworkScores score_network(Session& session, ScoringChoice choice, const ArchGraph& graph);

/// The space's published network, for what the data set poses.
Task scoring_task(Session& session, const SearchSpace& space, const std::string& data);

/// Whether two origins of scores state the same engine and settings, whatever program wrote them.
bool same_scoring(const std::string& origin, const std::string& other);

/// Scores a whole space or benchmark into columns of the store.
struct BenchmarkScoring {
  std::string benchmark;  ///< is made from `space` when the store has none of this name
  PluginChoice space;     ///< only for a new benchmark
  ScoringChoice choice;
  std::int64_t count = 0;  ///< rows, drawn without repetition; 0: all
  std::int64_t workers = 1;
  double flush_seconds = 20;  ///< what a kill loses at most
};

struct ScoringReport {
  std::int64_t rows = 0;     ///< asked for
  std::int64_t scored = 0;   ///< networks that ran
  std::int64_t shared = 0;   ///< rows that share the scores of an equal network (equal digest)
  std::int64_t resumed = 0;  ///< rows that an earlier call had finished
  std::int64_t failed = 0;   ///< rows with a score of -inf
  std::string first_failure;
  double seconds = 0;
  bool complete = false;  ///< false: stopped, the same call resumes
  std::vector<std::string> columns;
};

/// Each row runs in one thread; columns are written every `flush_seconds`, and the same call
/// resumes after a kill. Rows with an equal digest share what their dead nodes cannot change.
/// Scores of sets (az_nas, te_nas, vote) are added when their parts are there. Throws Error(kUsage)
/// for a benchmark of no known space.
ScoringReport score_benchmark(Session& session, const BenchmarkScoring& scoring);

/// The rows of a benchmark that are scored: all, or `count` drawn ones; ascending.
std::vector<std::size_t> scored_rows(const BenchmarkScoring& scoring, std::size_t rows);

/// A benchmark with the scores that it has.
struct ScoredTable {
  const SearchSpace* space = nullptr;
  Benchmark table;
};
/// Made from `scoring.space` when the store has none of this name. Throws Error(kUsage) for a
/// benchmark of no known space, or of another one than `scoring.space`.
ScoredTable open_scored_table(Session& session, const BenchmarkScoring& scoring);

/// The architectures of a space (in its published order, or `count` drawn ones where it is too
/// large), without scores. Throws Error(kUsage) for a space or an option that is not known.
Benchmark unscored_benchmark(Session& session, const BenchmarkScoring& scoring);

}  // namespace nas
