#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/search_space.h"
#include "core/util/error.h"

namespace nas {

/// A text as one space reads it.
struct SpaceReading {
  std::shared_ptr<const SearchSpace> space;  ///< with its default options
  Architecture architecture{};
  std::string text{};  ///< canonical
};

/// Every space that reads a text, in the order of the list of spaces.
struct SpaceReadings {
  std::vector<SpaceReading> found;
  /// Why the space that the text looks like most refuses it.
  std::optional<Error> refusal;
};
SpaceReadings read_in_every_space(std::string_view text);

/// An architecture in any spelling, by its published hash, as `index:N` of every space with a
/// published order, or in @FILE, to be compared with the texts of rows: equal as an architecture,
/// or counted as the same by the authors of a benchmark. Safe from several threads.
class SameArchitecture {
 public:
  /// Throws Error(kUsage) when no space reads the text.
  explicit SameArchitecture(std::string_view text);
  bool matches(std::string_view row) const;

 private:
  struct Meaning {
    SpaceReading reading;
    std::set<std::string, std::less<>> texts{};  ///< that are surely the same
    std::string key{};  ///< of isomorphism, where the texts are not all there are
  };
  void read(std::string_view text);
  void read_index(std::uint64_t index);
  void read_hash(const std::string& hash);
  void add(SpaceReading reading);

  std::vector<Meaning> meanings_;
};

}  // namespace nas
