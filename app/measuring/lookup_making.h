#pragma once

#include <filesystem>
#include <string>

#include "app/measuring/lookup_plan.h"
#include "app/session/session.h"
#include "core/api/evaluation.h"

namespace nas {

struct LookupRequest {
  PluginChoice space;
  LookupWish wish;
  Device device;                 ///< of this machine
  std::filesystem::path output;  ///< CSV of our own form (hwmodels/lookup_table.h)
  bool force = false;            ///< replace the file
};

struct LookupReport {
  std::size_t entries = 0;
  std::size_t never_run = 0;  ///< entries of parts that no network runs; they count 0
  std::size_t networks = 0;   ///< measured, those of an interrupted run included
  std::size_t resumed = 0;    ///< of these, from an interrupted run
  /// Median over the entries of the distance between quartiles relative to the latency.
  double spread = 0;
  bool stopped = false;  ///< nothing was written but what a further run continues from
};

/// Measures every part of a space on this machine, inside whole networks, and writes the table.
/// What was measured is kept in OUTPUT.part until the table is written, so that the same request
/// continues after a kill. Says how long it will take once the first network is measured.
/// Throws Error(kUsage) where the output exists, or OUTPUT.part is of another request; as
/// `plan_lookup` and `measure_layers`.
LookupReport make_lookup_table(Session& session, const LookupRequest& request);

}  // namespace nas
