#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/notation.h"

namespace nas {

/// What a mapping's `notation` may be: "native" (the space's own or any that recognises the text),
/// a notation of the space (core/api/notation.h), or "joined" (the fields with ':' between them;
/// NAS-Bench-101: vertices, edge bits, operations). Without a space: "native" and "joined".
std::vector<std::string> notation_names(const SearchSpace* space);

/// The architecture of a row in the space's canonical text, or as it is written where there is no
/// space. Several fields that are not joined are a dictionary of their names and values: `ks`, `e`,
/// `d` and `r` of Once-for-All, `module_adjacency` and `module_operations` of NAS-Bench-101.
/// Throws Error(kData) saying what was expected, Error(kUsage) for an unknown notation.
struct ArchitectureFields {
  std::span<const std::string> names;
  std::span<const std::string_view> values;
};
std::string canonical_text(std::string_view notation, const ArchitectureFields& fields,
                           const SearchSpace* space);

}  // namespace nas
