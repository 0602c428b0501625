#pragma once

#include <functional>
#include <memory>

#include "core/api/store.h"

namespace nas::test {

// What every implementation of Store must do. The test file of a back end makes a `Backend` and
// calls the eight checks; each law (in the eight *_laws.cpp) gets an empty store of its own.

/// An empty store whose clock the suite can move.
struct Backend {
  std::shared_ptr<void> resources;  ///< what must outlive the store (a directory, who answers it)
  std::unique_ptr<Store> store;
  std::function<void(double seconds)> advance_clock;
};
using MakeBackend = std::function<Backend()>;
using Law = void (*)(Backend&);

void check_study_laws(const MakeBackend& make);
void check_trial_laws(const MakeBackend& make);
void check_result_laws(const MakeBackend& make);
void check_benchmark_laws(const MakeBackend& make);
void check_artifact_laws(const MakeBackend& make);
void check_lead_laws(const MakeBackend& make);
void check_queue_laws(const MakeBackend& make);
void check_worker_laws(const MakeBackend& make);

}  // namespace nas::test
