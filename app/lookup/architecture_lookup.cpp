#include "app/lookup/architecture_lookup.h"

#include <utility>

#include "app/benchmarks/benchmarks.h"
#include "app/lookup/named_file.h"
#include "app/lookup/place_words.h"
#include "app/lookup/same_architecture.h"
#include "app/study/study_data.h"
#include "core/api/notation.h"
#include "core/util/error.h"
#include "core/util/stopwatch.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::uint64_t kLargestIndex = 100'000;  // a number below may be an index of some space

/// Says what is waited for while the keys of a large table are computed, and what it cost.
class Waiting {
 public:
  Waiting(ProgressSink& progress, const Benchmark& benchmark)
      : progress_(progress), rows_(static_cast<std::int64_t>(benchmark.rows())) {
    if (rows_ >= kMany) progress_.begin("comparing the rows of " + benchmark.info().name, rows_);
  }
  ~Waiting() {
    if (rows_ >= kMany) progress_.end();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  /// "" where it took less than a second.
  std::string cost() const {
    const double seconds = watch_.seconds();
    if (seconds < 1) return "";
    return " (the keys of " + format_count(rows_) + " rows took " + format_seconds(seconds) + ")";
  }

 private:
  static constexpr std::int64_t kMany = 20'000;

  ProgressSink& progress_;
  std::int64_t rows_;
  Stopwatch watch_;
};

}  // namespace

/// "trial:STUDY/12", "row:BENCHMARK/5", "row:5", "#5", "index:5": a place, not a notation.
struct ArchitectureLookup::Address {
  std::string_view owner;  ///< study or benchmark; "" = the one asked about
  std::uint64_t number = 0;

  static Address after(std::string_view word, std::size_t prefix) {
    const std::string_view rest = word.substr(prefix);
    const std::size_t slash = rest.rfind('/');
    if (slash == std::string_view::npos) return {"", number_after(word, rest)};
    return {rest.substr(0, slash), number_after(word, rest.substr(slash + 1))};
  }
  /// The place of a row, or nullopt for another text.
  static std::optional<Address> of_row(std::string_view text) {
    if (after_word(text, "row")) return after(text, 4);
    if (text.starts_with('#')) return Address{"", number_after(text, text.substr(1))};
    return std::nullopt;
  }
};

NamedByText ArchitectureLookup::named(const PluginChoice& choice, Architecture architecture,
                                      std::string note) {
  const SearchSpace& space = session_.space(choice);
  validate(space, architecture);
  const std::string text = space.format(architecture);
  return {choice, &space, std::move(architecture), text, std::move(note), {}, {}};
}

NamedByText ArchitectureLookup::of_trial(std::string_view word) {
  if (word.find('/') == std::string_view::npos) fail_place(word, "expected trial:STUDY/NUMBER");
  const Address trial = Address::after(word, 6);
  const std::string study(trial.owner);
  const StudyData data = load_study(session_.reader(), study);
  for (const TrialRow& row : data.trials) {
    if (static_cast<std::uint64_t>(row.number) != trial.number) continue;
    NamedByText found =
        named(data.config.space, session_.space(data.config.space).parse(row.text), "");
    found.trial = NamedTrial{data.config, row};
    return found;
  }
  throw Error(ErrorKind::kUsage,
              "study '" + printable(study) + "' has no trial " + std::to_string(trial.number));
}

NamedByText ArchitectureLookup::of_row(const Benchmark& benchmark, std::size_t row,
                                       const std::optional<PluginChoice>& choice) {
  const SearchSpace* space = space_of(session_, benchmark.info());
  if (space == nullptr) {
    throw Error(ErrorKind::kUsage,
                "benchmark '" + printable(benchmark.info().name) +
                    "' belongs to no known search space, so its rows cannot be read");
  }
  if (row >= benchmark.rows()) {
    throw Error(
        ErrorKind::kUsage,
        "benchmark '" + printable(benchmark.info().name) + "': row " + std::to_string(row) +
            " does not exist; expected row:0 to row:" + std::to_string(benchmark.rows() - 1));
  }
  const bool as_chosen = choice && choice->name == space->info().name;
  const PluginChoice read = as_chosen ? *choice : parse_plugin_choice(benchmark.info().space);
  return named(read, session_.space(read).parse(benchmark.text(row)), "");
}

