#pragma once

#include <filesystem>
#include <string>

#include "app/session/session.h"
#include "core/api/store.h"

namespace nas {

/// A predictor that others have fitted and published.
struct PredictorImport {
  std::string name;
  PluginChoice plugin;         ///< that reads its tensors
  std::string space;           ///< of the architectures that it sees; may have options, by which
                               ///< the one that it is tried on is drawn
  std::string target;          ///< what it predicts: "eer"
  std::filesystem::path file;  ///< list of its tensors: JSON (predictors/flat_tensors.h) or CSV
                               ///< (predictors/csv_tensors.h)
  std::string part{};          ///< the one of several predictors in a CSV list
  bool replace = false;        ///< an existing predictor of this name
};

/// Restores the plug-in from the file, has it predict one architecture, and keeps it as a fitted
/// one. Throws Error(kUsage) for a name that is taken or no plain file name and for a plug-in or
/// space that does not fit, Error(kIo | kData) in one line for files that are missing or damaged.
PredictorRow import_predictor(Session& session, const PredictorImport& request);

}  // namespace nas
