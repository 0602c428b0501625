// Starts nasctl for the tests of commands: a process of its own for each, forked from this one,
// which has loaded what commands load. A start by exec takes .02 s of processor time, and a command
// that trains .6 s more for LibTorch and the built-in letters. This process runs nothing itself and
// has no thread, so what it forks is as good as new.

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iterator>

#include "cli/run.h"
#include "core/data/dataset.h"
#include "core/runtime/entries.h"
#include "core/runtime/torch_module.h"
#include "core/util/error.h"
#include "tests/cli/starter_messages.h"

namespace nas::test {
namespace {

void load() {
  torch_table<RuntimeTorch>();
  load_dataset("glyphs");
  const std::filesystem::directory_iterator threads("/proc/self/task");
  NAS_CHECK(std::distance(begin(threads), end(threads)) == 1,
            "a process with threads cannot be forked");
}

int become(const Start& start) {
  close(kStarterSocket);
  clearenv();
  for (const std::string& variable : start.environment) {
    putenv(const_cast<char*>(variable.c_str()));
  }
  work_at(start.place);
  return cli::run(start.words);
}

Message reap(pid_t process) {
  int status = 0;
  const pid_t reaped = waitpid(process, &status, 0);
  NAS_CHECK(reaped == process, "a process is reaped once");
  return {std::to_string(status)};
}

int serve() {
  load();
  while (const auto message = receive_next(kStarterSocket)) {
    if (message->at(0) == "reap") {
      send(kStarterSocket, reap(std::stoi(message->at(1))));
      continue;
    }
    const pid_t process = fork();
    NAS_CHECK(process >= 0, "fork");
    if (process == 0) std::_Exit(become(read_start(*message)));  // the environment lives until then
    send(kStarterSocket, {std::to_string(process)});
  }
  return 0;
}

}  // namespace
}  // namespace nas::test

int main() {
  try {
    return nas::test::serve();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "nasctl_starter: %s\n", error.what());
    return 1;
  }
}
