#pragma once

#include <sys/types.h>

#include <filesystem>
#include <mutex>

#include "tests/starter/messages.h"

namespace nas::test {

/// A program that serves this test (serve.h), and ends with it. Thread-safe.
class Starter {
 public:
  /// Forks are as good as processes started by exec only where they compute on one thread, as ctest
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

  std::mutex mutex_;
  pid_t process_ = -1;
  int socket_ = -1;
};

}  // namespace nas::test
