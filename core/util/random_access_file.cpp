#include "core/util/random_access_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/util/error.h"
#include "core/util/regular_file.h"
#include "core/util/text.h"

namespace nas {
namespace {

[[noreturn]] void fail_io(const std::string& name, const std::string& reason) {
  throw Error(ErrorKind::kIo, "cannot read '" + name + "': " + reason);
}

}  // namespace

RandomAccessFile::RandomAccessFile(const std::filesystem::path& path, std::uint64_t limit)
    : name_(printable(path.native())) {
  require_regular_file(path);
  // Without waiting: under the name there may be a pipe by now.
  file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file_ < 0) fail_io(name_, std::generic_category().message(errno));
  struct stat status {};
  const int code = ::fstat(file_, &status) == 0 ? 0 : errno;
  size_ = code == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  if (code == 0 && size_ <= limit) return;
  ::close(file_);
  if (code != 0) fail_io(name_, std::generic_category().message(code));
  throw Error(ErrorKind::kData, name_ + ": " + format_bytes(static_cast<std::int64_t>(size_)) +
                                    ", the limit is " +
                                    format_bytes(static_cast<std::int64_t>(limit)));
}

RandomAccessFile::~RandomAccessFile() {
  ::close(file_);
}

std::string RandomAccessFile::read(std::uint64_t offset, std::uint64_t length) const {
  if (offset > size_ || length > size_ - offset) {
    throw Error(ErrorKind::kData, name_ + ": bytes " + std::to_string(offset) + " to " +
                                      std::to_string(offset + length) + " are not in the file");
  }
  std::string bytes(static_cast<std::size_t>(length), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        ::pread(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_io(name_, std::generic_category().message(errno));
    if (count == 0) fail_io(name_, "it became shorter while it was read");
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

}  // namespace nas
