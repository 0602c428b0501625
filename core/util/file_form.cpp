#include "core/util/file_form.h"

#include <algorithm>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// ".SVG" -> "svg"
std::string ending_of(const std::filesystem::path& file) {
  std::string ending = to_lower(file.extension().string());
  if (!ending.empty()) ending.erase(0, 1);
  return ending;
}

}  // namespace

std::optional<std::string> known_form(const std::filesystem::path& file, std::string_view known) {
  const std::string ending = ending_of(file);
  const std::vector<std::string> endings = split(known, '|');
  if (std::find(endings.begin(), endings.end(), ending) == endings.end()) return std::nullopt;
  return ending;
}

std::string form_of_file(const std::filesystem::path& file, std::string_view known,
                         std::string_view what) {
  if (auto form = known_form(file, known)) return *form;
  const std::string ending = ending_of(file);
  const std::vector<std::string> endings = split(known, '|');
  const std::string problem =
      ending.empty() ? "the file needs an ending" : "unknown ending '." + printable(ending) + "'";
  throw Error(ErrorKind::kUsage,
              std::string(what) + " " + printable(file.string()) + ": " + problem + "; " +
                  (endings.size() == 1 ? "write ." : "one of .") + join(endings, ", ."));
}

void require_folder_name(const std::filesystem::path& folder, std::string_view what,
                         std::string_view holds) {
  constexpr std::string_view kFiles[] = {
      "csv", "db",  "dot", "html", "json", "jsonl", "md",   "pdf",    "png",         "svg", "toml",
      "tsv", "txt", "zip", "jpg",  "eps",  "xlsx",  "onnx", "tflite", "safetensors", "qasm"};
  const std::string ending = ending_of(folder);
  std::error_code ignored;
  if (std::find(std::begin(kFiles), std::end(kFiles), ending) == std::end(kFiles) ||
      std::filesystem::is_directory(folder, ignored)) {
    return;
  }
  throw Error(ErrorKind::kUsage, std::string(what) + " " + printable(folder.string()) +
                                     ": this is the name of a folder, which gets " +
                                     std::string(holds) + "; name one without '." + ending + "'");
}

}  // namespace nas
