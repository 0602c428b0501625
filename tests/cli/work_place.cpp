#include "tests/cli/work_place.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

namespace nas::test {
namespace {

void redirect(const std::filesystem::path& file, int descriptor) {
  const int opened = open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0644);
  if (opened < 0 || dup2(opened, descriptor) < 0) _exit(98);
  close(opened);
}

}  // namespace

void work_at(const WorkPlace& place) {
  if (chdir(place.directory.c_str()) != 0) _exit(98);
  redirect("/dev/null", STDIN_FILENO);  // a read meets the end of the file
  redirect(place.out, STDOUT_FILENO);
  redirect(place.err, STDERR_FILENO);
  unsetenv("SEARCHLIGHT_FILES");
  unsetenv("SEARCHLIGHT_STORE");
  setenv("NASCTL", NAS_NASCTL, 1);
  setenv("COLUMNS", "200", 1);  // for the notes of progress bars
}

}  // namespace nas::test
