#pragma once

#include <sys/types.h>

#include <mutex>

#include "tests/cli/starter_messages.h"

namespace nas::test {

/// The nasctl_starter of this test, which ends with it. Thread-safe.
class Starter {
 public:
  /// Commands are as good as started by exec only where they compute on one thread, as ctest tells
  /// unit cases to: a process that has started LibTorch's threads cannot be forked.
  static bool serves();
  static Starter& shared();

  Starter();
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
