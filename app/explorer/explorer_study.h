#pragma once

#include <string>
#include <vector>

#include "app/study/constraint.h"
#include "core/api/store.h"
#include "core/util/options.h"

namespace nas {

/// What a study's recorded configuration says that views need: without the plug-ins, whose rules
/// may have changed since.
struct RecordedConfig {
  OptionMap space_options;
  std::vector<Constraint> constraints;  ///< `metric.text()` is the name of a column
};

/// Leaves out what it cannot read: a study of other making has no configuration of ours.
RecordedConfig recorded_config(const StudySpec& spec);

}  // namespace nas
