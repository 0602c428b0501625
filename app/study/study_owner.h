#pragma once

#include <string>

#include "core/api/store.h"

namespace nas {

/// "host:pid", the start of the worker names of this process.
std::string process_name();

/// Frees the trials of workers that are gone. Throws Error(kUsage) when a process of this machine
/// is running the study.
void reclaim_leftovers(Store& store, const StudyRow& study);

/// As `reclaim_leftovers`, and also refuses a study whose searcher is thinking between two trials:
/// for what must not happen under a running search.
void require_idle(Store& store, const StudyRow& study);

}  // namespace nas
