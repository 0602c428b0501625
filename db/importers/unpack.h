#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "db/importers/importer.h"

namespace nas {

/// How a file is packed, by its first bytes.
enum class Packing { kNone, kTar, kZip, kGzip, kBzip2 };
Packing packing_of(const std::filesystem::path& path);

/// Unpacks the archive `request.path` into `folder`, which exists: regular files only. A gzip or
/// bzip2 file that holds no tar becomes one file, named as it is without its ending. Returns how
/// many links and devices were left out. Throws Error(kData) naming archive and member for damage,
/// for names that lead out of the folder or come twice, and for what unpacks to far more than it
/// is; Error(kIo) when the disk has not enough room.
std::size_t unpack_archive(const ImportRequest& request, const std::filesystem::path& folder);

}  // namespace nas
