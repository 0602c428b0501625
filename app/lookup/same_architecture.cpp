#include "app/lookup/same_architecture.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "app/lookup/named_file.h"
#include "app/lookup/place_words.h"
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
  text = trim(text);
  if (!text.starts_with('@')) {
    read(text);
    return;
  }
  const std::string content = read_named_file(text.substr(1));
  if (content.starts_with('@')) fail_place(text, "holds the name of a further file");
  try {
    read(content);
  } catch (const Error& error) {
    throw error.with_context(printable(text.substr(1)));
  }
}

void SameArchitecture::read(std::string_view text) {
  for (const char* word : {"trial", "row"}) {
    if (!after_word(text, word)) continue;
    fail_place(text, "names a row of one table; write 'number = N' in that table");
  }
  if (const auto index = after_word(text, "index")) return read_index(number_after(text, *index));
  const auto number = whole_number(text);
  if (number && text.find(',') != std::string_view::npos) return read_index(*number);
  if (is_hash(text)) return read_hash(to_lower(text));
  SpaceReadings readings = read_in_every_space(text);
  for (SpaceReading& reading : readings.found) add(std::move(reading));
  if (!meanings_.empty()) return;
  if (readings.refusal) throw Error(*readings.refusal);
  if (number) return read_index(*number);
  throw Error(ErrorKind::kUsage, "no space reads '" + printable(text.substr(0, 40)) +
                                     "' as an architecture; ~ looks for a part of the text");
}

void SameArchitecture::read_index(std::uint64_t index) {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const std::shared_ptr<const SearchSpace> space = plugin->make({});
    const auto* indexed = dynamic_cast<const IndexedSpace*>(space.get());
    if (indexed == nullptr || index >= indexed->size()) continue;
    Architecture architecture = indexed->at(index);
    std::string text = space->format(architecture);
    add({space, std::move(architecture), std::move(text)});
  }
  if (meanings_.empty()) {
    throw Error(ErrorKind::kUsage, "index " + std::to_string(index) +
                                       " is past the end of every space with a published order");
  }
}

void SameArchitecture::read_hash(const std::string& hash) {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const std::shared_ptr<const SearchSpace> space = plugin->make({});
    if (has_hashes(*space)) meanings_.push_back({.reading = {.space = space}, .key = hash});
  }
}

void SameArchitecture::add(SpaceReading reading) {
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
