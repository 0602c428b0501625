#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/api/search_space.h"

namespace nas {

// Texts that say where an architecture stands instead of writing it down.

/// What follows "WORD:" or "WORD=", in any case; nullopt for another text.
std::optional<std::string_view> after_word(std::string_view text, std::string_view word);

/// "13714", "13,714" or "13_714"; nullopt for anything else, "8,8" too.
std::optional<std::uint64_t> whole_number(std::string_view text);

/// The number behind the end of `word`, which is `digits`. Throws Error(kUsage).
std::uint64_t number_after(std::string_view word, std::string_view digits);

/// Of NAS-Bench-101: MD5 as 32 hexadecimal digits, in any case.
bool is_hash(std::string_view text);

/// The hash that a benchmark's authors publish for an architecture (NAS-Bench-101), lower case;
/// nullopt in other spaces.
std::optional<std::string> published_hash(const SearchSpace& space,
                                          const Architecture& architecture);

/// Whether the authors publish a hash of each architecture.
bool has_hashes(const SearchSpace& space);

/// Error(kUsage) that quotes the beginning of `text`.
[[noreturn]] void fail_place(std::string_view text, const std::string& what);

}  // namespace nas
