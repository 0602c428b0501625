#pragma once

#include <filesystem>
#include <memory>

#include "core/api/store.h"
#include "db/connection.h"
#include "db/shared_directory/shared_directory.h"

namespace nas {

/// The store in a shared directory. One process, the coordinator, has its database and does the
/// calls of all others, which ask it through journals (README.md): the same laws as of the store in
/// a file. Throws Error(kIo) where there is no such directory; calls throw it when there is no
/// coordinator for a while.
std::unique_ptr<Store> open_directory_store(const std::filesystem::path& path, OpenMode mode,
                                            DirectoryRole role, const DirectoryOptions& options);

/// The database itself, for what works on rows of tables; this process has the directory for as
/// long as the connection lives. Throws Error(kUsage) while another process has it.
std::unique_ptr<Connection> connect_to_directory(const std::filesystem::path& path, OpenMode mode,
                                                 const DirectoryOptions& options);

/// Is there a results database in the directory, or one about to be made?
bool directory_store_exists(const std::filesystem::path& path);

}  // namespace nas
