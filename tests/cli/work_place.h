#pragma once

#include <filesystem>

namespace nas::test {

/// Where a program that a test starts works, and the files that take what it says.
struct WorkPlace {
  std::filesystem::path directory, out, err;
};

/// Makes a process that was just forked one that works there: no input, no store or folder of files
/// from the environment, messages of 200 columns. Ends it with code 98 where that fails.
void work_at(const WorkPlace& place);

}  // namespace nas::test
