// Runs the coordinator of a study, or a worker, in a process of its own: what worker_kill_test.cpp
// starts and kills. A fork without exec would not do, since LibTorch's threads do not survive it.
#include <cstdio>
#include <exception>
#include <string>

#include "app/study/study.h"
#include "app/workers/worker.h"

namespace {

constexpr double kLease = 2;
constexpr int kRefused = 4;  // a result came too late

int run(const std::string& role, const char* store, const char* toml) {
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

}  // namespace

/// worker_child coordinator|worker STORE STUDY.toml
int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    return run(argv[1], argv[2], argv[3]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "worker_child: %s\n", error.what());
    return 3;
  }
}
