#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace nas {

struct AnswerFile {
  std::string name, content;
};

/// Writes files into a folder, which is made where it is missing, and returns their paths. What is
/// there under these names is replaced when all are written: on a full disk nothing changes. Throws
/// Error(kIo).
std::vector<std::filesystem::path> write_files(const std::filesystem::path& directory,
                                               std::span<const AnswerFile> files);

}  // namespace nas
