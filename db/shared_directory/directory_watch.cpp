#include "db/shared_directory/directory_watch.h"

#include <unistd.h>

#include <system_error>
#include <vector>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/process.h"
#include "core/util/text.h"
#include "db/shared_directory/directory_files.h"

namespace nas {

namespace {

/// "" where the file is not there.
std::string text_of(const std::filesystem::path& path) {
  try {
    return read_file(path);
  } catch (const Error&) {
    return "";
  }
}

}  // namespace

bool DirectoryWatch::is_over(const std::filesystem::path& directory, std::int64_t generation) {
  return ::access(leader_file(directory, generation + 1).c_str(), F_OK) == 0;
}

void DirectoryWatch::read_leader(std::int64_t generation) {
  const std::vector<std::string> lines = split(text_of(leader_file(directory_, generation)), '\n');
  leader_ = {};
  leader_.generation = generation;
  if (lines.size() < 2) return;
  leader_.who = lines[0];
  lease_seconds_ = parse_double(lines[1]).value_or(0);
  beat_since_ = boot_clock_us();
  beat_ = std::string("\n");  // none reads so; an assigned literal trips -Wrestrict of GCC 12
}

DirectoryLeader DirectoryWatch::look() {
  if (leader_.generation == 0 || is_over(directory_, leader_.generation)) {
    const std::int64_t newest = newest_generation(directory_, "coordinator", "");
    if (newest > leader_.generation) read_leader(newest);
  }
  if (leader_.generation == 0) return leader_;
  const std::string beat = text_of(beat_file(directory_, leader_.generation));
  const std::vector<std::string> words = split(std::string(trim(beat)), ' ');
  if (words.size() == 3) leader_.clock_us = parse_int(words[1]).value_or(0);
  if (beat != beat_) {
    beat_ = beat;
    beat_since_ = boot_clock_us();
  }
  using State = DirectoryLeader::State;
  const double silent = static_cast<double>(boot_clock_us() - beat_since_) / 1e6;
  if (words.size() == 3 && words[2] == "left") {
    leader_.state = State::kNobody;
  } else if (find_process(leader_.who) == ProcessState::kGone) {
    leader_.state = State::kGone;
  } else {
    leader_.state = silent > lease_seconds_ ? State::kSilent : State::kAlive;
  }
  return leader_;
}

}  // namespace nas