NamedByText ArchitectureLookup::of_hash(std::string_view hash,
                                        const std::optional<PluginChoice>& space) {
  const std::string wanted = to_lower(hash);
  std::vector<std::string> searched;
  const std::vector<BenchmarkRow> stored =
      session_.store_exists() ? session_.reader().benchmarks() : std::vector<BenchmarkRow>();
  for (const BenchmarkRow& row : stored) {
    const SearchSpace* owner = space_of(session_, row.info);
    if (owner == nullptr || (space && space->name != owner->info().name)) continue;
    if (!has_hashes(*owner)) continue;
    const std::shared_ptr<const Benchmark> benchmark = session_.benchmark(row.info.name);
    const Waiting waiting(session_.progress(), *benchmark);
    const auto rows = table_rows(*benchmark, *owner).with_key(wanted);
    if (rows.empty()) {
      searched.push_back(row.info.name);
      continue;
    }
    NamedByText found = of_row(*benchmark, rows.front(), space);
    found.note = "hash " + wanted + " is row " + std::to_string(rows.front()) + " of " +
                 row.info.name + ", " + found.text + waiting.cost();
    return found;
  }
  fail_place(
      hash, searched.empty()
                ? "a hash alone does not say which cell it is; import a benchmark of NAS-Bench-101 "
                  "(nasctl bench import), where it is looked up"
                : "no row of " + join(searched, ", ") + " has this hash");
}

NamedByText ArchitectureLookup::of_number(std::uint64_t number,
                                          const std::optional<PluginChoice>& choice) {
  if (!choice) {
    throw Error(ErrorKind::kUsage,
                "missing --space NAME (nasctl space list shows the names): number " +
                    std::to_string(number) + " is a place in the order of one space");
  }
  const SearchSpace& space = session_.space(*choice);
  const auto* indexed = dynamic_cast<const IndexedSpace*>(&space);
  if (indexed == nullptr) {
    throw Error(ErrorKind::kUsage, "space '" + space.info().name +
                                       "' has no published order; give the architecture itself");
  }
  return named(*choice, indexed->at(number), "");
}

NamedByText ArchitectureLookup::read(std::string_view text, const PluginChoice& choice) {
  const SearchSpace& space = session_.space(choice);
  try {
    ReadArchitecture read = read_architecture(space, text);
    std::string note;
    if (read.notation != nullptr) {
      note = "read as " + std::string(read.notation->name) + " (" +
             std::string(read.notation->meaning) + ")";
    }
    NamedByText found = named(choice, std::move(read.architecture), std::move(note));
    found.stated = stated_network(space, text);
    return found;
  } catch (const Error&) {
    const auto number = whole_number(text);
    const auto* indexed = dynamic_cast<const IndexedSpace*>(&space);
    if (!number || indexed == nullptr || *number >= indexed->size()) throw;
    return named(choice, indexed->at(*number), "read as index:" + std::to_string(*number));
  }
}

NamedByText ArchitectureLookup::read_in_some_space(std::string_view text) {
  SpaceReadings readings = read_in_every_space(text);
  std::vector<std::string> names;
  for (const SpaceReading& reading : readings.found) names.push_back(reading.architecture.space);
  if (names.size() == 1) {
    NamedByText found = named({names[0], {}}, std::move(readings.found[0].architecture),
                              "read as an architecture of space " + names[0]);
    found.stated = stated_network(*found.space, text);
    return found;
  }
  if (names.size() > 1)
    fail_place(text,
               "is an architecture of " + join(names, ", ") + "; say which with --space NAME");
  if (readings.refusal) throw Error(*readings.refusal);
  fail_place(
      text,
      "missing --space NAME (nasctl space list shows the names): no space recognises it on its "
      "own");
}

NamedByText ArchitectureLookup::of_place(std::string_view text,
                                         const std::optional<PluginChoice>& space,
                                         std::string_view benchmark) {
  if (text.starts_with("trial:")) return of_trial(text);
  if (const auto address = Address::of_row(text)) {
    const std::string_view owner = address->owner.empty() ? benchmark : address->owner;
    if (owner.empty()) fail_place(text, "which benchmark is not said; write row:BENCHMARK/N");
    return of_row(*session_.benchmark(std::string(owner)), address->number, space);
  }
  if (const auto index = after_word(text, "index")) {
    return of_number(number_after(text, *index), space);
  }
  if (text.find(',') != std::string_view::npos) {
    if (const auto number = whole_number(text)) return of_number(*number, space);
  }
  if (is_hash(text)) return of_hash(text, space);
  if (const auto number = whole_number(text); number && !space && *number < kLargestIndex) {
    fail_place(text,
               "missing --space NAME (nasctl space list shows the names): a number may be an "
               "architecture or an index in several spaces");
  }
  return space ? read(text, *space) : read_in_some_space(text);
}

