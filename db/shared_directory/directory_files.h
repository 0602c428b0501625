#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace nas {

// The files of a shared directory. A generation is the time of one coordinator; numbers have six
// digits at least.

/// "coordinator.000007": who has had the directory since generation 7, made by a link, so that one
/// process gets it.
std::filesystem::path leader_file(const std::filesystem::path& directory, std::int64_t generation);
/// "coordinator.000007.beat": changes as long as the process lives.
std::filesystem::path beat_file(const std::filesystem::path& directory, std::int64_t generation);
/// "results.000007.db": the database, by the generation that made this file.
std::filesystem::path database_file_of(const std::filesystem::path& directory,
                                       std::int64_t generation);
/// "workers": the journals.
std::filesystem::path journal_directory(const std::filesystem::path& directory);

inline constexpr std::string_view kRequestsSuffix = ".requests";
/// "NAME.replies.000007" of "NAME.requests".
std::filesystem::path replies_file(const std::filesystem::path& requests, std::int64_t generation);

/// The largest generation of files "STEM.000007SUFFIX" up to `most`; 0: there is none.
std::int64_t newest_generation(const std::filesystem::path& directory, std::string_view stem,
                               std::string_view suffix, std::int64_t most = INT64_MAX);

/// Microseconds of a clock that no one sets, and that runs while the machine sleeps.
std::int64_t boot_clock_us();

}  // namespace nas
