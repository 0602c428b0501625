#include "app/presentation/answer_files.h"

#include <unistd.h>

#include <string>
#include <system_error>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_name.h"
#include "core/util/text.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

/// Where files wait until all are written: on a full disk no folder is left half new.
class Staging {
 public:
  explicit Staging(fs::path directory) : directory_(std::move(directory)) {
    std::error_code unknown;
    is_new_ = !fs::exists(directory_, unknown) && !unknown;
    make_directory(directory_);
    std::error_code problem;
    if (fs::create_directory(path(), problem)) return;
    if (is_new_) fs::remove(directory_, unknown);
    throw Error(ErrorKind::kIo, printable(path().native()) + ": cannot be made: " +
                                    (problem ? problem.message() : "it is there; remove it"));
  }
  ~Staging() {
    std::error_code ignored;
    fs::remove_all(path(), ignored);
    if (is_new_) fs::remove(directory_, ignored);  // while nothing is in it
  }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  /// Of this process: two may write into one folder.
  fs::path path() const { return directory_ / (".part-" + std::to_string(::getpid())); }

 private:
  fs::path directory_;
  bool is_new_ = false;
};

}  // namespace

std::vector<fs::path> write_files(const fs::path& directory, std::span<const AnswerFile> files) {
  const Staging staging(directory);
  for (const auto& [name, content] : files) {
    write_file_atomically(staging.path() / name, content);
  }
  std::vector<fs::path> paths;
  for (const auto& [name, content] : files) {
    std::error_code problem;
    paths.push_back(directory / name);
    fs::rename(staging.path() / name, paths.back(), problem);
    if (problem) {
      throw Error(ErrorKind::kIo,
                  printable(paths.back().native()) + ": cannot be written: " + problem.message());
    }
  }
  return paths;
}

}  // namespace nas
