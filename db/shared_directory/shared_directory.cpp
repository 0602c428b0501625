#include "db/shared_directory/shared_directory.h"

#include <map>
#include <system_error>
#include <utility>

#include "core/util/error.h"
#include "core/util/process.h"
#include "core/util/text.h"

namespace nas {

std::shared_ptr<SharedDirectory> SharedDirectory::join(const std::filesystem::path& path,
                                                       DirectoryRole role,
                                                       const DirectoryOptions& options) {
  static std::mutex mutex;
  static std::map<std::pair<std::filesystem::path, DirectoryRole>, std::weak_ptr<SharedDirectory>>
      joined;
  std::error_code error;
  const auto whole = std::filesystem::weakly_canonical(std::filesystem::absolute(path), error);
  if (error) {
    throw Error(ErrorKind::kIo,
                "shared directory '" + printable(path.native()) + "': " + error.message());
  }
  if (role == DirectoryRole::kCoordinator) std::filesystem::create_directory(whole, error);
  if (!std::filesystem::is_directory(whole, error)) {
    throw Error(ErrorKind::kIo,
                "shared directory '" + printable(whole.native()) + "': there is no such directory");
  }
  const std::lock_guard lock(mutex);
  std::weak_ptr<SharedDirectory>& slot = joined[{whole, role}];
  std::shared_ptr<SharedDirectory> shared = slot.lock();
  if (!shared) {
    shared = std::make_shared<SharedDirectory>(whole, role, options);
    slot = shared;
  }
  return shared;
}

SharedDirectory::SharedDirectory(std::filesystem::path path, DirectoryRole role,
                                 DirectoryOptions options)
    : path_(std::move(path)),
      role_(role),
      options_(std::move(options)),
      sharing_(sharing_of(path_)),
      watch_(path_) {}

std::shared_ptr<const DirectoryOwner> SharedDirectory::owner() {
  const std::lock_guard lock(mutex_);
  if (owner_ && owner_->lost()) owner_.reset();
  return owner_;
}

DirectoryLeader SharedDirectory::look() {
  const std::lock_guard lock(mutex_);
  if (owner_ && owner_->lost()) owner_.reset();
  if (owner_) {
    return {.state = DirectoryLeader::State::kAlive,
            .generation = owner_->generation(),
            .who = process_name()};
  }
  const DirectoryLeader leader = watch_.look();
  if (role_ == DirectoryRole::kCoordinator && leader.free()) {
    owner_ = DirectoryOwner::take(path_, leader, options_);
  }
  return leader;
}

}  // namespace nas
