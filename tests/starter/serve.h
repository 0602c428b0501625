#pragma once

#include <string>
#include <vector>

namespace nas::test {

/// The whole of a program that starts processes for a test (Starter): each is a fork of this one,
/// which has loaded LibTorch and the built-in letters, and ends with what `run` returns. Started by
/// exec such a process would pay .6 s of processor time for them. This process runs nothing itself
/// and has no thread, so what it forks is as good as new. Returns its exit code.
int serve(int (*run)(const std::vector<std::string>& words));

}  // namespace nas::test
