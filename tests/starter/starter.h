#pragma once

#include <sys/types.h>

#include <filesystem>
#include <mutex>
#include <optional>

#include "tests/starter/messages.h"
#include "tests/starter/started_process.h"

namespace nas::test {

/// A program that serves this test (serve.h), and ends with it. Thread-safe. Its functions throw
/// Error(kIo), with its exit code, where it is missing or has ended.
class Starter {
 public:
  /// Forks can stand for processes started by exec only where they compute on one thread, as ctest
  /// tells unit cases to: a process that has started LibTorch's threads cannot be forked. Nor does
  /// a sanitizer look for leaks at the end of a fork.
  static bool serves();
  /// One for each program.
  static Starter& of(const std::filesystem::path& program);

  explicit Starter(const std::filesystem::path& program);
  ~Starter();
  Starter(const Starter&) = delete;
  Starter& operator=(const Starter&) = delete;

  pid_t start(const Start& start);
  /// The status of a process that it started and that has ended, as waitpid gives it. Once for
  /// each.
  int reap(pid_t process);

 private:
  Message ask(const Message& question);
  /// Ends it; its exit code.
  int end();

  std::filesystem::path program_;
  std::mutex mutex_;
  int socket_ = -1;
  std::optional<StartedProcess> process_;  ///< nothing when it has ended
};

}  // namespace nas::test
