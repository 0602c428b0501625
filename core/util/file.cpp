#include "core/util/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

#include "core/util/error.h"
#include "core/util/regular_file.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;
// What a gzip file may unpack to: tables reach 30 times their size, a thousand times is an attack.
constexpr std::size_t kUnpackedAlways = std::size_t{16} << 20, kMostUnpacked = 256;

[[noreturn]] void fail_io(std::string_view verb, const std::filesystem::path& path, int code) {
  std::string reason = std::generic_category().message(code);
  if (code == ENOSPC || code == EDQUOT) reason = to_lower(reason);
  if (code == ENOSPC) reason += "; free some space or choose another place";
  throw Error(ErrorKind::kIo,
              "cannot " + std::string(verb) + " '" + printable(path.native()) + "': " + reason);
}

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  /// Some file systems say only here that the content did not reach the disk.
  void close_written(const std::filesystem::path& path) {
    if (::close(release()) != 0 && errno != EINTR) fail_io("write", path, errno);
  }

 private:
  int fd_;
};

void write_all(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), std::min(content.size(), 64 * kChunk));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_io("write", path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

void flush_to_disk(int fd, const std::filesystem::path& path) {
  // Pipes, devices and a few network file systems have nothing to flush.
  if (::fsync(fd) != 0 && errno != EINVAL && errno != EROFS) fail_io("write", path, errno);
}

// A name beside `target` that nobody else uses.
std::filesystem::path name_beside(const std::filesystem::path& target) {
  static std::atomic<unsigned> counter{0};
  std::filesystem::path path = target;
  path.replace_filename("." + target.filename().string() + "." + std::to_string(::getpid()) + "." +
                        std::to_string(counter++) + ".tmp");
  return path;
}

// A new file beside `target`, created with the user's own umask; "" while it has no name, which
// leaves nothing behind when the process is killed.
std::filesystem::path create_beside(const std::filesystem::path& target, int& fd) {
  const std::filesystem::path parent = target.has_parent_path() ? target.parent_path() : ".";
  if (::access("/proc/self/fd", X_OK) == 0) {  // `name_file` needs it
    fd = ::open(parent.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    if (fd >= 0) return {};
  }
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const std::filesystem::path path = name_beside(target);
    fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) return path;
    if (errno != EEXIST) fail_io("write", target, errno);
  }
  fail_io("write", target, EEXIST);
}

// Gives a file without a name one beside `target`.
std::filesystem::path name_file(int fd, const std::filesystem::path& target) {
  const std::string file = "/proc/self/fd/" + std::to_string(fd);
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const std::filesystem::path path = name_beside(target);
    if (::linkat(AT_FDCWD, file.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0)
      return path;
    if (errno != EEXIST) fail_io("write", target, errno);
  }
  fail_io("write", target, EEXIST);
}

// Removes a temporary file unless it was renamed.
class Discard {
 public:
  explicit Discard(std::filesystem::path path) : path_(std::move(path)) {}
  ~Discard() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Discard(const Discard&) = delete;
  Discard& operator=(const Discard&) = delete;
  const std::filesystem::path& path() const { return path_; }
  void hold(std::filesystem::path path) { path_ = std::move(path); }
  void keep() { path_.clear(); }

 private:
  std::filesystem::path path_;
};

void write_device(const std::filesystem::path& path, std::string_view content) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0) fail_io("write", path, errno);
  write_all(file.get(), content, path);
  file.close_written(path);
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  require_regular_file(path);
  // Without waiting: under the name there may be a pipe by now.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) fail_io("read", path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail_io("read", path, errno);

  // zlib passes files without the gzip magic through as they are.
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> stream(::gzdopen(file.get(), "rb"), &::gzclose);
  if (!stream) fail_io("read", path, ENOMEM);
  file.release();
  ::gzbuffer(stream.get(), kChunk / 4);

  std::string content;
  content.reserve(std::min(limit, static_cast<std::size_t>(status.st_size)));
  for (;;) {
    const std::size_t size = content.size();
    const std::size_t want = std::min(kChunk, limit - size + 1);
    content.resize(size + want);
    const int got = ::gzread(stream.get(), content.data() + size, static_cast<unsigned>(want));
    int code = Z_OK;
    const std::string_view message = ::gzerror(stream.get(), &code);
    if (code == Z_ERRNO) fail_io("read", path, errno);
    if (got < 0 || code != Z_OK) {
      // zlib puts the number of the descriptor in front of its reason.
      const std::size_t reason = message.starts_with('<') ? message.find(": ") + 2 : 0;
      throw Error(ErrorKind::kData, "'" + path.string() + "' is damaged or truncated gzip: " +
                                        std::string(message.substr(reason)));
    }
    content.resize(size + static_cast<std::size_t>(got));
    if (content.size() > kUnpackedAlways &&
        content.size() / kMostUnpacked > static_cast<std::size_t>(status.st_size)) {
      throw Error(ErrorKind::kData, "'" + path.string() + "' unpacks to more than " +
                                        std::to_string(kMostUnpacked) +
                                        " times its size; unpack it yourself if you trust it");
    }
    if (content.size() > limit) {
      throw Error(ErrorKind::kData, "'" + path.string() + "' is larger than the limit of " +
                                        format_bytes(static_cast<std::int64_t>(limit)));
    }
    if (got == 0) return content;
  }
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  std::error_code ignored;
  const auto kind = std::filesystem::status(path, ignored).type();
  using std::filesystem::file_type;
  if (kind == file_type::directory) fail_io("write", path, EISDIR);
  if (kind == file_type::character || kind == file_type::fifo || kind == file_type::block) {
    return write_device(path, content);  // /dev/stdout is to be written to, not replaced
  }
  const bool linked = std::filesystem::is_symlink(path, ignored);
  const std::filesystem::path target = linked ? std::filesystem::weakly_canonical(path) : path;
  {
    int fd = -1;
    Discard temporary(create_beside(target, fd));
    Descriptor file(fd);
    write_all(fd, content, path);
    flush_to_disk(fd, path);
    if (temporary.path().empty()) temporary.hold(name_file(fd, target));
    file.close_written(path);
    if (::rename(temporary.path().c_str(), target.c_str()) != 0) fail_io("write", path, errno);
    temporary.keep();
  }
  const std::filesystem::path parent = target.has_parent_path() ? target.parent_path() : ".";
  const Descriptor folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) flush_to_disk(folder.get(), path);  // makes the rename itself durable
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "searchlight-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) fail_io("create", name, errno);
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace nas
