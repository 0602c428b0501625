#include "tests/starter/starter.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string_view>

#include "core/util/error.h"

namespace nas::test {

bool Starter::serves() {
#ifdef __SANITIZE_ADDRESS__
  return false;
#endif
  const char* threads = std::getenv("OMP_NUM_THREADS");
  return threads != nullptr && std::string_view(threads) == "1";
}

Starter& Starter::of(const std::filesystem::path& program) {
  static std::mutex mutex;
  static std::map<std::filesystem::path, Starter> starters;
  const std::lock_guard lock(mutex);
  return starters.try_emplace(program, program).first->second;
}

Starter::Starter(const std::filesystem::path& program) : program_(program) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw Error(ErrorKind::kIo, std::string("socketpair failed: ") + std::strerror(errno));
  }
  const pid_t child = fork_process();
  if (child == 0) {
    // Equal numbers would keep the mark that closes it.
    const int other = dup(ends[1]);
    if (other < 0 || dup2(other, kStarterSocket) < 0) _exit(98);
    if (other != kStarterSocket) close(other);
    execl(program.c_str(), program.c_str(), nullptr);
    std::fprintf(stderr, "%s: %s\n", program.c_str(), std::strerror(errno));
    _exit(97);
  }
  socket_ = ends[0];
  close(ends[1]);
  process_.emplace(child);
}

Starter::~Starter() {
  if (process_) end();
}

int Starter::end() {
  close(socket_);
  const int code = process_->wait();
  process_.reset();
  return code;
}

Message Starter::ask(const Message& question) {
  const std::lock_guard lock(mutex_);
  if (!process_) throw Error(ErrorKind::kIo, program_.string() + " has ended");
  try {
    send(socket_, question);
    return receive(socket_);
  } catch (const Error& error) {
    throw error.with_context(program_.string() + " has ended with exit code " +
                             std::to_string(end()));
  }
}

pid_t Starter::start(const Start& start) {
  return std::stoi(ask(start_message(start)).at(0));
}

int Starter::reap(pid_t process) {
  return std::stoi(ask({"reap", std::to_string(process)}).at(0));
}

}  // namespace nas::test
