#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace nas {

/// A name of a study, space or benchmark as a file name, never a path: letters, digits, '-', '_'
/// and '.' stay (no '.' in front), at most 100 of them. A name that has to be changed gets eight
/// digits of its hash, so that different names never share a file.
std::string file_stem(std::string_view name);

/// Throws Error(kUsage) for a name that is not its own file stem: anything but up to 100 letters,
/// digits, '-', '_' and '.', no '.' in front. `what`: "device".
void check_plain_name(std::string_view name, std::string_view what);

/// `path` as long as nothing is there, else its stem with "-2", "-3", ... before the ending.
std::filesystem::path free_path(const std::filesystem::path& path);

/// Whether a file stands there that writing would replace: devices and pipes may be written to
/// again.
bool holds_file(const std::filesystem::path& path);

/// Throws Error(kUsage) where the file of --output is there already and --force is not given.
void refuse_existing(const std::filesystem::path& output, bool force);

/// Gives the file `from` the name `to` unless something has it. False: `to` is taken, and `from`
/// stays. Throws Error(kIo).
bool rename_to_free(const std::filesystem::path& from, const std::filesystem::path& to);

/// Makes a folder and those it is in; nothing for "". Throws Error(kIo).
void make_directory(const std::filesystem::path& directory);

/// Makes the folder of `path` and proves that a file can be written there, before hours of work
/// end in an error. Throws Error(kIo).
void check_can_write(const std::filesystem::path& path);

}  // namespace nas
