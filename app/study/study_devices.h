#pragma once

#include <string>
#include <vector>

#include "app/session/session.h"
#include "app/study/study_config.h"

namespace nas {

// Devices of workers. A machine is one itself: "machine lab-3 (AMD EPYC AVX512 x2)".

/// This machine, and the devices that were added to the store as settings of it.
std::vector<std::string> worker_devices(Session& session);

/// Devices that a study measures on, so that only a worker which has them can evaluate its trials:
/// those of the origin "measured", and the machine that latency_ms@host means: this one, where the
/// study is proposed.
std::vector<std::string> needed_devices(const StudyConfig& config);

}  // namespace nas
