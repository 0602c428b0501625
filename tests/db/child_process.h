#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace nas::test {

/// A forked child that runs `work`; its exit status is what `work` returns, or 99 after an
/// exception, whose text goes to stderr.
class ChildProcess {
 public:
  explicit ChildProcess(const std::function<int()>& work);
  ~ChildProcess();  ///< kills it if it still runs
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void kill();  ///< SIGKILL, and waits
  int wait();   ///< exit status; -signal when a signal ended it

 private:
  pid_t pid_;
};

/// The text of the nas::Error that `work` throws in a child process that has given up root's
/// rights, "" when it throws none.
std::string error_without_privileges(const std::function<void()>& work);

/// The text of the nas::Error that `work` throws, "" when it throws none.
std::string error_of(const std::function<void()>& work);

}  // namespace nas::test
