#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "app/session/session.h"
#include "app/study/study_config.h"
#include "app/study/study_trial.h"
#include "core/api/searcher.h"
#include "core/api/store.h"
#include "core/util/error.h"

namespace nas {

/// The stop token ended a preparation; the checkpoint has how far it came.
class PreparationStopped : public Error {
 public:
  using Error::Error;
};

/// The searcher of a study. A PreparedSearcher is wrapped: its `start` also prepares it, by as many
/// threads as the study has workers, and throws PreparationStopped. The checkpoint lies beside the
/// database, one for each study, and stays when the study is finished: a larger budget continues at
/// once. Events are stored once, whatever runs again. Everything but the study must outlive it.
std::unique_ptr<Searcher> study_searcher(Session& session, const StudyConfig& config,
                                         const StudyRow& study, const StudyPlan& plan);

/// Where the preparation of a study of this name is kept; nothing is there unless one began.
std::filesystem::path preparation_file(const Session& session, const std::string& study);

/// After `Searcher::start`: throws Error(kUsage | kUnsupported | kData) for what its preparation
/// would refuse. `evaluators`: those of the study. Requires a resolved configuration.
void check_preparation(Session& session, const StudyConfig& config, const Searcher& searcher,
                       std::span<const std::unique_ptr<Evaluator>> evaluators);

}  // namespace nas
