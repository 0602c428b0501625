#include "app/lookup/named_file.h"

#include <filesystem>
#include <vector>

#include "core/api/notation.h"
#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20;

bool is_read(const std::function<void(const std::string&)>& read, const std::string& line) {
  try {
    read(line);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::string read_named_file(std::string_view path) {
  std::string bytes = read_file(std::filesystem::path(path), kLargestFile);
  refuse_foreign_content(bytes, printable(path));
  const std::string text = decode_text(std::move(bytes), printable(path));
  const std::string_view content = without_comments(text);
  if (content.empty()) throw Error(ErrorKind::kUsage, "'" + printable(path) + "' is empty");
  return std::string(content);
}

void refuse_several(std::string_view path, const std::string& content,
                    const std::function<void(const std::string& line)>& read) {
  std::vector<std::string> lines;
  for (const std::string& line : split(content, '\n')) {
    const std::string_view text = trim(line);
    if (!text.empty() && !text.starts_with('#')) lines.emplace_back(text);
  }
  if (lines.size() < 2 || !is_read(read, lines[0]) || !is_read(read, lines[1])) return;
  throw Error(ErrorKind::kUsage, "'" + printable(path) + "' holds " + std::to_string(lines.size()) +
                                     " architectures, one per line; @FILE stands for one: give "
                                     "each a file of its own");
}

}  // namespace nas
