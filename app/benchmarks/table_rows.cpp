#include "app/benchmarks/table_rows.h"

#include <algorithm>

#include "core/api/notation.h"
#include "core/api/plugin_choice.h"
#include "core/util/error.h"
#include "core/util/parallel_jobs.h"

namespace nas {

TableRows::TableRows(const Benchmark& benchmark, const SearchSpace& space)
    : benchmark_(benchmark), space_(space) {
  if (parse_plugin_choice(benchmark.info().space).name != space.info().name) {
    throw Error(ErrorKind::kUsage, "benchmark '" + benchmark.info().name + "' is of space '" +
                                       benchmark.info().space + "', not of '" + space.info().name +
                                       "'");
  }
  index_choices();
}

std::optional<std::size_t> TableRows::find_text(const Architecture& architecture) const {
  if (const auto slot = slot_of(architecture); slot && by_choices_[*slot] > 0) {
    return by_choices_[*slot] - 1;
  }
  return by_choices_.empty() ? benchmark_.find(space_.format(architecture)) : std::nullopt;
}

std::optional<std::size_t> TableRows::find(const Architecture& architecture) const {
  if (const auto row = find_text(architecture)) return row;
  const auto* keys = dynamic_cast<const IsomorphismKeys*>(&space_);
  if (keys == nullptr) return std::nullopt;
  const std::vector<std::size_t> rows = with_key(keys->isomorphism_key(architecture));
  return rows.empty() ? std::nullopt : std::optional(rows.front());
}

std::optional<FoundRow> TableRows::locate(const Architecture& architecture) const {
  if (const auto row = find_text(architecture)) return FoundRow{*row, true};
  if (const auto* spellings = dynamic_cast<const Spellings*>(&space_)) {
    for (const Architecture& other : spellings->spellings(architecture)) {
      if (const auto row = find_text(other)) return FoundRow{*row, false};
    }
  }
  if (const auto row = find(architecture)) return FoundRow{*row, false};
  return std::nullopt;
}

std::vector<FoundRow> TableRows::all(const Architecture& architecture) const {
  constexpr std::size_t kManyRows = 50'000;
  const auto* keys = dynamic_cast<const IsomorphismKeys*>(&space_);
  if (keys == nullptr || benchmark_.rows() > kManyRows) {
    const auto found = locate(architecture);
    return found ? std::vector{*found} : std::vector<FoundRow>();
  }
  const std::optional<std::size_t> same = find_text(architecture);
  std::vector<FoundRow> found;
  for (const std::size_t row : with_key(keys->isomorphism_key(architecture))) {
    found.push_back({row, row == same});
  }
  return found;
}

std::vector<std::size_t> TableRows::with_key(std::string_view key) const {
  std::vector<std::size_t> rows;
  if (dynamic_cast<const IsomorphismKeys*>(&space_) == nullptr) return rows;
  std::call_once(keys_once_, [this] { index_keys(); });
  auto found =
      std::lower_bound(by_key_.begin(), by_key_.end(), key,
                       [](const auto& entry, auto wanted) { return entry.first < wanted; });
  for (; found != by_key_.end() && found->first == key; ++found) rows.push_back(found->second);
  return rows;
}

std::optional<std::size_t> TableRows::slot_of(const Architecture& architecture) const {
  if (by_choices_.empty()) return std::nullopt;
  std::size_t slot = 0;
  const std::span<const Decision> decisions = space_.decisions();
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    slot = slot * decisions[i].choices.size() + architecture.choices[i];
  }
  return slot;
}

void TableRows::index_choices() {
  constexpr std::size_t kMostSlots = std::size_t{1} << 20;
  std::size_t slots = 1;
  for (const Decision& decision : space_.decisions()) {
    slots *= std::max<std::size_t>(decision.choices.size(), 1);
    if (slots > kMostSlots) return;
  }
  by_choices_.resize(slots);
  for (std::size_t row = 0; row < benchmark_.rows(); ++row) {
    const auto slot = slot_of(space_.parse(benchmark_.text(row)));
    by_choices_[*slot] = static_cast<std::uint32_t>(row + 1);
  }
}

// The keys of large tables take seconds (hashes of 423,624 graphs), so two threads share them.
void TableRows::index_keys() const {
  const auto& keys = dynamic_cast<const IsomorphismKeys&>(space_);
  std::vector<std::string> texts(benchmark_.rows());
  constexpr std::size_t kAtOnce = 1024;
  run_jobs((texts.size() + kAtOnce - 1) / kAtOnce,
           {.threads = 2, .run = [&](std::size_t job) {
              const std::size_t end = std::min(texts.size(), (job + 1) * kAtOnce);
              for (std::size_t row = job * kAtOnce; row < end; ++row) {
                texts[row] = keys.isomorphism_key(space_.parse(benchmark_.text(row)));
              }
            }});
  by_key_.reserve(texts.size());
  for (std::size_t row = 0; row < texts.size(); ++row) {
    by_key_.emplace_back(std::move(texts[row]), static_cast<std::uint32_t>(row));
  }
  std::sort(by_key_.begin(), by_key_.end());
}

}  // namespace nas
