#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/session/session.h"
#include "app/study/study.h"
#include "app/study/study_config.h"

namespace nas {

/// Trains (part of) a space by our own runtime and makes a benchmark of it.
struct BenchmarkBuild {
  std::string name;
  PluginChoice space;
  std::string data;
  RecipeChoice recipe;
  /// From this published index on; nullopt: architectures drawn at random, none twice.
  std::optional<std::int64_t> first;
  std::int64_t count = 0;  ///< architectures
  std::int64_t workers = 1;
  std::uint64_t seed = 0;  ///< of the draw
};

struct BuildReport {
  StudyReport study;
  std::int64_t rows = 0;
  std::int64_t trained = 0;  ///< networks that were trained; the other rows equal one of them
  bool complete = false;     ///< false: stopped before the end, the same call resumes
};

/// The study that trains it: its trials are committed one by one, and so survive a kill.
StudyConfig build_config(const BenchmarkBuild& build);

/// Runs or continues that study and stores its finished trials as a benchmark of equal standing
/// with imported ones: the first metric of the problem (valid), training seconds, parameters, MACs
/// and the learning curves as wide columns. A network that could not be trained has the worst
/// value. Throws Error(kUsage) when the name belongs to another benchmark or to a build with other
/// settings.
BuildReport build_benchmark(Session& session, const BenchmarkBuild& build);

}  // namespace nas
