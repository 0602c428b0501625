#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/scoring/scoring.h"
#include "app/study/study_config.h"
#include "core/api/predictor.h"

namespace nas {

/// The proxy with the options that a study gives it, all of them.
ProxyChoice proxy_choice(const StudyScoring& scores, const std::string& name);
/// What `proxies` are computed with in a study. Requires a resolved configuration.
ScoringChoice scoring_choice(const StudyConfig& config, std::vector<ProxyChoice> proxies);

/// The stop token ended the scoring; what was scored is stored.
class ScoringStopped : public Error {
 public:
  using Error::Error;
};

/// The scores that a study's searcher ranks untrained networks by, every proxy with the study's
/// settings. Computed when asked for, each once: networks of an equal digest share what their dead
/// nodes cannot change, and the results database keeps every score, so that a resumed study (or
/// another one of the same settings) reads it. A network that cannot be scored has -inf.
class StudyScores final : public ScoreSource {
 public:
  enum class Mode {
    kCompute,
    kCheck,  ///< names, options and data are checked, nothing is computed: all scores are 0
  };
  /// Requires a resolved configuration. `session` must outlive it.
  StudyScores(Session& session, const StudyConfig& config, Mode mode);
  ~StudyScores() override;

  std::vector<std::string> names() const override;
  std::vector<Architecture> pool() const override { return {}; }
  /// Throws ScoringStopped besides. Safe from several threads, which take turns.
  std::vector<double> scores(std::span<const Architecture> architectures,
                             std::span<const std::string> names) const override;

  /// Has anyone asked for scores?
  bool asked() const { return asked_; }

  /// From here on without progress of its own: the search shows its own.
  void search_begins() { progress_ = &no_progress(); }

 private:
  struct Panel;
  struct Pending;
  using Row = std::map<std::string, double, std::less<>>;  ///< by score

  Panel& panel_of(std::span<const std::string> names) const;
  std::vector<Pending> missing(const Panel& panel, std::span<const Architecture> architectures,
                               Store& store) const;
  void compute(const Panel& panel, std::vector<Pending>& jobs, Store& store) const;
  void run_job(const Panel& panel, Pending& job) const;
  void say_failures(const std::vector<Pending>& jobs) const;
  void keep(const Panel& panel, const Pending& job, Store& store) const;

  Session& session_;
  const StudyConfig config_;
  const SearchSpace& space_;
  const Mode mode_;
  ProgressSink* progress_;
  mutable std::mutex mutex_;  ///< guards what follows
  mutable bool asked_ = false;
  mutable std::unique_ptr<Store> store_;
  mutable std::map<std::string, std::unique_ptr<Panel>> panels_;  ///< by their proxies
  mutable std::map<std::string, Row, std::less<>> known_;         ///< by text
};

}  // namespace nas
