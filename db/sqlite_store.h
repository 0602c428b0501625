#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "core/api/store.h"

namespace nas {

enum class OpenMode {
  kReadOnly,   ///< changes no byte of the database; write methods throw Error(kUsage)
  kReadWrite,  ///< must exist; an older schema is brought up to date
  kCreate,     ///< as kReadWrite, and made (complete, in one step) when missing
};

/// Microseconds since 1970, UTC, of this machine.
std::int64_t system_clock_us();

/// An architecture as the store has it, with what its network depends on.
struct StoredArchitecture {
  std::string space, space_version;
  std::string space_settings;  ///< `SpaceInfo::network_settings`
  std::string text;            ///< the field's own notation
};

/// The digest that this program gives an architecture; nullopt where it lacks the space, or has it
/// in another version.
using DigestOf = std::function<std::optional<Digest>(const StoredArchitecture&)>;

struct SqliteOptions {
  std::int64_t busy_timeout_ms = 60'000;  ///< how long to wait for another process's transaction
  /// Every commit reaches the disk before it returns: survives power loss. Without it a commit
  /// survives the death of the process, and a power loss may take back the last few.
  bool durable = false;
  std::function<std::int64_t()> clock_us = system_clock_us;  ///< another one only in tests
  std::stop_token stop = {};  ///< ends what only reads and may take long: free queries and checks
  /// Needed to bring a database of schema version 4 or less up to date that holds architectures:
  /// their digests were computed otherwise.
  DigestOf digest_of = {};
  /// What relative paths of models and artifacts are below, for `check`. Empty: the file's folder.
  std::filesystem::path files = {};
  /// No other process opens the file while this one has it, which somebody else sees to. So it may
  /// lie on a network file system, and needs no memory that processes share.
  bool alone = false;
  /// Called before each commit; what it throws ends the transaction.
  std::function<void()> before_commit = {};
};

/// Opens a results database in one SQLite file.
/// Throws Error(kIo) where the system refuses (missing, directory, permission, full disk, network
/// file system), Error(kData) for what is not a sound database of ours (foreign, truncated, empty,
/// damaged) and Error(kUnsupported) for a schema that is newer than this program; one line, with
/// the path.
std::unique_ptr<Store> open_sqlite_store(const std::filesystem::path& path, OpenMode mode,
                                         const SqliteOptions& options = {});

/// The version of the schema that this program writes.
std::int64_t sqlite_schema_version();

}  // namespace nas
