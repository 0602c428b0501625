#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/session/session.h"
#include "core/api/benchmark.h"
#include "db/importers/importer.h"

namespace nas {

struct BenchmarkImport {
  std::filesystem::path path;
  std::string name;     ///< "": what the importer calls it
  std::string mapping;  ///< for tables: TOML file or built-in mapping; "": by the table's file name
  std::string importer;  ///< "": the first that recognises the file
  OptionMap options{};   ///< of the importer: curves, the half of a file
  bool force = false;    ///< keep a benchmark whose self-checks fail, and replace an existing one
};

/// Reads a public benchmark file, checks it and stores it. Columns of scores and predictions that
/// were added to a stored benchmark of this name stay, for the rows that are still there. Throws
/// Error(kUsage), saying what would go, when anything else of it would be lost or changed and
/// `force` is not set.
ImportResult import_benchmark(Session& session, const BenchmarkImport& request);

/// Adds to a benchmark that is about to be stored the scores and predictions that the stored one of
/// its name has, for the rows that both have. Returns the metrics of the columns.
std::vector<std::string> keep_computed(Session& session, Benchmark& fresh);

/// The space of a name; nullptr when it is none of ours.
const SearchSpace* find_space(Session& session, std::string_view name);

/// The space a benchmark's architectures are written in; nullptr when it is none of ours.
const SearchSpace* space_of(Session& session, const BenchmarkInfo& info);

/// Recomputes what can be recomputed: every text is read and written back, rows in the published
/// order, isomorphism classes, parameters and MACs of every row, percentages in range.
std::vector<SelfCheck> verify_benchmark(Session& session, const std::string& name);

/// The network that a published table means by a data set's name ("cifar10-valid", "cifar100",
/// "ImageNet16-120", "" = the space's own); nullopt for other names.
std::optional<Task> published_task(const SearchSpace& space, std::string_view dataset);

}  // namespace nas
