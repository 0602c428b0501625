#include "tests/cli/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include "core/util/error.h"
#include "core/util/file.h"

namespace nas::test {
namespace {

std::filesystem::path fresh_file(const std::filesystem::path& directory, const char* kind) {
  static std::atomic<int> count{0};
  const auto file = directory / ("." + std::string(kind) + std::to_string(count++));
  write_file_atomically(file, "");  // readable before the program starts
  return file;
}

void redirect(const std::filesystem::path& file, int descriptor) {
  const int opened = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (opened < 0 || dup2(opened, descriptor) < 0) _exit(98);
  close(opened);
}

pid_t spawn(const std::filesystem::path& directory, std::vector<std::string> words,
            const std::filesystem::path& out, const std::filesystem::path& err) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  if (chdir(directory.c_str()) != 0) _exit(98);
  redirect("/dev/null", STDIN_FILENO);
  redirect(out, STDOUT_FILENO);
  redirect(err, STDERR_FILENO);
  unsetenv("SEARCHLIGHT_FILES");
  unsetenv("SEARCHLIGHT_STORE");
  setenv("NASCTL", NAS_NASCTL, 1);
  setenv("COLUMNS", "200", 1);  // for the notes of progress bars
  execvp(argv[0], argv.data());
  _exit(97);
}

std::vector<std::string> with_program(const std::vector<std::string>& words) {
  std::vector<std::string> all = {NAS_NASCTL};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

int status_of(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Program::Program(const std::filesystem::path& directory, const std::vector<std::string>& words)
    : out_(fresh_file(directory, "out")), err_(fresh_file(directory, "err")) {
  pid_ = spawn(directory, with_program(words), out_, err_);
}

Program::~Program() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  status_of(pid_);
}

void Program::signal(int number) const {
  ::kill(pid_, number);
}

bool Program::wait_for_error_text(const std::string& text, double seconds) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    if (read_file(err_).find(text) != std::string::npos) return true;
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid != 0) {
      return read_file(err_).find(text) != std::string::npos;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // the program needs the processor
  }
  return false;
}

Outcome Program::wait() {
  Outcome outcome;
  outcome.code = status_of(pid_);
  pid_ = -1;
  outcome.out = read_file(out_);
  outcome.err = read_file(err_);
  return outcome;
}

Outcome nasctl(const std::filesystem::path& directory, const std::vector<std::string>& words) {
  return Program(directory, words).wait();
}

Outcome shell(const std::filesystem::path& directory, const std::string& line) {
  const auto out = fresh_file(directory, "out");
  const auto err = fresh_file(directory, "err");
  const pid_t pid = spawn(directory, {"bash", "-o", "pipefail", "-c", line}, out, err);
  Outcome outcome;
  outcome.code = status_of(pid);
  outcome.out = read_file(out);
  outcome.err = read_file(err);
  return outcome;
}

bool is_one_line_error(const Outcome& outcome) {
  return outcome.code == 2 && outcome.err.starts_with("nasctl: ") &&
         std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1;
}

}  // namespace nas::test
