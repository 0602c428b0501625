#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/benchmark.h"
#include "core/api/search_space.h"
#include "core/util/progress.h"

namespace nas {

/// The space of a name, which lives as long as the session. nullptr where spaces are left out;
/// throws Error(kUsage) with the near misses of an unknown name.
using SpaceLookup = std::function<const SearchSpace*(std::string_view name)>;

/// One thing an importer verified about what it read.
struct SelfCheck {
  std::string what;  ///< "best accuracy:dataset=cifar10,..."
  std::string expected;
  std::string got;
  bool ok = false;
};

struct ImportRequest {
  std::filesystem::path path;
  std::string name;     ///< of the benchmark; "" = what the importer calls it
  std::string mapping;  ///< for tables: a TOML file, or the name of a built-in mapping; "" = by the
                        ///< table's file name
  bool force = false;   ///< keep a benchmark whose self-check fails, with a note
  ProgressSink* progress = &no_progress();
  std::stop_token stop{};
  SpaceLookup space{};  ///< empty: architectures stay as they are written, nothing is recomputed
};

struct ImportResult {
  Benchmark benchmark;
  std::vector<SelfCheck> checks;
  std::vector<std::string> notes;  ///< for the user: rows that are missing, failed values, labels
};

/// Reads one kind of public benchmark file. Stateless, safe from several threads.
class Importer {
 public:
  virtual ~Importer() = default;
  /// By name and first bytes; never reads a large file.
  virtual bool recognises(const std::filesystem::path& path) const = 0;
  /// Throws Error(kData) naming the place for anything that is not as the format says, and, unless
  /// forced, when a self-check fails; Error(kUsage) when the stop token ends it.
  virtual ImportResult import(const ImportRequest& request) const = 0;
};

}  // namespace nas
