#include "app/cluster/program_output.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Opens files in place of the standard ones of a program.
class Redirections {
 public:
  Redirections() { posix_spawn_file_actions_init(&actions_); }
  ~Redirections() { posix_spawn_file_actions_destroy(&actions_); }
  Redirections(const Redirections&) = delete;
  Redirections& operator=(const Redirections&) = delete;
  void open(int descriptor, const std::string& path, int flags) {
    posix_spawn_file_actions_addopen(&actions_, descriptor, path.c_str(), flags, 0644);
  }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

pid_t spawn(std::vector<std::string> words, const Redirections& redirections, bool own_session) {
  posix_spawnattr_t attributes{};
  posix_spawnattr_init(&attributes);
  if (own_session) posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  const std::string name = words.front();
  const std::vector<char*> pointers = pointers_to(words);
  pid_t pid = 0;
  const int failure =
      posix_spawnp(&pid, name.c_str(), redirections.get(), &attributes, pointers.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (failure != 0) {
    throw Error(ErrorKind::kIo,
                "program '" + printable(name) + "' cannot be started: " + std::strerror(failure));
  }
  return pid;
}

}  // namespace

ProgramOutput run_program(const std::vector<std::string>& words, const std::string& input) {
  // Files, not pipes: neither side can wait for the other.
  const TemporaryDirectory directory;
  const auto path = [&](const char* name) { return (directory.path() / name).string(); };
  write_file_atomically(path("in"), input);
  Redirections redirections;
  redirections.open(STDIN_FILENO, path("in"), O_RDONLY);
  redirections.open(STDOUT_FILENO, path("out"), O_WRONLY | O_CREAT | O_TRUNC);
  redirections.open(STDERR_FILENO, path("err"), O_WRONLY | O_CREAT | O_TRUNC);
  const pid_t pid = spawn(words, redirections, false);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno == EINTR) continue;
    throw Error(ErrorKind::kIo, "program '" + printable(words.front()) +
                                    "': what came of it is unknown: " + std::strerror(errno));
  }
  constexpr int kSignalBase = 128;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : kSignalBase + WTERMSIG(status),
          read_file(path("out")), read_file(path("err"))};
}

int start_program(const std::vector<std::string>& words, const std::string& log) {
  Redirections redirections;
  redirections.open(STDIN_FILENO, "/dev/null", O_RDONLY);
  redirections.open(STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND);
  redirections.open(STDERR_FILENO, log, O_WRONLY | O_CREAT | O_APPEND);
  return spawn(words, redirections, true);
}

bool has_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (const std::string& folder : split(path == nullptr ? "" : path, ':')) {
    if (access((folder + "/" + name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

std::string shell_word(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace nas
