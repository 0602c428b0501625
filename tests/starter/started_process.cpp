#include "tests/starter/started_process.h"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <thread>

#include "core/util/error.h"
#include "core/util/text.h"
#include "tests/starter/starter.h"

namespace nas::test {
namespace {

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

/// proc(5), "12 (name) S 7 ...": the words behind the name; none of a process that is gone.
std::vector<std::string> words_in(const std::filesystem::path& stat) {
  std::ifstream file(stat);
  std::string line;
  std::getline(file, line);
  const std::size_t end = line.rfind(')');
  if (end == std::string::npos || end + 2 >= line.size()) return {};
  return split(line.substr(end + 2), ' ');
}

bool is_stopped(const std::filesystem::path& stat) {
  const std::vector<std::string> words = words_in(stat);
  return !words.empty() && words[0] == "T";
}

/// Whether all threads of a process have stopped.
bool has_stopped(pid_t pid) {
  const std::filesystem::directory_iterator threads("/proc/" + std::to_string(pid) + "/task");
  return std::all_of(begin(threads), end(threads),
                     [](const auto& thread) { return is_stopped(thread.path() / "stat"); });
}

}  // namespace

pid_t fork_process() {
  const pid_t pid = fork();
  if (pid < 0) throw Error(ErrorKind::kIo, std::string("fork failed: ") + std::strerror(errno));
  return pid;
}

StartedProcess::StartedProcess(pid_t child) : pid_(child) {
  watch();
}

StartedProcess::StartedProcess(const std::filesystem::path& starter,
                               const std::vector<std::string>& words)
    : starter_(starter), pid_(Starter::of(starter).start({words, own_environment()})) {
  watch();
}

StartedProcess::~StartedProcess() {
  if (pid_ <= 0) return;
  try {
    signal(SIGKILL);
    wait();
  } catch (const Error& error) {
    std::fprintf(stderr, "process %d of a test: %s\n", static_cast<int>(pid_), error.what());
  }
}

void StartedProcess::watch() {
  NAS_CHECK(pid_ > 0, "a process has a number");
  const long descriptor = syscall(SYS_pidfd_open, pid_, 0);
  if (descriptor < 0) {
    const Error error(ErrorKind::kIo, std::string("pidfd_open failed: ") + std::strerror(errno));
    signal(SIGKILL);
    reap();
    throw error;
  }
  descriptor_ = static_cast<int>(descriptor);
}

int StartedProcess::reap() const {
  return starter_.empty() ? reap_child(pid_) : Starter::of(starter_).reap(pid_);
}

void StartedProcess::signal(int number) const {
  NAS_CHECK(pid_ > 0, "nobody has waited for the process");  // kill(-1) would reach every process
  ::kill(pid_, number);
}

void StartedProcess::stop() const {
  signal(SIGSTOP);
  while (!has_stopped(pid_) && !ended(0)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::int64_t StartedProcess::processor_ticks() const {
  const auto words = words_in("/proc/" + std::to_string(pid_) + "/stat");
  NAS_CHECK(words.size() > 11, "nobody has waited for the process");
  return parse_int(words[11]).value();
}

bool StartedProcess::ended(int milliseconds) const {
  pollfd waited{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return poll(&waited, 1, milliseconds) > 0;
}

int StartedProcess::wait() {
  NAS_CHECK(pid_ > 0, "a process is waited for once");
  while (!ended(-1)) {
  }
  const int status = reap();
  close(descriptor_);
  pid_ = -1;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace nas::test
