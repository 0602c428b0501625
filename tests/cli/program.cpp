#include "tests/cli/program.h"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>

#include "core/util/error.h"
#include "core/util/file.h"
#include "tests/cli/starter.h"

namespace nas::test {
namespace {

std::filesystem::path fresh_file(const std::filesystem::path& directory, const char* kind) {
  static std::atomic<int> count{0};
  const auto file = directory / ("." + std::string(kind) + std::to_string(count++));
  write_file_atomically(file, "");  // readable before the program starts
  return file;
}

WorkPlace fresh_place(const std::filesystem::path& directory) {
  return {directory, fresh_file(directory, "out"), fresh_file(directory, "err")};
}

pid_t spawn(const WorkPlace& place, std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  work_at(place);
  execvp(argv[0], argv.data());
  _exit(97);
}

std::vector<std::string> with_program(const std::vector<std::string>& words) {
  std::vector<std::string> all = {NAS_NASCTL};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

std::vector<std::string> own_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  return variables;
}

int wait_status(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

Outcome outcome_of(int status, const WorkPlace& place) {
  return {.code = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status),
          .out = read_file(place.out),
          .err = read_file(place.err)};
}

}  // namespace

Program::Program(const std::filesystem::path& directory, const std::vector<std::string>& words)
    : place_(fresh_place(directory)), forked_(Starter::serves()) {
  pid_ = forked_ ? Starter::shared().start({place_, words, own_environment()})
                 : spawn(place_, with_program(words));
  descriptor_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (descriptor_ < 0) throw Error(ErrorKind::kIo, "pidfd_open failed");
}

Program::~Program() {
  if (pid_ <= 0) return;
  signal(SIGKILL);
  status();
}

void Program::signal(int number) const {
  ::kill(pid_, number);
}

bool Program::ended(int milliseconds) const {
  pollfd waited{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return poll(&waited, 1, milliseconds) > 0;
}

int Program::status() {
  while (!ended(-1)) {
  }
  const int status = forked_ ? Starter::shared().reap(pid_) : wait_status(pid_);
  close(descriptor_);
  pid_ = -1;
  return status;
}

bool Program::wait_for_error_text(const std::string& text, double seconds) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    const bool over = ended(2);  // the program needs the processor
    if (read_file(place_.err).find(text) != std::string::npos) return true;
    if (over) return false;
  }
  return false;
}

Outcome Program::wait() {
  return outcome_of(status(), place_);
}

Outcome nasctl(const std::filesystem::path& directory, const std::vector<std::string>& words) {
  return Program(directory, words).wait();
}

Outcome shell(const std::filesystem::path& directory, const std::string& line) {
  const WorkPlace place = fresh_place(directory);
  return outcome_of(wait_status(spawn(place, {"bash", "-o", "pipefail", "-c", line})), place);
}

bool is_one_line_error(const Outcome& outcome) {
  return outcome.code == 2 && outcome.err.starts_with("nasctl: ") &&
         std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1;
}

}  // namespace nas::test
