#pragma once

#include <filesystem>
#include <string>

namespace nas {

/// A file of data as UTF-8 text: gzip and bzip2 are unpacked, UTF-16 is converted. Throws
/// Error(kIo | kData) naming the file; in words where it is not data (a web page, a Git LFS
/// pointer, a workbook, empty).
std::string read_data_text(const std::filesystem::path& path);

}  // namespace nas
