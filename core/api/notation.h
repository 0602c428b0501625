#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/search_space.h"

namespace nas {

/// One way in which people write the architectures of a space. A further one is one record in the
/// space's list: look-ups, `bench import`, `space show` and error texts are derived from it.
struct Notation {
  std::string_view name;     ///< "naslib_nb201"
  std::string_view meaning;  ///< one line: who writes it, and what its parts mean
  std::string_view example;
  /// Whether a text looks like it: a look at its shape that never throws.
  bool (*recognises)(std::string_view text);
  /// The text in the space's own notation, which `SearchSpace::parse` then reads. Throws
  /// Error(kUsage).
  std::string (*read)(std::string_view text);
};

/// A space that is written in further notations than its own; optional (dynamic_cast).
class Notations {
 public:
  virtual ~Notations() = default;
  virtual std::span<const Notation> notations() const = 0;
};

/// Empty where there are none.
std::span<const Notation> notations_of(const SearchSpace& space);

/// Some architectures that are surely the same network as this one, those that tables list first;
/// optional (dynamic_cast). NAS-Bench-101: the vertices of the pruned cell in every order.
class Spellings {
 public:
  virtual ~Spellings() = default;
  virtual std::vector<Architecture> spellings(const Architecture& architecture) const = 0;
};

struct ReadArchitecture {
  Architecture architecture;
  const Notation* notation = nullptr;  ///< nullptr: the space's own
};

/// Without blanks around it and lines of comments "# ..." before it; "#4" and "#13,714" are places.
std::string_view without_comments(std::string_view text);

/// Reads a text in the space's own notation or in the one that recognises it. Quotes around it,
/// `NAME =` and comments before it and a comma behind it have no meaning; "naslib_nb201:433000"
/// names the notation. Throws Error(kUsage): what was expected and which notations there are; or,
/// where two notations give two architectures, which ones.
ReadArchitecture read_architecture(const SearchSpace& space, std::string_view text);

/// The same in a notation by name; "native" is the space's own or any that recognises the text.
/// Throws Error(kUsage) with the near miss for an unknown name.
Architecture read_architecture(const SearchSpace& space, std::string_view text,
                               std::string_view notation);

/// "native" and the names of the space's notations.
std::vector<std::string> notation_names(const SearchSpace& space);

}  // namespace nas