NamedByText ArchitectureLookup::architecture(std::string_view text,
                                             const std::optional<PluginChoice>& space,
                                             std::string_view benchmark) {
  text = trim(text);
  if (const std::string_view rest = without_comments(text); !rest.empty()) text = rest;
  if (text.starts_with('@')) {
    const std::string content = read_named_file(text.substr(1));
    if (content.starts_with('@')) fail_place(text, "holds the name of a further file");
    try {
      return architecture(content, space, benchmark);
    } catch (const Error& error) {
      refuse_several(text.substr(1), content,
                     [&](const std::string& line) { architecture(line, space, benchmark); });
      throw error.with_context(printable(text.substr(1)));
    }
  }
  NamedByText found = of_place(text, space, benchmark);
  if (space && space->name != found.architecture.space) {
    fail_place(text,
               "is of space '" + found.architecture.space + "', not of '" + space->name + "'");
  }
  return found;
}

const TableRows& ArchitectureLookup::table_rows(const Benchmark& benchmark,
                                                const SearchSpace& space) {
  std::unique_ptr<TableRows>& slot = tables_[&benchmark];
  if (!slot) slot = std::make_unique<TableRows>(benchmark, space);
  return *slot;
}

std::vector<FoundRow> ArchitectureLookup::rows(const Benchmark& benchmark,
                                               const Architecture& architecture) {
  const SearchSpace* space = space_of(session_, benchmark.info());
  if (space == nullptr || space->info().name != architecture.space) return {};
  return table_rows(benchmark, *space).all(architecture);
}

RowOfText ArchitectureLookup::row(const Benchmark& benchmark, std::string_view text) {
  text = trim(text);
  const std::string& name = benchmark.info().name;
  if (const auto address = Address::of_row(text);
      address && (address->owner.empty() || address->owner == name)) {
    if (address->number < benchmark.rows()) return {FoundRow{address->number, true}, ""};
    throw Error(ErrorKind::kUsage, "row '" + printable(text) + "': expected row:0 to row:" +
                                       std::to_string(benchmark.rows() - 1));
  }
  if (const auto row = benchmark.find(text)) return {FoundRow{*row, true}, ""};
  const SearchSpace* space = space_of(session_, benchmark.info());
  if (text.starts_with('@')) {
    const std::string content = read_named_file(text.substr(1));
    if (content.starts_with('@')) fail_place(text, "holds the name of a further file");
    try {
      return row(benchmark, content);
    } catch (const Error& error) {
      refuse_several(text.substr(1), content,
                     [&](const std::string& line) { row(benchmark, line); });
      throw error.with_context(printable(text.substr(1)));
    }
  }
  if (space == nullptr) return {};
  if (is_hash(text) && has_hashes(*space)) {
    const Waiting waiting(session_.progress(), benchmark);
    const auto rows = table_rows(benchmark, *space).with_key(to_lower(text));
    if (rows.empty()) return {};
    return {FoundRow{rows.front(), false}, "hash " + to_lower(text) + " is row " +
                                               std::to_string(rows.front()) + ", " +
                                               benchmark.text(rows.front()) + waiting.cost()};
  }
  const NamedByText named = architecture(text, PluginChoice{space->info().name, {}}, name);
  if (const auto row = benchmark.find(named.text)) return {FoundRow{*row, true}, named.note};
  const Waiting waiting(session_.progress(), benchmark);
  RowOfText answer{table_rows(benchmark, *space).locate(named.architecture), named.note};
  if (!answer.found) return answer;
  if (!answer.found->same_text) {
    if (!answer.note.empty()) answer.note += "; ";
    answer.note += named.text + " is row " + std::to_string(answer.found->row) + ", " +
                   benchmark.text(answer.found->row) +
                   ": the same function in another text, as the benchmark counts them" +
                   waiting.cost();
  }
  return answer;
}

}  // namespace nas
