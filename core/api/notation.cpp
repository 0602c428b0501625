#include "core/api/notation.h"

#include <cctype>
#include <optional>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kNative = "native";
constexpr std::size_t kLongestText = std::size_t{1} << 20;

/// Behind "NAME =" when a quote follows; else the whole text.
std::string_view without_assignment(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) {
    ++end;
  }
  if (end == 0) return text;
  const std::string_view rest = trim(text.substr(end));
  if (!rest.starts_with('=')) return text;
  const std::string_view value = trim(rest.substr(1));
  return value.starts_with('\'') || value.starts_with('"') ? value : text;
}

std::string_view without_quotes(std::string_view text) {
  if (text.size() < 2 || text.front() != text.back()) return text;
  if (text.front() != '\'' && text.front() != '"' && text.front() != '`') return text;
  const std::string_view inside = text.substr(1, text.size() - 2);
  return inside.find(text.front()) == std::string_view::npos ? inside : text;
}

/// Without what only surrounds an architecture in a program or table.
std::string_view bare(std::string_view text) {
  for (std::string_view before;;) {
    before = text;
    text = without_comments(text);
    while (text.ends_with(',') || text.ends_with(';')) text = trim(text.substr(0, text.size() - 1));
    text = without_quotes(without_assignment(text));
    if (text == before) return text;
  }
}

std::string named(const std::vector<const Notation*>& notations, std::string_view text) {
  std::vector<std::string> parts;
  for (const Notation* notation : notations) {
    parts.push_back(std::string(notation->name) + ":" + printable(text.substr(0, 40)));
  }
  return join(parts, " or ");
}

/// What is wrong with the text in the space's own notation is said of the one that was typed.
Architecture read_by(const SearchSpace& space, std::string_view text, const Notation& notation) {
  const std::string own = notation.read(text);
  try {
    return space.parse(own);
  } catch (const Error& error) {
    if (own == text) throw;
    const std::string where = space.info().name + ": ";
    std::string_view why = error.what();
    if (why.starts_with(where)) why.remove_prefix(where.size());
    throw Error(error.kind(), where + "'" + printable(text.substr(0, 60)) + "', read as " +
                                  std::string(notation.name) + ": " + std::string(why));
  }
}

/// Of several that recognise a text, the one that can read it.
ReadArchitecture read_by_one(const SearchSpace& space, std::string_view text,
                             const std::vector<const Notation*>& candidates) {
  if (candidates.size() == 1) {
    return {read_by(space, text, *candidates.front()), candidates.front()};
  }
  std::vector<ReadArchitecture> found;
  std::optional<Error> failure;
  for (const Notation* notation : candidates) {
    try {
      found.push_back({read_by(space, text, *notation), notation});
    } catch (const Error& error) {
      if (!failure) failure = error;
    }
  }
  if (found.empty()) throw Error(*failure);
  for (const ReadArchitecture& other : found) {
    if (other.architecture == found.front().architecture) continue;
    throw Error(ErrorKind::kUsage, space.info().name + ": '" + printable(text.substr(0, 40)) +
                                       "' has several meanings; write " + named(candidates, text));
  }
  return std::move(found.front());
}

/// `text` with "NAME:" of a notation before it, or nullptr.
const Notation* prefix_of(const SearchSpace& space, std::string_view& text) {
  for (const Notation& notation : notations_of(space)) {
    if (!text.starts_with(notation.name) || !text.substr(notation.name.size()).starts_with(':')) {
      continue;
    }
    text = trim(text.substr(notation.name.size() + 1));
    return &notation;
  }
  return nullptr;
}

/// What a failure to read the own notation says of the others.
Error with_other_notations(const SearchSpace& space, const Error& error) {
  std::vector<std::string> names;
  for (const Notation& notation : notations_of(space)) names.emplace_back(notation.name);
  if (names.empty()) return error;
  return Error(error.kind(), std::string(error.what()) + "; other notations: " + join(names, ", ") +
                                 " (nasctl space show " + space.info().name + ")");
}

}  // namespace

std::string_view without_comments(std::string_view text) {
  text = trim(text);
  while (text.starts_with('#') &&
         text.find_first_not_of("0123456789,_", 1) != std::string_view::npos) {
    const std::size_t line = text.find('\n');
    text = line == std::string_view::npos ? "" : trim(text.substr(line));
  }
  return text;
}

std::span<const Notation> notations_of(const SearchSpace& space) {
  const auto* list = dynamic_cast<const Notations*>(&space);
  return list == nullptr ? std::span<const Notation>() : list->notations();
}

std::vector<std::string> notation_names(const SearchSpace& space) {
  std::vector<std::string> names{std::string(kNative)};
  for (const Notation& notation : notations_of(space)) names.emplace_back(notation.name);
  return names;
}

ReadArchitecture read_architecture(const SearchSpace& space, std::string_view text) {
  if (text.size() > kLongestText) {
    throw Error(ErrorKind::kUsage, space.info().name + ": an architecture of " +
                                       format_bytes(static_cast<std::int64_t>(text.size())) +
                                       " is not one; expected at most 1 MB");
  }
  text = bare(text);
  if (const Notation* notation = prefix_of(space, text)) {
    return read_by_one(space, bare(text), {notation});
  }
  std::vector<const Notation*> candidates;
  for (const Notation& notation : notations_of(space)) {
    if (notation.recognises(text)) candidates.push_back(&notation);
  }
  if (!candidates.empty()) return read_by_one(space, text, candidates);
  try {
    return {space.parse(text), nullptr};
  } catch (const Error& error) {
    throw with_other_notations(space, error);
  }
}

Architecture read_architecture(const SearchSpace& space, std::string_view text,
                               std::string_view notation) {
  if (notation == kNative) return read_architecture(space, text).architecture;
  for (const Notation& known : notations_of(space)) {
    if (known.name == notation) return read_by(space, bare(text), known);
  }
  throw Error(ErrorKind::kUsage, unknown_name("notation of space '" + space.info().name + "'",
                                              printable(notation), notation_names(space)));
}

}  // namespace nas
