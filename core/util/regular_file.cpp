#include "core/util/regular_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

void require_regular_file(const std::filesystem::path& path) {
  const auto fail = [&path](const std::string& reason) {
    throw Error(ErrorKind::kIo, "cannot read '" + printable(path.native()) + "': " + reason);
  };
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) fail(std::generic_category().message(errno));
  if (S_ISREG(status.st_mode)) return;
  if (S_ISDIR(status.st_mode)) fail(std::generic_category().message(EISDIR));
  const bool device = S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode);
  const std::string what = device                     ? "a device"
                           : S_ISFIFO(status.st_mode) ? "a pipe"
                           : S_ISSOCK(status.st_mode) ? "a socket"
                                                      : "of an unknown kind";
  fail("it is " + what + ", not a regular file; copy its content into a file first");
}

}  // namespace nas
