#pragma once

#include <span>
#include <string>

#include "app/study/study_data.h"

namespace nas {

/// Where the values of a study's metrics come from, for people: "accuracy: trained;
/// latency_ms@host: measured (batch=1,threads=1)", "loss: with the shared weights of supernet
/// first, as images 3x32x32, 10 classes, width 4" (where that is another network than the trials').
/// Leaves out what has no value yet, and what is computed of the network itself (params, macs).
std::string value_sources(const StudyData& study, std::span<const MetricKey> metrics);

}  // namespace nas
