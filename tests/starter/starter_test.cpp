#include "tests/starter/starter.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>

#include "core/util/error.h"

using namespace nas;
using namespace nas::test;

namespace {

pid_t start_sleeper() {
  const pid_t child = fork_process();
  if (child == 0) {
    while (true) pause();
  }
  return child;
}

}  // namespace

TEST_CASE("a starter that is missing is named, with its exit code") {
  Starter starter("/nowhere/starter");
  CHECK_THROWS_WITH_AS(starter.start({}),
                       doctest::Contains("/nowhere/starter has ended with exit code 97"), Error);
  CHECK_THROWS_WITH_AS(starter.start({}), "/nowhere/starter has ended", Error);
}

TEST_CASE("a starter that ends before it answers is named, with its exit code") {
  Starter starter("/bin/false");
  CHECK_THROWS_WITH_AS(starter.start({}),
                       doctest::Contains("/bin/false has ended with exit code 1"), Error);
}

TEST_CASE("a process that was waited for is neither signalled nor waited for again") {
  StartedProcess process(start_sleeper());
  process.signal(SIGKILL);
  CHECK(process.wait() == -SIGKILL);
  CHECK_THROWS_AS(process.signal(SIGCONT), Error);
  CHECK_THROWS_AS(process.wait(), Error);
}

TEST_CASE("a number that is not that of a process is refused") {
  CHECK_THROWS_AS(StartedProcess(-1), Error);
}

TEST_CASE("a process that nobody waits for is killed and reaped") {
  const pid_t child = start_sleeper();
  { const StartedProcess process(child); }
  CHECK(::kill(child, 0) == -1);
}
