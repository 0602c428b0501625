#include "db/database_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/companions.h"
#include "db/migrations.h"

namespace nas {

namespace {

// SQLite's own limit is 512 bytes, with room for "-wal" and the name of a database in the making.
constexpr std::size_t kLongestPath = 480;
constexpr std::size_t kHeaderBytes = 100;
constexpr std::string_view kMagic("SQLite format 3\0", 16);

using Header = std::array<unsigned char, kHeaderBytes>;

std::string quoted(const std::filesystem::path& path) {
  return "database '" + printable(path.native()) + "'";
}

// Numbers of the header are big-endian: "Database File Format" of the SQLite documentation,
// section 1.3.
std::int64_t number_at(const Header& header, std::size_t offset, std::size_t bytes) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value * 256 + header[offset + i];
  return value;
}

Header read_header(const std::filesystem::path& path) {
  Header header{};
  errno = 0;
  const int file = lasting_descriptor(path);
  const ssize_t bytes = file < 0 ? -1 : ::pread(file, header.data(), kHeaderBytes, 0);
  if (bytes < 0)
    throw Error(ErrorKind::kIo, quoted(path) + ": cannot be read: " + std::strerror(errno));
  if (bytes < static_cast<ssize_t>(kHeaderBytes)) {
    throw Error(ErrorKind::kData, quoted(path) + ": is not a Searchlight database (it has only " +
                                      std::to_string(bytes) + " bytes)");
  }
  return header;
}

void refuse_unless_regular(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    const std::string hint = errno == ENOENT ? "; check the name, or let a study create it" : "";
    throw Error(ErrorKind::kIo, quoted(path) + ": " + std::strerror(errno) + hint);
  }
  if (S_ISDIR(status.st_mode)) {
    throw Error(ErrorKind::kIo, quoted(path) + ": is a directory; name a file in it");
  }
  if (!S_ISREG(status.st_mode))
    throw Error(ErrorKind::kIo, quoted(path) + ": is not a regular file");
  // Each name would get a write-ahead log of its own, and the two would overwrite each other.
  if (status.st_nlink > 1) {
    throw Error(ErrorKind::kData,
                quoted(path) + ": is one file with " + std::to_string(status.st_nlink) +
                    " names (hard links), which would each get a log of their own; keep one name, "
                    "or use symbolic links");
  }
  if (status.st_size == 0) {
    throw Error(ErrorKind::kData,
                quoted(path) + ": is empty (0 bytes), not a database; remove it to start again");
  }
}

void refuse_foreign(const std::filesystem::path& path, const Header& header) {
  if (std::memcmp(header.data(), kMagic.data(), kMagic.size()) != 0) {
    throw Error(ErrorKind::kData,
                quoted(path) + ": is not a Searchlight database (not an SQLite file)");
  }
  if (number_at(header, 68, 4) != kApplicationId) {
    throw Error(
        ErrorKind::kData,
        quoted(path) + ": is an SQLite file of another program, not a Searchlight database");
  }
}

// With changes pending in the write-ahead log the file may rightly be shorter than its header says.
void refuse_truncated(const DatabaseFile& file, const Header& header, std::int64_t bytes) {
  const std::int64_t page_field = number_at(header, 16, 2);
  const std::int64_t page_bytes = page_field == 1 ? 65'536 : page_field;
  const std::int64_t pages = number_at(header, 28, 4);
  const bool size_is_valid = number_at(header, 24, 4) == number_at(header, 92, 4);
  if (file.wal_bytes == 0 && size_is_valid && bytes < pages * page_bytes) {
    throw Error(ErrorKind::kData,
                quoted(file.path) + ": is truncated, it has " + std::to_string(bytes) + " of " +
                    std::to_string(pages * page_bytes) +
                    " bytes; use a copy of it, or salvage its rows with sqlite3's .recover");
  }
}

bool may_write(const std::filesystem::path& path) {
  return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

}  // namespace

std::optional<FileId> file_id(const std::filesystem::path& path) noexcept {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileId{status.st_dev, status.st_ino};
}

