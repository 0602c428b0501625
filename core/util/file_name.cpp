#include "core/util/file_name.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kLongestStem = 100;
constexpr std::size_t kHashDigits = 8;

[[noreturn]] void fail(const std::filesystem::path& path, int code) {
  throw Error(ErrorKind::kIo, "cannot write '" + printable(path.string()) +
                                  "': " + std::generic_category().message(code));
}

}  // namespace

std::string file_stem(std::string_view name) {
  std::string stem;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || (c == '.' && !stem.empty());
    stem += plain ? c : '_';
  }
  if (stem == name && !stem.empty() && stem.size() <= kLongestStem) return stem;
  stem.resize(std::min(stem.size(), kLongestStem - kHashDigits - 1));
  return stem + "-" + sha256_hex(name).substr(0, kHashDigits);
}

void check_plain_name(std::string_view name, std::string_view what) {
  if (file_stem(name) == name) return;
  throw Error(ErrorKind::kUsage, "'" + printable(std::string(name)) + "' cannot be the name of a " +
                                     std::string(what) +
                                     "; use up to 100 letters, digits, '-', '_' and '.', no '.' in "
                                     "front");
}

std::filesystem::path free_path(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::path candidate = path;
  for (int copy = 2; std::filesystem::exists(std::filesystem::symlink_status(candidate, error));
       ++copy) {
    candidate = path;
    candidate.replace_filename(path.stem().string() + "-" + std::to_string(copy) +
                               path.extension().string());
  }
  return candidate;
}

bool rename_to_free(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return false;
  // A file system that cannot do this in one step may have hard links.
  if (::link(from.c_str(), to.c_str()) != 0) {
    if (errno == EEXIST) return false;
    fail(to, errno);
  }
  ::unlink(from.c_str());
  return true;
}

bool holds_file(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

void refuse_existing(const std::filesystem::path& output, bool force) {
  if (force || !holds_file(output)) return;
  throw Error(ErrorKind::kUsage, "'" + printable(output.string()) +
                                     "' exists; name another --output, or replace it with --force");
}

void make_directory(const std::filesystem::path& directory) {
  std::error_code error;
  if (!directory.empty()) std::filesystem::create_directories(directory, error);
  if (!error) return;
  throw Error(ErrorKind::kIo, "cannot make the directory '" + printable(directory.string()) +
                                  "': " + error.message());
}

void check_can_write(const std::filesystem::path& path) {
  std::error_code error;
  const auto type = std::filesystem::status(path, error).type();
  if (type == std::filesystem::file_type::directory) fail(path, EISDIR);
  if (type == std::filesystem::file_type::character || type == std::filesystem::file_type::fifo) {
    return;
  }
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  make_directory(folder);
  std::string probe = (folder / ".searchlight-XXXXXX").string();
  const int file = ::mkstemp(probe.data());
  if (file < 0) fail(path, errno);
  ::close(file);
  ::unlink(probe.c_str());
}

}  // namespace nas
