#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace nas::test {

struct Outcome {
  int code = 0;  ///< exit status; -signal when a signal ended it
  std::string out, err;
};

/// A running nasctl, as a user would start it: its own working directory, no terminal.
class Program {
 public:
  Program(const std::filesystem::path& directory, const std::vector<std::string>& words);
  ~Program();  ///< kills it if it still runs
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void signal(int number) const;
  /// Waits until the program's stderr holds `text`; false when it ended or `seconds` passed before.
  bool wait_for_error_text(const std::string& text, double seconds) const;
  Outcome wait();

 private:
  std::filesystem::path out_, err_;
  pid_t pid_ = -1;
};

/// Runs nasctl to its end.
Outcome nasctl(const std::filesystem::path& directory, const std::vector<std::string>& words);
/// Runs a line of bash in which $NASCTL is the program (pipes, redirections).
Outcome shell(const std::filesystem::path& directory, const std::string& line);

/// One line on stderr, starting with "nasctl: ", and exit code 2.
bool is_one_line_error(const Outcome& outcome);

}  // namespace nas::test
