#include "tests/starter/started_process.h"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "core/util/error.h"
#include "tests/starter/starter.h"

namespace nas::test {
namespace {

int descriptor_of(pid_t pid) {
  const long descriptor = syscall(SYS_pidfd_open, pid, 0);
  if (descriptor < 0) throw Error(ErrorKind::kIo, "pidfd_open failed");
  return static_cast<int>(descriptor);
}

std::vector<std::string> own_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  return variables;
}

int reap_child(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// "12 (name) S 7 ...": the letter.
char state_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t end = line.rfind(')');
  return end == std::string::npos || end + 2 >= line.size() ? ' ' : line[end + 2];
}

}  // namespace

StartedProcess::StartedProcess(pid_t child) : pid_(child), descriptor_(descriptor_of(child)) {}

StartedProcess::StartedProcess(const std::filesystem::path& starter,
                               const std::vector<std::string>& words)
    : starter_(starter),
      pid_(Starter::of(starter).start({words, own_environment()})),
      descriptor_(descriptor_of(pid_)) {}

StartedProcess::~StartedProcess() {
  if (pid_ <= 0) return;
  signal(SIGKILL);
  wait();
}

void StartedProcess::signal(int number) const {
  ::kill(pid_, number);
}

void StartedProcess::stop() const {
  signal(SIGSTOP);
  while (state_of(pid_) != 'T' && !ended(0)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

bool StartedProcess::ended(int milliseconds) const {
  pollfd waited{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return poll(&waited, 1, milliseconds) > 0;
}

int StartedProcess::wait() {
  while (!ended(-1)) {
  }
  const int status = starter_.empty() ? reap_child(pid_) : Starter::of(starter_).reap(pid_);
  close(descriptor_);
  pid_ = -1;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace nas::test
