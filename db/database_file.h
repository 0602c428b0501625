#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "db/sqlite_store.h"

namespace nas {

/// What is known of a database file before SQLite touches it.
struct DatabaseFile {
  std::filesystem::path path;  ///< absolute, without symbolic links
  bool write_ahead = true;     ///< uses a write-ahead log
  bool writable = true;        ///< the file and its directory, for this process
  std::int64_t wal_bytes = 0;  ///< of the write-ahead log beside it; 0: none, nothing pending
};

/// Looks at `path` and throws Error for everything that is not a sound database of ours: missing,
/// directory, device, several names (hard links), empty, foreign, truncated, with a stray journal,
/// on a network file system (unless `SqliteOptions::alone`). Reads 100 bytes and writes nothing.
DatabaseFile inspect_database_file(const std::filesystem::path& path, bool alone = false);

/// A file, whatever its name: device and inode.
using FileId = std::pair<dev_t, ino_t>;
/// nullopt: there is no such file.
std::optional<FileId> file_id(const std::filesystem::path& path) noexcept;

/// `path` made absolute; throws Error(kUsage) for a name that SQLite cannot open.
std::filesystem::path usable_path(const std::filesystem::path& path);

/// Size of the write-ahead log of a database; 0 when there is none.
std::int64_t wal_bytes(const std::filesystem::path& path) noexcept;

/// Throws Error(kUnsupported) when `directory` is on a network file system: locks and shared memory
/// do not work between machines there, and databases get damaged.
void refuse_network_filesystem(const std::filesystem::path& directory);

/// The name of a network file system by the magic number of statfs(2), nullopt for all others.
std::optional<std::string_view> network_filesystem(std::uint64_t magic);

/// A descriptor for looking at a file, which stays open for as long as the process lives: closing
/// it would drop SQLite's locks on the file. -1: it cannot be opened.
int lasting_descriptor(const std::filesystem::path& path);

/// Makes a complete, empty database at `path` in one step. A database that another process has put
/// there meanwhile is left alone.
void create_database(const std::filesystem::path& path, const SqliteOptions& options);

}  // namespace nas
