#include "db/kept_path.h"

namespace nas {

std::string kept_path(const std::filesystem::path& folder, const std::filesystem::path& file) {
  const std::filesystem::path whole = std::filesystem::absolute(file).lexically_normal();
  const std::filesystem::path inside =
      whole.lexically_relative(std::filesystem::absolute(folder).lexically_normal());
  const bool outside = inside.empty() || *inside.begin() == "..";
  return outside ? whole.string() : inside.string();
}

}  // namespace nas
