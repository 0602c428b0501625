#include "db/importers/notation.h"

#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kNative = "native";
constexpr std::string_view kJoined = "joined";

std::string joined(std::span<const std::string_view> values) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += ':';
    text += values[i];
  }
  return text;
}

/// A matrix that numpy prints stands in several lines of one cell; what names a row is one line.
std::string one_line(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string& line : split(text, '\n')) {
    if (const std::string_view part = trim(line); !part.empty()) lines.emplace_back(part);
  }
  return join(lines, " ");
}

/// A dictionary as Python prints it.
std::string dictionary(const ArchitectureFields& fields) {
  const auto quoted = [](std::string_view text) {
    std::string quote = "'";
    for (const char c : text) {
      if (c == '\'' || c == '\\') quote += '\\';
      quote += c;
    }
    return quote + "'";
  };
  std::string text = "{";
  for (std::size_t i = 0; i < fields.values.size(); ++i) {
    text += quoted(fields.names[i]) + ": " + quoted(fields.values[i]) + ", ";
  }
  return text + "}";
}

}  // namespace

std::vector<std::string> notation_names(const SearchSpace* space) {
  std::vector<std::string> names =
      space == nullptr ? std::vector<std::string>{std::string(kNative)} : notation_names(*space);
  names.emplace_back(kJoined);
  return names;
}

std::string canonical_text(std::string_view notation, const ArchitectureFields& fields,
                           const SearchSpace* space) {
  const bool several = fields.values.size() > 1;
  if (notation != kJoined && (several && (space == nullptr || fields.names.empty()))) {
    throw Error(ErrorKind::kUsage, "notation '" + std::string(notation) +
                                       "' reads one field without a space, " +
                                       std::to_string(fields.values.size()) + " are given");
  }
  if (space == nullptr) {
    if (notation != kJoined && notation != kNative) {
      throw Error(ErrorKind::kUsage, unknown_name("notation", notation, notation_names(space)));
    }
    std::string text = several ? joined(fields.values) : one_line(fields.values.front());
    if (text.empty()) throw Error(ErrorKind::kData, "the architecture is missing");
    return text;
  }
  const std::string text = notation == kJoined ? joined(fields.values)
                           : several           ? dictionary(fields)
                                               : std::string(fields.values.front());
  try {
    return space->format(notation == kJoined ? space->parse(text)
                                             : read_architecture(*space, text, notation));
  } catch (const Error& error) {
    throw Error(ErrorKind::kData, error.what());
  }
}

}  // namespace nas
