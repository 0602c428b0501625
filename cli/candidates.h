#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nas::cli {

/// Words that only the results database or the rest of the command line knows.
std::span<const std::string_view> dynamic_kinds();

/// What may be typed for `word`: those words of a kind ("benchmark", or several, joined by commas)
/// that begin with it, upper and lower case alike. `before`: the words of the command before it,
/// which name the database (--store), the benchmark, the searcher, the space. Nothing where the
/// database cannot be read: a shell completes while a person types.
std::vector<std::string> candidates(std::string_view kinds, std::string_view word,
                                    std::span<const std::string> before);

/// `nasctl complete KIND WORD [BEFORE...]`, which the scripts of `nasctl completion` ask while a
/// person types: one candidate per line.
int print_candidates(std::span<const std::string> words);

}  // namespace nas::cli