// Closing any descriptor of a file drops all of the process's locks on it ("How To Corrupt An
// SQLite Database File", section 2.2). Another process would then take itself for the last user of
// a database that connections of ours have open, and remove its write-ahead log under them. So a
// database is opened for looking once, and stays open for as long as the process lives.
int lasting_descriptor(const std::filesystem::path& path) {
  static std::mutex mutex;
  static std::map<FileId, int> descriptors;
  const std::lock_guard lock(mutex);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return -1;
  // An open descriptor would still read what is no longer permitted.
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0) return -1;
  const auto known = descriptors.find({status.st_dev, status.st_ino});
  if (known != descriptors.end()) return known->second;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  // Under the name there may be another file by now.
  if (file >= 0 && ::fstat(file, &status) == 0) {
    const auto added = descriptors.emplace(std::pair(status.st_dev, status.st_ino), file);
    return added.first->second;
  }
  return file;
}

std::filesystem::path usable_path(const std::filesystem::path& path) {
  if (path.empty()) throw Error(ErrorKind::kUsage, "database: the name is empty");
  if (path.native().find('\0') != std::string::npos) {
    throw Error(ErrorKind::kUsage, quoted(path) + ": the name contains a NUL character");
  }
  std::error_code error;
  // Resolves what exists: the log of a database lies beside the file itself, not beside a link to
  // it.
  // Absolute first: SQLite gives names such as ':memory:' and 'file:x' a meaning of its own.
  std::filesystem::path whole = std::filesystem::absolute(path, error);
  if (!error) whole = std::filesystem::weakly_canonical(whole, error);
  if (error) throw Error(ErrorKind::kIo, quoted(path) + ": " + error.message());
  if (whole.native().size() > kLongestPath) {
    throw Error(ErrorKind::kUsage, quoted(path) + ": the path has " +
                                       std::to_string(whole.native().size()) + " bytes, at most " +
                                       std::to_string(kLongestPath) + " are possible");
  }
  return whole;
}

std::int64_t wal_bytes(const std::filesystem::path& path) noexcept {
  struct stat status {};
  const std::string name = path.native() + "-wal";
  return ::stat(name.c_str(), &status) == 0 ? static_cast<std::int64_t>(status.st_size) : 0;
}

std::optional<std::string_view> network_filesystem(std::uint64_t magic) {
  // linux/magic.h; SMB2 and CIFS from fs/smb.
  switch (magic) {
    case 0x6969:
      return "NFS";
    case 0x517B:
    case 0xFE534D42:
    case 0xFF534D42:
      return "SMB";
    case 0x5346414F:
      return "AFS";
    case 0x01021997:
      return "9P";
    case 0x00C36400:
      return "Ceph";
    case 0x0BD00BD0:
      return "Lustre";
    default:
      return std::nullopt;
  }
}

void refuse_network_filesystem(const std::filesystem::path& directory) {
  struct statfs status {};
  if (::statfs(directory.c_str(), &status) != 0)
    return;  // the opening itself will say what is wrong
  const auto name = network_filesystem(static_cast<std::uint32_t>(status.f_type));
  if (name) {
    throw Error(ErrorKind::kUnsupported,
                quoted(directory) + ": is on a network file system (" + std::string(*name) +
                    "), where several machines would damage the database; put it on a local disk");
  }
}

DatabaseFile inspect_database_file(const std::filesystem::path& path, bool alone) {
  DatabaseFile file;
  file.path = usable_path(path);
  refuse_unless_regular(file.path);
  if (!alone) refuse_network_filesystem(file.path);
  const Header header = read_header(file.path);
  refuse_foreign(file.path, header);
  file.write_ahead = header[18] == 2;
  file.writable = may_write(file.path) && may_write(file.path.parent_path());
  file.wal_bytes = wal_bytes(file.path);
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(file.path, error);
  if (!error) refuse_truncated(file, header, static_cast<std::int64_t>(bytes));
  refuse_stray_journal(file);
  return file;
}

}  // namespace nas
