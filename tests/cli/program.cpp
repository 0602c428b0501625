#include "tests/cli/program.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "core/util/file.h"
#include "tests/starter/starter.h"

namespace nas::test {
namespace {

std::filesystem::path fresh_file(const std::filesystem::path& directory, const char* kind) {
  static std::atomic<int> count{0};
  const auto file = directory / ("." + std::string(kind) + std::to_string(count++));
  write_file_atomically(file, "");  // readable before the program starts
  return file;
}

WorkPlace fresh_place(const std::filesystem::path& directory) {
  return {directory, fresh_file(directory, "out"), fresh_file(directory, "err")};
}

pid_t spawn(const WorkPlace& place, std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t pid = fork_process();
  if (pid != 0) return pid;
  work_at(place);
  execvp(argv[0], argv.data());
  _exit(97);
}

std::vector<std::string> with_program(const std::vector<std::string>& words) {
  std::vector<std::string> all = {NAS_NASCTL};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

Outcome outcome_of(int code, const WorkPlace& place) {
  return {.code = code, .out = read_file(place.out), .err = read_file(place.err)};
}

StartedProcess start_nasctl(const WorkPlace& place, const std::vector<std::string>& words,
                            Program::By by) {
  if (by == Program::By::kExec || !Starter::serves())
    return StartedProcess(spawn(place, with_program(words)));
  std::vector<std::string> all = {place.directory, place.out, place.err};
  all.insert(all.end(), words.begin(), words.end());
  return StartedProcess(NAS_NASCTL_STARTER, all);
}

}  // namespace

Program::Program(const std::filesystem::path& directory, const std::vector<std::string>& words,
                 By by)
    : place_(fresh_place(directory)), process_(start_nasctl(place_, words, by)) {}

void Program::signal(int number) const {
  process_.signal(number);
}

bool Program::wait_for_error_text(const std::string& text, double seconds) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    const bool over = process_.ended(2);  // the program needs the processor
    if (read_file(place_.err).find(text) != std::string::npos) return true;
    if (over) return false;
  }
  return false;
}

Outcome Program::wait() {
  return outcome_of(process_.wait(), place_);
}

Outcome nasctl(const std::filesystem::path& directory, const std::vector<std::string>& words) {
  return Program(directory, words).wait();
}

Outcome shell(const std::filesystem::path& directory, const std::string& line) {
  const WorkPlace place = fresh_place(directory);
  StartedProcess process(spawn(place, {"bash", "-o", "pipefail", "-c", line}));
  return outcome_of(process.wait(), place);
}

bool is_one_line_error(const Outcome& outcome) {
  return outcome.code == 2 && outcome.err.starts_with("nasctl: ") &&
         std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1;
}

}  // namespace nas::test
