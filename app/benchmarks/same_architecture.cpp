#include "app/benchmarks/same_architecture.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "core/api/notation.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"

namespace nas {

namespace {

std::set<std::string> names_in(std::string_view text) {
  std::set<std::string> names;
  std::string name;
  for (const char c : std::string(text) + " ") {
    const bool letter = std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (letter || (digit && !name.empty())) {
      name += c;
    } else if (!name.empty()) {
      names.insert(to_lower(std::exchange(name, "")));
    }
  }
  for (const char* common : {"array", "dtype", "int8", "range"}) names.erase(common);
  return names;
}

/// How much a text looks like a notation of a space: names that it shares with the example of one
/// that recognises it; nullopt where none does.
std::optional<std::size_t> likeness(const SearchSpace& space, std::string_view text) {
  std::optional<std::size_t> most;
  const std::set<std::string> names = names_in(text);
  for (const Notation& notation : notations_of(space)) {
    if (!notation.recognises(trim(text))) continue;
    std::size_t shared = 0;
    for (const std::string& name : names_in(notation.example)) shared += names.count(name);
    most = std::max(most.value_or(0), shared);
  }
  return most;
}

}  // namespace

SpaceReadings read_in_every_space(std::string_view text) {
  SpaceReadings readings;
  std::optional<std::size_t> most;
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const std::shared_ptr<const SearchSpace> space = plugin->make({});
    try {
      Architecture architecture = read_architecture(*space, text).architecture;
      validate(*space, architecture);
      std::string canonical = space->format(architecture);
      readings.found.push_back({space, std::move(architecture), std::move(canonical)});
    } catch (const Error& error) {
      const std::optional<std::size_t> alike = likeness(*space, text);
      if (!alike) continue;
      if (alike == most) readings.refusal.reset();
      if (most && *alike <= *most) continue;
      most = alike;
      readings.refusal = error;
    }
  }
  return readings;
}

SameArchitecture::SameArchitecture(std::string_view text) {
  SpaceReadings readings = read_in_every_space(text);
  if (readings.found.empty()) {
    if (readings.refusal) throw Error(*readings.refusal);
    throw Error(ErrorKind::kUsage, "no space reads '" + printable(text.substr(0, 40)) +
                                       "' as an architecture; ~ looks for a part of the text");
  }
  for (SpaceReading& reading : readings.found) {
    Meaning& meaning = meanings_.emplace_back();
    meaning.texts.insert(reading.text);
    const SearchSpace& space = *reading.space;
    if (const auto* spellings = dynamic_cast<const Spellings*>(&space)) {
      for (const Architecture& other : spellings->spellings(reading.architecture)) {
        meaning.texts.insert(space.format(other));
      }
    } else if (const auto* keys = dynamic_cast<const IsomorphismKeys*>(&space)) {
      meaning.key = keys->isomorphism_key(reading.architecture);
    }
    meaning.reading = std::move(reading);
  }
}

bool SameArchitecture::matches(std::string_view row) const {
  return std::any_of(meanings_.begin(), meanings_.end(), [&](const Meaning& meaning) {
    if (meaning.texts.contains(row)) return true;
    const auto* keys = dynamic_cast<const IsomorphismKeys*>(meaning.reading.space.get());
    if (meaning.key.empty() || keys == nullptr) return false;
    try {
      return keys->isomorphism_key(meaning.reading.space->parse(row)) == meaning.key;
    } catch (const Error&) {
      return false;  // a row of another space
    }
  });
}

}  // namespace nas
