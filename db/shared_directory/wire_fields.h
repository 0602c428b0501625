#pragma once

#include "core/api/device_store.h"
#include "core/api/store.h"
#include "core/api/study_editor.h"
#include "core/api/study_leads.h"
#include "core/api/trial_queue.h"
#include "core/api/worker_registry.h"
#include "db/shared_directory/wire.h"

namespace nas {

// The structures of the store, member by member in their order. The binding fails to compile when a
// structure has another number of members than are named here.

#define NAS_WIRE_FIELDS(type, ...)                       \
  template <class Self, class Visit>                     \
  requires std::same_as<std::remove_const_t<Self>, type> \
  void wire_fields(Self& self, const Visit& visit) {     \
    auto& [__VA_ARGS__] = self;                          \
    visit(__VA_ARGS__);                                  \
  }

NAS_WIRE_FIELDS(Digest, words)

NAS_WIRE_FIELDS(Environment, version, libraries, cpu, threads)
NAS_WIRE_FIELDS(Objective, metric, maximize)
NAS_WIRE_FIELDS(StudySpec, name, space, space_version, searcher, config, seed, budget, objectives,
                environment)
NAS_WIRE_FIELDS(StudyRow, id, spec, state, created, updated, complete, infeasible, failed, running)
NAS_WIRE_FIELDS(EventRow, at, study, trial, kind, text)
NAS_WIRE_FIELDS(StudyChange, name, config, budget, event)
NAS_WIRE_FIELDS(StudyRemoval, trials, values, architectures, models)
NAS_WIRE_FIELDS(StudyRecord::Event, kind, text)
NAS_WIRE_FIELDS(StudyRecord, points, events)

NAS_WIRE_FIELDS(Device, name, kind, settings)
NAS_WIRE_FIELDS(Interval, low, high)
NAS_WIRE_FIELDS(MetricValue, name, value, source, fidelity, device, network, interval)
NAS_WIRE_FIELDS(CurvePoint, epoch, name, value)
NAS_WIRE_FIELDS(TrialClaim, study, number, space, text, digest, params, macs, network, worker,
                lease, searcher, reason, ask)
NAS_WIRE_FIELDS(ClaimedTrial, trial, architecture, token)
NAS_WIRE_FIELDS(TrialFinish, claim, state, metrics, curve, network, error, reused, violation,
                seconds)
NAS_WIRE_FIELDS(TrialRow, id, number, architecture, text, digest, network, state, worker, reason,
                error, reused, violation, seconds, metrics)

NAS_WIRE_FIELDS(LeaderRow, study, number, text, value, network, params, macs, published_params,
                published_macs)
NAS_WIRE_FIELDS(ArchitectureKey, space, version, text, digest, params, macs)
NAS_WIRE_FIELDS(ModelRow, id, architecture, trial, path, sha256, fidelity, network, metric, value)
NAS_WIRE_FIELDS(DatasetRow, name, spec, content, classes, samples)
NAS_WIRE_FIELDS(DeviceRow, device, values)
NAS_WIRE_FIELDS(DeviceRecord, device, added, values)
NAS_WIRE_FIELDS(DeviceValue, space, architecture, digest, network, metric, value, source, fidelity)

NAS_WIRE_FIELDS(BenchmarkColumn, metric, dataset, split, epochs, statistic, device, unit, maximize,
                source, origin, network, width)
NAS_WIRE_FIELDS(BenchmarkInfo, name, space, version, source, licence, sha256)
NAS_WIRE_FIELDS(BenchmarkRow, id, info, rows, columns, imported)
NAS_WIRE_FIELDS(PredictorRow, id, name, plugin, options, space, target, features, samples, seed,
                path, sha256, report, created)
NAS_WIRE_FIELDS(ArtifactRow, id, kind, name, study, trial, architecture, path, sha256, bytes, info,
                version, created)
NAS_WIRE_FIELDS(QueryResult, columns, rows)
NAS_WIRE_FIELDS(StoreStats, tables, bytes, version, backend)

NAS_WIRE_FIELDS(Lead, study, token)
NAS_WIRE_FIELDS(LeadRequest, study, who, seconds, dead, needs)
NAS_WIRE_FIELDS(Leader, who, left)
NAS_WIRE_FIELDS(QueuedTrial, number, text, digest, params, macs, epochs, reason, ask)
NAS_WIRE_FIELDS(QueuedStudy, space, network, searcher)
NAS_WIRE_FIELDS(TakeRequest, study, worker, lease, limit, devices)
NAS_WIRE_FIELDS(TakenTrial, claim, number, text, digest, epochs, again)
NAS_WIRE_FIELDS(TrialTurn, stored, taken)
NAS_WIRE_FIELDS(Backlog, id, study, waiting, taken, needs)

NAS_WIRE_FIELDS(WorkerSpec, name, host, pid, environment, devices, job)
NAS_WIRE_FIELDS(WorkerPulse, state, note, trials, seconds)
NAS_WIRE_FIELDS(WorkerRow, id, spec, pulse, started, seen)
NAS_WIRE_FIELDS(RunningTrial, worker, study, number, started, left)
NAS_WIRE_FIELDS(AllocationRow, id, study, launcher, job, workers, asked, ended)

#undef NAS_WIRE_FIELDS

}  // namespace nas
