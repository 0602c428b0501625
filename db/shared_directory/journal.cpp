#include "db/shared_directory/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

constexpr std::size_t kHeaderBytes = 8;
constexpr std::uint32_t kLongestRecord = 1U << 30;

std::uint32_t checksum_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::array<char, kHeaderBytes> header_of(std::string_view record) {
  const auto length = static_cast<std::uint32_t>(record.size());
  const std::uint32_t sum = checksum_of(record);
  std::array<char, kHeaderBytes> header{};
  for (std::size_t byte = 0; byte < 4; ++byte) {
    header[byte] = static_cast<char>(length >> (8 * byte));
    header[4 + byte] = static_cast<char>(sum >> (8 * byte));
  }
  return header;
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t byte = 0; byte < 4; ++byte) {
    number |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + byte]))
              << (8 * byte);
  }
  return number;
}

bool write_whole(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Sharing sharing_of(const std::filesystem::path& directory) {
  struct statfs status {};
  if (::statfs(directory.c_str(), &status) != 0) return {};
  // linux/magic.h: ext2 to ext4, XFS, Btrfs, F2FS, tmpfs, overlay of these.
  switch (static_cast<std::uint32_t>(status.f_type)) {
    case 0xEF53:
    case 0x58465342:
    case 0x9123683E:
    case 0xF2F52010:
    case 0x01021994:
    case 0x794C7630:
      return {.flush = false};
    default:
      return {};
  }
}

std::optional<JournalWriter> JournalWriter::create(const std::filesystem::path& path,
                                                   Sharing sharing) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
  if (file >= 0) return JournalWriter(path, file, sharing);
  if (errno == EEXIST) return std::nullopt;
  throw Error(ErrorKind::kIo,
              "'" + printable(path.native()) + "' cannot be created: " + std::strerror(errno));
}

JournalWriter::JournalWriter(std::filesystem::path path, int file, Sharing sharing)
    : path_(std::move(path)), file_(file), sharing_(sharing) {}

JournalWriter::JournalWriter(JournalWriter&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      bytes_(other.bytes_),
      sharing_(other.sharing_) {}

JournalWriter& JournalWriter::operator=(JournalWriter&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(file_, other.file_);
  std::swap(bytes_, other.bytes_);
  std::swap(sharing_, other.sharing_);
  return *this;
}

JournalWriter::~JournalWriter() {
  if (file_ >= 0) ::close(file_);
}

void JournalWriter::append(std::string_view record) {
  NAS_CHECK(record.size() < kLongestRecord, "a record of a journal fits into memory");
  const auto header = header_of(record);
  std::string bytes(header.data(), header.size());
  bytes.append(record);
  if (!write_whole(file_, bytes) || (sharing_.flush && ::fdatasync(file_) != 0)) {
    const int number = errno;
    // Half a record would hide all that follow.
    (void)!::ftruncate(file_, bytes_);
    throw Error(ErrorKind::kIo,
                "'" + printable(path_.native()) + "' cannot be written: " + std::strerror(number));
  }
  bytes_ += static_cast<std::int64_t>(bytes.size());
}

JournalReader::JournalReader(std::filesystem::path path, Sharing sharing)
    : path_(std::move(path)), sharing_(sharing) {}

std::optional<std::string> JournalReader::next() {
  if (auto record = parse()) return record;
  return fetch() ? parse() : std::nullopt;
}

bool JournalReader::fetch() {
  struct stat status {};
  // A network file system shows what is new when a file is opened, not when it is asked about.
  if (!sharing_.flush && (::stat(path_.c_str(), &status) != 0 || status.st_size <= offset_))
    return false;
  const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  bool found = false;
  std::array<char, 65'536> block;
  while (true) {
    const ssize_t bytes = ::pread(file, block.data(), block.size(), offset_);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) break;
    buffer_.append(block.data(), static_cast<std::size_t>(bytes));
    offset_ += bytes;
    found = true;
  }
  ::close(file);
  return found;
}

std::optional<std::string> JournalReader::parse() {
  if (buffer_.size() < kHeaderBytes) return std::nullopt;
  const std::uint32_t length = number_at(buffer_, 0);
  if (length < kLongestRecord && buffer_.size() < kHeaderBytes + length) return std::nullopt;
  std::string record;
  const bool whole = length < kLongestRecord && length > 0;
  if (whole) record = buffer_.substr(kHeaderBytes, length);
  if (!whole || checksum_of(record) != number_at(buffer_, 4)) {
    // The size of the file may be seen before its bytes are: these are read again.
    offset_ -= static_cast<std::int64_t>(buffer_.size());
    buffer_.clear();
    return std::nullopt;
  }
  buffer_.erase(0, kHeaderBytes + length);
  return record;
}

}  // namespace nas
