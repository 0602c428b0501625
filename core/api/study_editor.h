#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/api/store.h"
#include "core/util/error.h"

namespace nas {

/// What of a study may change once it exists.
struct StudyChange {
  std::string name;  ///< as in StudySpec
  std::string config;
  std::int64_t budget_trials = 0;
  std::string event;  ///< one line for the event log
};

/// What removing a study takes away and what it leaves.
struct StudyRemoval {
  std::int64_t trials = 0;
  std::int64_t values = 0;
  std::int64_t architectures = 0;  ///< that nothing else refers to
  /// Paths of models and artifacts; rows and files stay, without their trial and study.
  std::vector<std::string> models;
};

/// A store whose studies can be changed and removed; every method is one transaction, as of Store.
class StudyEditor {
 public:
  virtual ~StudyEditor() = default;
  /// Throws Error(kUsage) when another study has the name, or there is none with this id. Trials
  /// that reused a value of this study get its new name.
  virtual void change_study(std::int64_t study_id, const StudyChange& change) = 0;
  /// Removes a study with its trials, their values, curves and events. Architectures and networks
  /// that anything else refers to stay, and so do values outside any trial. Throws Error(kUsage)
  /// while a trial of it has a lease, and when there is none with this id. `dry_run`: counts,
  /// changes nothing.
  virtual StudyRemoval remove_study(std::int64_t study_id, bool dry_run) = 0;
};

/// The same store. Throws Error(kUnsupported) for one that cannot edit.
inline StudyEditor& study_editor(Store& store) {
  if (auto* editor = dynamic_cast<StudyEditor*>(&store)) return *editor;
  throw Error(ErrorKind::kUnsupported, "this store cannot change or remove studies");
}

}  // namespace nas
