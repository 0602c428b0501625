#include "app/lookup/equal_rows.h"

#include <algorithm>
#include <map>
#include <optional>

#include "app/benchmarks/benchmarks.h"
#include "app/lookup/architecture_lookup.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// The architecture as a benchmark's space has it: one with other options numbers choices
/// otherwise. Nothing where the space is another or lacks it.
std::optional<Architecture> in_space_of(Session& session, const BenchmarkInfo& info,
                                        const SearchSpace& space,
                                        const Architecture& architecture) {
  const SearchSpace* owner = space_of(session, info);
  if (owner == nullptr || owner->info().name != space.info().name) return std::nullopt;
  if (owner == &space) return architecture;
  try {
    return owner->parse(space.format(architecture));
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<EqualRow> equal_rows(Session& session, const SearchSpace& space,
                                 const Architecture& architecture) {
  std::vector<EqualRow> equal;
  if (!session.store_exists()) return equal;
  ArchitectureLookup lookup(session);
  for (const BenchmarkRow& stored : session.reader().benchmarks()) {
    const std::optional<Architecture> here = in_space_of(session, stored.info, space, architecture);
    if (!here) continue;
    const std::shared_ptr<const Benchmark> benchmark = session.benchmark(stored.info.name);
    for (const FoundRow& found : lookup.rows(*benchmark, *here)) {
      equal.push_back({stored.info.name, found, benchmark->text(found.row)});
    }
  }
  return equal;
}

std::vector<std::pair<std::string, std::string>> places_of(Session& session,
                                                           const SearchSpace& space,
                                                           const Architecture& architecture) {
  constexpr std::size_t kNamed = 5;
  struct Place {
    std::string same;
    std::vector<std::string> others;
  };
  std::map<std::string, Place> places;
  for (const EqualRow& equal : equal_rows(session, space, architecture)) {
    Place& place = places[equal.benchmark];
    std::string number = std::to_string(equal.found.row);
    if (equal.found.same_text) {
      place.same = std::move(number);
    } else {
      place.others.push_back(std::move(number));
    }
  }
  std::vector<std::pair<std::string, std::string>> lines;
  for (auto& [benchmark, place] : places) {
    std::string line = place.same;
    if (!place.others.empty()) {
      const std::size_t more = place.others.size() - std::min(place.others.size(), kNamed);
      place.others.resize(std::min(place.others.size(), kNamed));
      line += (line.empty() ? "" : "; ") + std::string("the same function: ") +
              join(place.others, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
    }
    lines.emplace_back(benchmark, std::move(line));
  }
  return lines;
}

std::optional<std::size_t> find_row(Session& session, const Benchmark& benchmark,
                                    std::string_view architecture) {
  const std::optional<FoundRow> found =
      ArchitectureLookup(session).row(benchmark, architecture).found;
  return found ? std::optional(found->row) : std::nullopt;
}

}  // namespace nas
