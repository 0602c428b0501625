#include "core/util/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/util/error.h"
#include "core/util/regular_file.h"
#include "core/util/text.h"

namespace nas {

MappedFile::MappedFile(const std::filesystem::path& path, std::size_t limit) {
  const std::string name = printable(path.native());
  const auto fail = [&](int code) {
    throw Error(ErrorKind::kIo,
                "cannot read '" + name + "': " + std::generic_category().message(code));
  };
  require_regular_file(path);
  // Without waiting: under the name there may be a pipe by now.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) fail(errno);
  struct stat status {};
  const bool known = ::fstat(file, &status) == 0;
  const int code = known ? 0 : errno;
  void* memory = MAP_FAILED;
  int map_code = 0;
  const auto size = static_cast<std::size_t>(known ? status.st_size : 0);
  if (size > 0 && size <= limit) {
    memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    map_code = memory == MAP_FAILED ? errno : 0;
  }
  ::close(file);
  if (!known) fail(code);
  if (size > limit) {
    throw Error(ErrorKind::kData, name + ": " + format_bytes(static_cast<std::int64_t>(size)) +
                                      ", the limit is " +
                                      format_bytes(static_cast<std::int64_t>(limit)));
  }
  if (map_code != 0) fail(map_code);
  if (size == 0) return;
  data_ = static_cast<const char*>(memory);
  size_ = size;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

}  // namespace nas
