#pragma once

#include <string>

#include "core/api/store.h"
#include "core/util/process.h"

namespace nas {

/// Is the process behind "host:pid" or "host:pid:thread" another one of this machine, and gone?
bool is_gone(const std::string& name);

/// Stores that this process runs the study from now on: it may prepare for hours before a trial has
/// a worker's name.
void note_owner(Store& store, const StudyRow& study);

/// Frees the trials of workers that are gone.
void reclaim_gone(Store& store, const StudyRow& study);

/// The same. Throws Error(kUsage) when a process of this machine
/// is running the study, also one that prepares it or whose searcher is thinking between two
/// trials.
void require_idle(Store& store, const StudyRow& study);

/// As stored, but kPaused where a study is stored as running and nobody runs it: the process is
/// gone, or its lease on the study has passed. A study that an earlier version ran has no lease;
/// then only a process of this machine can be known to be gone.
StudyState state_now(const Store& store, const StudyRow& study);

}  // namespace nas
