#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nas::test {

/// fork. Throws Error(kIo) where it fails.
pid_t fork_process();

/// A process that a test has started. Throws Error(kIo) where it cannot be watched; it is killed
/// then.
class StartedProcess {
 public:
  explicit StartedProcess(pid_t child);
  /// A fork of the program `starter` (Starter) that runs `words`, with the environment of this
  /// process.
  StartedProcess(const std::filesystem::path& starter, const std::vector<std::string>& words);
  ~StartedProcess();  ///< kills it if nobody has waited for it
  StartedProcess(const StartedProcess&) = delete;
  StartedProcess& operator=(const StartedProcess&) = delete;

  pid_t number() const { return pid_; }
  /// Requires that nobody has waited for it.
  void signal(int number) const;
  /// By SIGSTOP; returns when all of its threads have stopped.
  void stop() const;
  /// Processor time in user mode, 1/100 s each.
  std::int64_t processor_ticks() const;
  /// Waits until it has ended, `milliseconds` at most.
  bool ended(int milliseconds) const;
  /// Waits for its end. Its exit code; -signal when a signal ended it. Once.
  int wait();

 private:
  void watch();
  int reap() const;

  std::filesystem::path starter_;  ///< empty: a child of this process
  pid_t pid_;                      ///< -1 when it was waited for
  int descriptor_ = -1;            ///< of the process
};

}  // namespace nas::test
