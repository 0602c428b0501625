#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "db/importers/byte_source.h"

namespace nas {

/// One regular file of a tar archive; `content` is read to its end by whoever gets it, or skipped.
struct TarMember {
  std::string name;
  std::uint64_t size = 0;
};
/// Reads up to `size` bytes of the member; 0 at its end.
using TarContent = std::function<std::size_t(char* data, std::size_t size)>;

/// Calls `visit` for every regular file of an archive (ustar, pax, GNU), in order; links and
/// devices are left out, and their number is returned. Throws Error(kData) naming `what`, member
/// and byte for a damaged header, a member that is cut off, and an archive without its end mark.
std::size_t for_each_tar_member(
    ByteSource& source, const std::string& what,
    const std::function<void(const TarMember& member, const TarContent& content)>& visit);

/// Do these first 512 bytes begin a tar archive?
bool is_tar_header(std::string_view bytes);

}  // namespace nas
