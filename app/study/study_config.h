#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/session/session.h"
#include "app/study/constraint.h"
#include "app/study/recipe_choice.h"

namespace nas {

/// How untrained networks are scored: as metrics ("synflow"), and for searchers that rank by
/// proxies.
struct StudyScoring {
  /// "noise", or as `StudyConfig::data`. "": the study's data where a metric is a proxy, else
  /// noise.
  std::string data;
  std::int64_t batch = 64;  ///< samples
  /// Proxies whose options differ from the defaults: "diswot:teacher=resnet20".
  std::vector<std::string> proxies;
  friend bool operator==(const StudyScoring&, const StudyScoring&) = default;
};

/// Everything a study is determined by, as the user writes it; the same struct behind the command
/// line and TOML.
struct StudyConfig {
  std::string name;  ///< "": SPACE-SEARCHER-SEED
  PluginChoice space;
  PluginChoice searcher{"random", {}};
  std::string data;           ///< "KIND:DIR" or an added name; "" when nothing is trained
  RecipeChoice recipe;        ///< how trials are trained
  bool train_winner = true;   ///< retrain the winner by `final_recipe` on all training samples
  RecipeChoice final_recipe;  ///< its width and depth are also those of cost and latency
  /// `parse_objective`; empty: the first metric of the data's problem.
  std::vector<std::string> objectives;
  std::vector<std::string> constraints;  ///< `parse_constraint`
  std::vector<std::string> origins;  ///< `parse_origin`: metrics that are looked up or predicted
  StudyScoring scores;
  std::int64_t budget_trials = 60;
  double budget_seconds = 0;  ///< no trial starts later; 0: no limit
  double trial_seconds = 0;   ///< a trial whose evaluation takes longer fails; 0: no limit
  std::int64_t workers = 1;   ///< trials at once, one thread each; part of what results depend on
  std::uint64_t seed = 0;
  std::int64_t latency_batch = 1;
  std::int64_t latency_threads = 1;
  friend bool operator==(const StudyConfig&, const StudyConfig&) = default;
};

/// Reads TOML (closed schema). Throws Error(kData) "file:line: ..." for malformed TOML, an unknown
/// key (with the near miss) or a value of the wrong type.
StudyConfig parse_study_config(std::string_view toml, std::string_view source_name);
StudyConfig read_study_config(const std::filesystem::path& path);

/// TOML that `parse_study_config` reads back as an equal value.
std::string to_toml(const StudyConfig& config);

/// Checks everything and fills every default in, so that the result says the whole truth and can be
/// run again. `data_spec` is what an added name of a data set stands for (app/session/data_spec.h);
/// "": `config.data` is a spec. Throws Error(kUsage) with all problems in one line.
StudyConfig resolve(const StudyConfig& config, std::string_view data_spec = "");

/// Lines in which two configurations differ: "seed: 0 -> 1".
std::vector<std::string> differences(const StudyConfig& a, const StudyConfig& b);

/// The metrics that objectives and constraints name.
std::vector<MetricKey> named_metrics(const StudyConfig& config);

/// Those of them that the study finds out itself.
std::vector<MetricKey> metrics_without_origin(const StudyConfig& config);

/// Is a zero-cost proxy an objective or constraint?
bool needs_proxies(const StudyConfig& config);

/// Is a metric that is measured on this host an objective or constraint?
bool needs_latency(const StudyConfig& config);

/// Does a study of this configuration train networks: is a problem's metric an objective or
/// constraint?
bool needs_training(const StudyConfig& config);

}  // namespace nas
