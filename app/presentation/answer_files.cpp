#include "app/presentation/answer_files.h"

#include "core/util/file.h"
#include "core/util/file_name.h"

namespace nas {

std::vector<std::filesystem::path> write_files(const std::filesystem::path& directory,
                                               std::span<const AnswerFile> files) {
  make_directory(directory);
  std::vector<std::filesystem::path> paths;
  for (const auto& [name, content] : files) {
    write_file_atomically(directory / name, content);
    paths.push_back(directory / name);
  }
  return paths;
}

}  // namespace nas
