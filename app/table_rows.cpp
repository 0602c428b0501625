#include "app/table_rows.h"

#include <algorithm>
#include <thread>

#include "core/util/error.h"

namespace nas {

TableRows::TableRows(const Benchmark& benchmark, const SearchSpace& space)
    : benchmark_(benchmark), space_(space) {
  if (benchmark.info().space != space.info().name) {
    throw Error(ErrorKind::kUsage, "benchmark '" + benchmark.info().name + "' is of space '" +
                                       benchmark.info().space + "', not of '" + space.info().name +
                                       "'");
  }
  index_choices();
}

std::optional<std::size_t> TableRows::find(const Architecture& architecture) const {
  if (const auto slot = slot_of(architecture); slot && by_choices_[*slot] > 0) {
    return by_choices_[*slot] - 1;
  }
  if (by_choices_.empty()) {
    if (const auto row = benchmark_.find(space_.format(architecture))) return row;
  }
  const auto* keys = dynamic_cast<const IsomorphismKeys*>(&space_);
  if (keys == nullptr) return std::nullopt;
  std::call_once(keys_once_, [this] { index_keys(); });
  const auto found = by_key_.find(keys->isomorphism_key(architecture));
  if (found == by_key_.end()) return std::nullopt;
  return found->second;
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
  const auto compute = [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      texts[row] = keys.isomorphism_key(space_.parse(benchmark_.text(row)));
    }
  };
  const std::size_t middle = benchmark_.rows() / 2;
  std::exception_ptr error;
  std::thread other([&] {
    try {
      compute(0, middle);
    } catch (...) {
      error = std::current_exception();
    }
  });
  try {
    compute(middle, benchmark_.rows());
  } catch (...) {
    other.join();
    throw;
  }
  other.join();
  if (error) std::rethrow_exception(error);
  for (std::size_t row = 0; row < texts.size(); ++row) {
    by_key_.try_emplace(std::move(texts[row]), static_cast<std::uint32_t>(row));
  }
}

}  // namespace nas
