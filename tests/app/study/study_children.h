#pragma once

#include <doctest/doctest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nas::test {

/// Runs the study of this file in processes that die after a given number of microseconds, until
/// one ends by itself (study_child.cpp). Returns how many were killed.
inline std::size_t run_in_children(const std::filesystem::path& store,
                                   const std::filesystem::path& toml,
                                   const std::vector<std::uint64_t>& lives) {
  std::vector<std::string> arguments{STUDY_CHILD, store.string(), toml.string()};
  for (const std::uint64_t life : lives) arguments.push_back(std::to_string(life));
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, STUDY_CHILD, nullptr, nullptr, pointers.data(), environ) == 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  const auto killed = static_cast<std::size_t>(WEXITSTATUS(status));
  REQUIRE(killed <= lives.size());
  return killed;
}

}  // namespace nas::test
