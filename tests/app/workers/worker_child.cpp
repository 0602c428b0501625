// Runs the coordinator of a study, or a worker, in a process of its own: what worker_kill_test.cpp
// starts and kills.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "app/study/study.h"
#include "app/workers/worker.h"
#include "tests/starter/serve.h"

namespace {

constexpr double kLease = 2;
constexpr int kRefused = 4;  // a result came too late

int play(const std::string& role, const std::string& store, const std::string& toml) {
  nas::Session session({.store = nas::StoreAddress::parse(store), .progress = nullptr, .stop = {}});
  const nas::StudyConfig config = nas::read_study_config(toml);
  if (role == "coordinator") {
    nas::run_study(session, config, nas::QueueChoice{.local_workers = 0, .lease_seconds = kLease});
    return 0;
  }
  nas::WorkerOptions options;
  options.study = config.name;
  options.lease_seconds = kLease;
  const nas::WorkerReport report = nas::run_worker(session, options);
  if (report.end != nas::WorkerEnd::kStudyOver) return 1;
  return report.refused > 0 ? kRefused : 0;
}

int run(const std::vector<std::string>& words) {
  if (words.size() != 3) return 2;
  try {
    return play(words[0], words[1], words[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "worker_child: %s\n", error.what());
    return 3;
  }
}

}  // namespace

/// worker_child coordinator|worker STORE STUDY.toml; without words it starts such processes for a
/// test.
int main(int argc, char** argv) {
  return argc == 1 ? nas::test::serve(run) : run({argv + 1, argv + argc});
}
