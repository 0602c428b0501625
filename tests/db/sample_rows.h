#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>

#include "core/api/store.h"

namespace nas::test {

inline StudySpec sample_study(const std::string& name) {
  return {.name = name,
          .space = "nasbench201",
          .space_version = "1",
          .searcher = "random",
          .config = "searcher = \"random\"\n",
          .seed = 7,
          .budget_trials = 100,
          .objectives = {{"accuracy", true}, {"latency_ms@host", false}},
          .environment = {"0.1.0 (abc)", "sqlite 3.40.1", "test cpu", 2}};
}

/// A claim of an architecture of its own for each `number`.
inline TrialClaim sample_claim(std::int64_t study_id, std::int64_t number) {
  return {.study_id = study_id,
          .number = number,
          .space = "nasbench201",
          .text = "|conv~" + std::to_string(number) + "|",
          .digest = Digest{{1, static_cast<std::uint64_t>(number)}},
          .published_params = 1000 + number,
          .published_macs = 2000 + number,
          .network = "image: float[3,32,32] -> class: classes[10]; width=16; depth=5",
          .worker = "host:1:0",
          .lease_seconds = 60,
          .searcher = "random",
          .reason = "sample " + std::to_string(number),
          .ask_seconds = 0.25};
}

inline Device host_device() {
  return {"host", "cpu", "batch=1,threads=1,precision=float32"};
}

inline MetricValue sample_metric(const std::string& name, double value) {
  return {.name = name,
          .value = value,
          .source = MetricSource::kMeasured,
          .fidelity = name == "accuracy" ? "data=glyphs,epochs=1" : "",
          .device = name == "latency_ms" ? std::optional<Device>(host_device()) : std::nullopt};
}

/// A complete result with the metric "accuracy".
inline TrialFinish sample_finish(const ClaimedTrial& claim, double accuracy) {
  TrialFinish finish;
  finish.claim = claim;
  finish.metrics = {sample_metric("accuracy", accuracy)};
  finish.seconds = 1.5;
  return finish;
}

/// Nothing is wrong but that the files of models and predictors, which rows of tests only name, are
/// not there.
inline void check_sound(const Store& store) {
  for (const std::string& problem : store.check()) {
    CHECK_MESSAGE(problem.find(".safetensors") != std::string::npos, problem);
  }
}

/// Claims and completes one trial.
inline ClaimedTrial complete_trial(Store& store, std::int64_t study_id, std::int64_t number,
                                   double accuracy) {
  const ClaimedTrial claim = store.claim(sample_claim(study_id, number)).value();
  store.finish(sample_finish(claim, accuracy));
  return claim;
}

}  // namespace nas::test
