#include "app/supernets/unfinished_supernet.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "core/util/error.h"
#include "core/util/file.h"

namespace nas {
namespace {

constexpr std::string_view kEnding = ".training.json";
constexpr std::size_t kLargest = std::size_t{1} << 20;

bool is_locked(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool locked = ::flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(file);
  return locked;
}

UnfinishedSupernet read_mark(const std::filesystem::path& path) {
  const std::string text = read_file(path, kLargest);
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    return {parse_supernet_info(json.at("supernet").get<std::string>(), path.string()),
            json.at("command").get<std::string>(), is_locked(path)};
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::kData, path.string() + ": what it says of a training is damaged");
  }
}

}  // namespace

std::vector<UnfinishedSupernet> unfinished_supernets(const Session& session) {
  std::vector<UnfinishedSupernet> found;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(session.files_directory() / "supernets", error)) {
    if (!entry.path().filename().string().ends_with(kEnding)) continue;
    try {
      found.push_back(read_mark(entry.path()));
    } catch (const Error&) {
      // It ended while we looked, or is damaged: a list of what there is does not fail by it.
    }
  }
  std::ranges::sort(found, {}, [](const UnfinishedSupernet& one) {
    return one.info.name + "\n" + one.info.settings();
  });
  return found;
}

TrainingMark::TrainingMark(const std::filesystem::path& checkpoint, const SupernetInfo& info,
                           const std::string& command)
    : path_(checkpoint) {
  path_.replace_extension(kEnding);
  const nlohmann::json json{{"supernet", to_json(info)}, {"command", command}};
  write_file_atomically(path_, json.dump());
  lock_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  // Where the file system has no locks, the training counts as interrupted while it runs.
  if (lock_ >= 0) (void)::flock(lock_, LOCK_EX | LOCK_NB);
}

TrainingMark::~TrainingMark() {
  if (lock_ >= 0) ::close(lock_);
}

void TrainingMark::remove() noexcept {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace nas
