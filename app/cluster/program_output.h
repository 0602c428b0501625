#pragma once

#include <string>
#include <vector>

namespace nas {

/// What a program came to.
struct ProgramOutput {
  int code = 0;        ///< exit code; 128 + the signal that ended it
  std::string text;    ///< of its standard output
  std::string errors;  ///< of its standard error
};

/// Runs a program, found in PATH, with these words and no shell; `input` is what it reads. Throws
/// Error(kIo) when it cannot be started ("sbatch: not found").
ProgramOutput run_program(const std::vector<std::string>& words, const std::string& input = "");

/// Starts a program of this machine that outlives this process; what it says is appended to `log`.
/// Returns its process id. Throws as `run_program`.
int start_program(const std::vector<std::string>& words, const std::string& log);

/// Is there a program of this name in PATH?
bool has_program(const std::string& name);

/// A word as a POSIX shell reads it.
std::string shell_word(const std::string& word);

}  // namespace nas
