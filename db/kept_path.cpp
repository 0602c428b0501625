#include "db/kept_path.h"

namespace nas {

namespace {

/// "" is the working directory.
std::filesystem::path whole_path(const std::filesystem::path& path) {
  return (std::filesystem::current_path() / path).lexically_normal();
}

}  // namespace

std::string kept_path(const std::filesystem::path& folder, const std::filesystem::path& file) {
  const std::filesystem::path whole = whole_path(file);
  const std::filesystem::path inside = whole.lexically_relative(whole_path(folder));
  const bool outside = inside.empty() || *inside.begin() == "..";
  return outside ? whole.string() : inside.string();
}

}  // namespace nas
