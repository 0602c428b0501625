// Runs one study in a process of its own, which the kernel kills without warning after a given
// time: what study_kill_test.cpp starts. A fork without exec would not do, since LibTorch's threads
// do not survive it.
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

#include "app/study/study.h"

namespace {

void die_after(long long microseconds) {
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGKILL;
  timer_t timer{};
  itimerspec when{};
  when.it_value.tv_sec = microseconds / 1'000'000;
  when.it_value.tv_nsec = microseconds % 1'000'000 * 1000 + 1;
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
      timer_settime(timer, 0, &when, nullptr) != 0) {
    throw std::runtime_error("no timer");
  }
}

}  // namespace

namespace {

int run_and_die(const char* store, const char* toml, const char* microseconds) {
  try {
    die_after(std::stoll(microseconds));
    nas::Session session(
        {.store = nas::StoreAddress::parse(store), .progress = nullptr, .stop = {}});
    nas::run_study(session, nas::read_study_config(toml));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "study_child: %s\n", error.what());
    return 1;
  }
  return 0;
}

}  // namespace

/// study_child STORE STUDY.toml MICROSECONDS... : one process after the other, until one ends by
/// itself. Exit code: how many were killed; 100 when one failed.
int main(int argc, char** argv) {
  constexpr int kFailed = 100;
  int killed = 0;
  for (int i = 3; i < argc; ++i) {
    const pid_t child = fork();
    if (child < 0) return kFailed;
    if (child == 0) _exit(run_and_die(argv[1], argv[2], argv[i]));
    int status = 0;
    if (waitpid(child, &status, 0) != child) return kFailed;
    if (WIFEXITED(status)) return WEXITSTATUS(status) == 0 ? killed : kFailed;
    ++killed;
  }
  return killed;
}
