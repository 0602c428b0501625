#include <filesystem>

#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/text.h"
#include "db/store_impl.h"

namespace nas {

namespace {

// Of one path the newest row: earlier ones are of files that were replaced.
constexpr char kModelFiles[] =
    "SELECT path, sha256, architecture.text FROM model JOIN architecture ON architecture.id = "
    "architecture_id WHERE model.id IN (SELECT max(id) FROM model GROUP BY path) ORDER BY model.id";
constexpr char kArtifactFiles[] = "SELECT path, sha256, name, kind FROM artifact ORDER BY id";
constexpr char kPredictorFiles[] = "SELECT path, sha256, name FROM predictor ORDER BY id";

/// Is the file that the database knows still there, byte by byte?
std::optional<std::string> file_problem(const std::filesystem::path& path,
                                        std::string_view sha256) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return "is missing";
  if (!std::filesystem::is_regular_file(path, error)) return "is not a file";
  try {
    if (sha256_file(path) == sha256) return std::nullopt;
    return "has changed since it was written (another SHA-256)";
  } catch (const Error& failure) {
    return "cannot be read: " + std::string(failure.what());
  }
}

}  // namespace

std::vector<std::string> SqlStore::file_problems() const {
  std::vector<std::string> problems;
  const std::filesystem::path folder = connection_->files();
  const auto look = [&](Rows rows, const std::string& kind) {
    while (rows.next()) {
      const std::string what = kind.empty() ? printable(rows.text(3)) : kind;
      const std::filesystem::path path = folder / rows.string(0);  // an absolute path stays itself
      if (const auto problem = file_problem(path, rows.text(1))) {
        problems.push_back(what + " '" + printable(rows.text(2)) + "': the file '" +
                           printable(path.string()) + "' " + *problem);
        continue;
      }
      // What a predictor's tensors mean stands beside them.
      const std::filesystem::path meaning = std::filesystem::path(path).replace_extension(".json");
      std::error_code error;
      if (kind == "predictor" && !std::filesystem::exists(meaning, error)) {
        problems.push_back(what + " '" + printable(rows.text(2)) + "': the file '" +
                           printable(meaning.string()) + "' is missing");
      }
    }
  };
  look(connection_->select(kModelFiles), "model of");
  look(connection_->select(kPredictorFiles), "predictor");
  look(connection_->select(kArtifactFiles), "");
  return problems;
}

}  // namespace nas
