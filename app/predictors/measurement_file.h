#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/session/session.h"

namespace nas {

/// What a user measured.
struct Measurements {
  std::vector<Architecture> architectures;
  std::vector<double> values;
};

/// The space is chosen with its options: what a text means may depend on them.
/// A table (core/util/csv.h) with the columns "architecture" (any notation of the space) and
/// `metric`, its numbers written as in tables of benchmarks. Rows whose value is empty or a word
/// such as NA are not measured yet and left out. Throws Error(kData) with file and line: a
/// missing column, a text that is not an architecture, a value that is not a positive number (-1
/// means "no measurement" in public tables), no measurement at all.
Measurements read_measurements(Session& session, const PluginChoice& space,
                               const std::filesystem::path& file, const std::string& metric);

}  // namespace nas
