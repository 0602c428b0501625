#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "db/shared_directory/directory_owner.h"
#include "db/shared_directory/directory_watch.h"

namespace nas {

/// What a process may be to a directory.
enum class DirectoryRole {
  kCoordinator,  ///< takes it when it is free, and asks its owner otherwise
  kWorker,       ///< always asks its owner
};

/// A directory that this process shares with others; one object for all stores of a process on it.
/// Safe from several threads.
class SharedDirectory {
 public:
  static std::shared_ptr<SharedDirectory> join(const std::filesystem::path& path,
                                               DirectoryRole role, const DirectoryOptions& options);
  SharedDirectory(std::filesystem::path path, DirectoryRole role, DirectoryOptions options);

  const std::filesystem::path& path() const { return path_; }
  Sharing sharing() const { return sharing_; }
  /// This process's right to it; null while it asks another. Stays valid when it is lost.
  std::shared_ptr<const DirectoryOwner> owner();
  /// Who has it now. A coordinator takes it where it is free.
  DirectoryLeader look();

 private:
  const std::filesystem::path path_;
  const DirectoryRole role_;
  const DirectoryOptions options_;
  std::mutex mutex_;
  Sharing sharing_;
  DirectoryWatch watch_;
  std::shared_ptr<DirectoryOwner> owner_;
};

}  // namespace nas
