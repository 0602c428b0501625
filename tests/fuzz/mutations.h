#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/util/rng.h"

namespace nas::test {

/// A copy of a binary file with a few damages that fit tables of 32-bit words: a word becomes 0,
/// the largest, one more or less, or another word of the file; a byte or bit changes; a run is cut
/// out, doubled or overwritten; the end is missing.
std::string mutate_words(std::string bytes, Rng& rng);

/// A copy of a text with a few damages that fit statements: words and marks are left out, doubled,
/// exchanged, or become one of `vocabulary` or a number that is hard to hold; lines are doubled;
/// single bytes change.
std::string mutate_text(std::string_view text, std::span<const std::string_view> vocabulary,
                        Rng& rng);

}  // namespace nas::test
