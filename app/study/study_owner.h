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

/// As stored, but kPaused where a study is stored as running and the process of this machine that
/// ran it is gone. Elsewhere only a lease could tell, and a searcher that thinks holds none.
StudyState state_now(const Store& store, const StudyRow& study);

}  // namespace nas
