#include "tests/starter/serve.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iterator>

#include "core/data/dataset.h"
#include "core/runtime/entries.h"
#include "core/runtime/torch_module.h"
#include "core/util/error.h"
#include "tests/starter/messages.h"
#include "tests/starter/started_process.h"

namespace nas::test {
namespace {

void load() {
  torch_table<RuntimeTorch>();
  load_dataset("glyphs");
  const std::filesystem::directory_iterator threads("/proc/self/task");
  NAS_CHECK(std::distance(begin(threads), end(threads)) == 1,
            "a process with threads cannot be forked");
}

void take(const std::vector<std::string>& environment) {
  clearenv();
  for (const std::string& variable : environment) putenv(const_cast<char*>(variable.c_str()));
}

Message reap(pid_t process) {
  int status = 0;
  const pid_t reaped = waitpid(process, &status, 0);
  NAS_CHECK(reaped == process, "a process is reaped once");
  return {std::to_string(status)};
}

void answer_all(int (*run)(const std::vector<std::string>& words)) {
  while (const auto message = receive_next(kStarterSocket)) {
    if (message->at(0) == "reap") {
      send(kStarterSocket, reap(std::stoi(message->at(1))));
      continue;
    }
    const pid_t process = fork_process();
    if (process == 0) {
      close(kStarterSocket);
      // A test that is killed leaves nothing behind: this program ends with it.
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      const Start start = read_start(*message);
      take(start.environment);
      // To destroy what LibTorch holds takes .1 s, most of it to copy the pages that it lies in. No
      // static destructor or exit handler runs.
      std::_Exit(run(start.words));
    }
    send(kStarterSocket, {std::to_string(process)});
  }
}

}  // namespace

int serve(int (*run)(const std::vector<std::string>& words)) {
  try {
    load();
    answer_all(run);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "starter of a test: %s\n", error.what());
    return 1;
  }
}

}  // namespace nas::test
