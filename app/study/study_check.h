#pragma once

#include "app/session/session.h"
#include "app/study/evaluators.h"
#include "app/study/study_config.h"

namespace nas {

/// Refuses what would make every trial of a study fail, or its winner, before anything is stored:
/// settings that the searcher, an evaluator or the data refuse, a network that no architecture of
/// the space can be built as, a place that no model can be written to. Throws Error. Requires a
/// resolved configuration.
void check_study(Session& session, const StudyConfig& config,
                 Measuring measuring = Measuring::kHere);

}  // namespace nas
