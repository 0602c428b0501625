#pragma once

#include <string>
#include <vector>

namespace nas::test {

/// main of a program that forks processes for a test (Starter). It has loaded LibTorch and the
/// built-in letters, for which a process that is started by exec pays .6 s of processor time; each
/// fork ends with what `run` returns. The program itself runs nothing and has no thread. Two things
/// differ from a process that is started by exec: a fork ends by _Exit, so that a crash of a static
/// destructor or exit handler is not seen, and all forks share one address layout. Returns the exit
/// code of the program.
int serve(int (*run)(const std::vector<std::string>& words));

}  // namespace nas::test
