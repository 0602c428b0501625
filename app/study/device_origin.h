#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/session/session.h"
#include "app/study/metric_origin.h"
#include "app/study/study_config.h"
#include "core/api/evaluation.h"

namespace nas {

// Values of devices that were added to the results database (nasctl device add).

/// The device of values that say nothing of its settings: as it was added, else the name alone;
/// nullopt for no name.
std::optional<Device> named_device(Session& session, const std::string& name);

/// Origin "measured:DEVICE": timed here with the settings of the device. Throws Error(kUsage) for
/// a device of another machine.
std::unique_ptr<Evaluator> make_measured_evaluator(Session& session, const SearchSpace& space,
                                                   const Task& task, const MetricOrigin& origin);

/// The same of a device that may be another machine's: there the evaluator says what a worker gives
/// that has the device, and evaluates nothing itself.
std::unique_ptr<Evaluator> make_distant_evaluator(Session& session, const SearchSpace& space,
                                                  const Task& task, const MetricOrigin& origin);

/// Origin "stored:DEVICE": what was measured or imported before, the newest of an architecture; an
/// architecture without a value is a failed trial. Values of a fidelity, such as cold caches, do
/// not count. The evaluator's fidelity has a digest of the values. Throws Error(kUsage) for a
/// device without any.
std::unique_ptr<Evaluator> make_stored_evaluator(Session& session, const SearchSpace& space,
                                                 const Task& task, const MetricOrigin& origin);

/// The configuration with an origin for each metric of an added device that has none: measured
/// where the device is this machine, else its look-up table, else its stored values; those of a
/// microcontroller of ours are planned. Metrics of
/// "host" and of unknown devices stay as they are. Throws Error(kUsage) for an added device that
/// nothing is known of.
StudyConfig with_device_origins(Session& session, StudyConfig config);

}  // namespace nas
