#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/work_place.h"
#include "tests/starter/started_process.h"

namespace nas::test {

struct Outcome {
  int code = 0;  ///< exit status; -signal when a signal ended it
  std::string out, err;
};

/// A running nasctl, as a user would start it: its own working directory, no terminal. Killed if
/// nobody waits for it.
class Program {
 public:
  enum class By {
    kFork,  ///< of nasctl_starter where `Starter::serves()`; elsewhere kExec
    kExec,  ///< nasctl itself
  };
  Program(const std::filesystem::path& directory, const std::vector<std::string>& words,
          By by = By::kFork);

  void signal(int number) const;
  /// Waits until the program's stderr holds `text`; false when it ended or `seconds` passed before.
  bool wait_for_error_text(const std::string& text, double seconds) const;
  Outcome wait();

 private:
  WorkPlace place_;
  StartedProcess process_;
};

/// Runs nasctl to its end, started as a Program is.
Outcome nasctl(const std::filesystem::path& directory, const std::vector<std::string>& words);
/// Runs a line of bash in which $NASCTL is the program itself (pipes, redirections).
Outcome shell(const std::filesystem::path& directory, const std::string& line);

/// One line on stderr, starting with "nasctl: ", and exit code 2.
bool is_one_line_error(const Outcome& outcome);

}  // namespace nas::test
