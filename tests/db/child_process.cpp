#include "tests/db/child_process.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <exception>

#include "core/util/error.h"

namespace nas::test {

namespace {

constexpr uid_t kNobody = 65534;

int run(const std::function<int()>& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "child process: %s\n", error.what());
    return 99;
  }
}

}  // namespace

ChildProcess::ChildProcess(const std::function<int()>& work) : pid_(::fork()) {
  if (pid_ == 0) ::_exit(run(work));
  if (pid_ < 0) throw Error(ErrorKind::kIo, "fork failed");
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) kill();
}

void ChildProcess::kill() {
  ::kill(pid_, SIGKILL);
  wait();
}

int ChildProcess::wait() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

std::string error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string error_without_privileges(const std::function<void()>& work) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw Error(ErrorKind::kIo, "pipe failed");
  ChildProcess child([&] {
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) return 98;
    const std::string text = error_of(work);
    return ::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 97;
  });
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t bytes; (bytes = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(bytes));
  }
  ::close(ends[0]);
  const int status = child.wait();
  return status == 0 ? text : "child process ended with " + std::to_string(status);
}

}  // namespace nas::test
