#pragma once

#include <string_view>

namespace nas {

// Copying, writing and destroying what a JSON or TOML parser returns recurse: a few hundred
// kilobytes of brackets or dots would end the program. Both checks throw Error(kData), starting
// with `source`, and say nothing about whether the text is well-formed.

/// Brackets nest deeper than `limit`.
void check_json_nesting(std::string_view text, std::string_view source, int limit = 64);

/// A dotted key has more than `limit` parts. (toml++ bounds the brackets itself.)
void check_toml_nesting(std::string_view text, std::string_view source, int limit = 64);

}  // namespace nas
