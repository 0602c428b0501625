#include "app/lookup/place_words.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

std::optional<std::string_view> after_word(std::string_view text, std::string_view word) {
  const std::size_t mark = word.size();
  const bool begins = text.size() > mark && (text[mark] == ':' || text[mark] == '=') &&
                      to_lower(text.substr(0, mark)) == word;
  return begins ? std::optional(text.substr(mark + 1)) : std::nullopt;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  const std::vector<std::string> groups =
      split(trim(text), text.find('_') == std::string_view::npos ? ',' : '_');
  std::string digits;
  for (const std::string& group : groups) {
    const bool fits = groups.size() == 1 ? !group.empty()
                      : digits.empty()   ? !group.empty() && group.size() <= 3
                                         : group.size() == 3;
    if (!fits || group.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    digits += group;
  }
  const auto number = parse_int(digits);
  if (!number || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

std::uint64_t number_after(std::string_view word, std::string_view digits) {
  if (const auto number = whole_number(digits)) return *number;
  fail_place(word, "expected a number after '" +
                       printable(word.substr(0, word.size() - digits.size())) + "'");
}

bool is_hash(std::string_view text) {
  return text.size() == 32 && std::all_of(text.begin(), text.end(),
                                          [](unsigned char c) { return std::isxdigit(c) != 0; });
}

std::optional<std::string> published_hash(const SearchSpace& space,
                                          const Architecture& architecture) {
  const auto* keys = dynamic_cast<const IsomorphismKeys*>(&space);
  if (keys == nullptr) return std::nullopt;
  std::string key = keys->isomorphism_key(architecture);
  return is_hash(key) ? std::optional(std::move(key)) : std::nullopt;
}

bool has_hashes(const SearchSpace& space) {
  Rng rng({.seed = 0, .purpose = Purpose::kSample});
  return published_hash(space, sample(space, rng)).has_value();
}

void fail_place(std::string_view text, const std::string& what) {
  throw Error(ErrorKind::kUsage, "'" + printable(text.substr(0, 60)) + "': " + what);
}

}  // namespace nas
