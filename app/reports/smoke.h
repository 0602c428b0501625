#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/session/session.h"
#include "app/study/study_config.h"

namespace nas {

/// A complete search in about half a minute of one core: NAS-Bench-201, random search, glyphs,
/// accuracy and parameters, five trials. One worker.
StudyConfig smoke_config();

/// "searchlight-smoke 1", tolerances, then a line for each trial: number, outcome, params, macs,
/// accuracy, architecture. Accuracies may differ between CPU types in the last images judged, hence
/// the stated tolerance; all else is exact.
std::string smoke_signature(Session& session, std::string_view study);

/// Throws Error(kData), with the line, for a text that is not a signature.
void check_signature(std::string_view text);

/// Readable lines on how `actual` differs from `expected`; empty when it agrees within the expected
/// file's tolerance. Throws Error(kData) for a file that is not a signature.
std::vector<std::string> compare_signatures(std::string_view expected, std::string_view actual);

}  // namespace nas
