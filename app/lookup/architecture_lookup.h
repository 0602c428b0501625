#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/benchmarks/table_rows.h"
#include "app/session/session.h"
#include "app/study/study_config.h"
#include "core/api/benchmark.h"
#include "core/api/stated_network.h"

namespace nas {

/// What ARCHITECTURE may be, for help.
inline constexpr std::string_view kArchitectureWords =
    "in any notation of the space (nasctl space show NAME), its published hash, index:N (published "
    "order), trial:STUDY/N, row:BENCHMARK/N (row:N of the benchmark asked about), or @FILE that "
    "holds one of these";

/// A trial with the study that says which network it was judged as (app/study/trial_network.h).
struct NamedTrial {
  StudyConfig config;
  TrialRow row;
};

/// An architecture that a text names.
struct NamedByText {
  PluginChoice choice;
  const SearchSpace* space = nullptr;
  Architecture architecture;
  std::string text;  ///< canonical
  std::string note;  ///< how the text was understood, for people; "" where that goes without saying
  std::optional<NamedTrial> trial{};  ///< of "trial:STUDY/N"
  StatedNetwork stated{};  ///< what the notation says of the network (a result of NAS-Bench-301)
};

/// What a text is in a benchmark.
struct RowOfText {
  std::optional<FoundRow> found;
  std::string note;
};

/// The one path from what people write to an architecture and to the rows of tables. Keeps what it
/// has indexed, so one object answers many questions; benchmarks must outlive it. One thread.
class ArchitectureLookup {
 public:
  explicit ArchitectureLookup(Session& session) : session_(session) {}

  /// `space`: nullopt asks for the one space that reads the text. `benchmark`: the one whose rows
  /// `row:N` and `#N` mean; "" = none. Throws Error(kUsage): what was expected and what helps.
  NamedByText architecture(std::string_view text, const std::optional<PluginChoice>& space,
                           std::string_view benchmark = "");

  /// The row that a text names in a benchmark, which may belong to no known space (then by the
  /// table's own texts, `row:N` and `#N`). No row: the benchmark does not have the architecture.
  RowOfText row(const Benchmark& benchmark, std::string_view text);

  /// The rows of a benchmark of the architecture's space that are the architecture.
  std::vector<FoundRow> rows(const Benchmark& benchmark, const Architecture& architecture);

 private:
  struct Address;

  const TableRows& table_rows(const Benchmark& benchmark, const SearchSpace& space);
  NamedByText of_place(std::string_view text, const std::optional<PluginChoice>& space,
                       std::string_view benchmark);
  NamedByText of_trial(std::string_view word);
  NamedByText of_row(const Benchmark& benchmark, std::size_t row,
                     const std::optional<PluginChoice>& space);
  NamedByText of_hash(std::string_view hash, const std::optional<PluginChoice>& space);
  NamedByText of_number(std::uint64_t number, const std::optional<PluginChoice>& space);
  NamedByText read(std::string_view text, const PluginChoice& choice);
  NamedByText read_in_some_space(std::string_view text);
  NamedByText named(const PluginChoice& choice, Architecture architecture, std::string note);

  Session& session_;
  std::map<const Benchmark*, std::unique_ptr<TableRows>> tables_;
};

}  // namespace nas
