#include "core/util/process.h"

#include <doctest/doctest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

using namespace nas;

namespace {

/// "host~mark:" of this machine.
std::string own_host() {
  const std::string own = process_name();
  return own.substr(0, own.rfind(':') + 1);
}

}  // namespace

TEST_CASE("a process of this machine is alive or gone") {
  CHECK(find_process(process_name()) == ProcessState::kAlive);
  CHECK(find_process(process_name() + ":3") == ProcessState::kAlive);
  std::string program = "/bin/true";
  char* arguments[] = {program.data(), nullptr};
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ) == 0);
  REQUIRE(waitpid(child, nullptr, 0) == child);
  CHECK(find_process(own_host() + std::to_string(child)) == ProcessState::kGone);
  for (const char* number : {"0", "-1", "x", ""}) {
    CHECK(find_process(own_host() + number) == ProcessState::kElsewhere);
  }
}

TEST_CASE("of a process on another machine of the same name nothing is known") {
  const std::string host = host_of(process_name());
  CHECK(host.find_first_of("~:") == std::string::npos);
  REQUIRE(own_host() != host + ":");          // Linux says which start of which machine this is
  constexpr const char* kNobody = "4194305";  // above the largest number of a process
  CHECK(find_process(own_host() + kNobody) == ProcessState::kGone);
  CHECK(find_process(host + "~000000:" + kNobody) == ProcessState::kElsewhere);
  CHECK(find_process(host + ":" + kNobody) == ProcessState::kElsewhere);  // of an earlier version
  CHECK(host_of("node7~1a2b3c:12:0") == "node7");
  CHECK(host_of("node7:12:0") == "node7");
}
