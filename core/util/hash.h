#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace nas {

std::string md5_hex(std::string_view bytes);     ///< 32 lower-case digits (NAS-Bench-101 hashes)
std::string sha256_hex(std::string_view bytes);  ///< 64 lower-case digits
/// Throws Error(kIo) when the file cannot be read.
std::string sha256_file(const std::filesystem::path& path);
/// "sha256=" and the first 16 digits of a SHA-256 hash: how fidelities and origins name what a
/// value was computed with.
std::string sha256_mark(std::string_view sha256);

}  // namespace nas
