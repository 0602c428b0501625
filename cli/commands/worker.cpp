#include "app/workers/worker.h"

#include <cstdlib>

#include "app/workers/worker_table.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// "slurm 17_3" where a cluster started this process.
std::string job_name() {
  const auto variable = [](const char* name) -> std::string {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  const std::string stated = variable("SEARCHLIGHT_JOB");
  const std::string array = variable("SLURM_ARRAY_JOB_ID");
  if (!stated.empty()) return stated;
  if (!array.empty()) return "slurm " + array + "_" + variable("SLURM_ARRAY_TASK_ID");
  const std::string job = variable("SLURM_JOB_ID");
  return job.empty() ? "" : "slurm " + job;
}

int run_worker_run(const Arguments& arguments, Context& context) {
  WorkerOptions options;
  options.study = arguments.text_or("study", "");
  options.threads = arguments.whole("threads", 1, 1024);
  options.batch = arguments.whole("batch", 1, 1024);
  options.max_trials = arguments.integer_or("max-trials", 0, 1, 1'000'000'000);
  options.idle_seconds = arguments.real("idle-exit", 0.1, 1e9).value_or(0);
  options.lease_seconds = arguments.number("lease", 1, 1e6);
  options.job = job_name();
  options.time_limit = time_limit_token();
  const WorkerReport report = run_worker(context.session(), options);
  context.note(report.brief());
  switch (report.end) {
    case WorkerEnd::kTimeLimit:
      return kRequeue;
    case WorkerEnd::kStopped:
      return 130;
    case WorkerEnd::kBlocked:
      return 1;
    default:
      return 0;
  }
}

int run_worker_list(const Arguments& arguments, Context& context) {
  const Store& store = context.session().reader();
  Table table = workers_table(store, arguments.has("all"));
  table.caption = coordinators_text(store);
  context.print(table);
  return 0;
}

}  // namespace

const Command worker_run{
    .noun = "worker",
    .verb = "run",
    .summary = "evaluate trials that a search has put into the store's queue",
    .description =
        "Takes trials of studies that run with nasctl search run --queue, here or on other "
        "machines that\nreach the same store, until it is stopped. nasctl worker is short for it. "
        "What this machine lacks for\na study (data, a device) is said once, and the study is left "
        "to others.\n"
        "SIGINT, SIGTERM: what runs is handed on at once, a training with its state of the last "
        "epoch (exit code\n130). SIGUSR1 (a cluster's time limit is near): the same with exit code "
        "75: put the job into the queue\nagain. Exit code 1: with --idle-exit, trials wait that "
        "need what this machine lacks.",
    .examples =
        "nasctl worker --store results.db\n"
        "nasctl worker run --study first --threads 8 --idle-exit 60",
    .positionals = {},
    .options = {{.name = "study",
                 .value = "NAME",
                 .help = "work on this study alone, and end when it is finished",
                 .completes = "study"},
                {.name = "threads",
                 .value = "N",
                 .help = "trials at once, one thread each",
                 .standard = "1"},
                {.name = "batch",
                 .value = "N",
                 .help = "trials that a thread takes at once, for trials of milliseconds",
                 .standard = "1"},
                {.name = "max-trials", .value = "N", .help = "end after N trials"},
                {.name = "idle-exit",
                 .value = "S",
                 .help = "end after this many seconds without a trial"},
                {.name = "lease",
                 .value = "S",
                 .help = "seconds without a sign of a worker after which another takes its trial",
                 .standard = format_short(kLeaseSeconds)}},
    .run = run_worker_run};

const Command worker_list{
    .noun = "worker",
    .verb = "list",
    .summary = "who works where, since when, and how fast",
    .description =
        "Workers of the queue, and searches that evaluate trials themselves (state "
        "search). A worker that was not\nheard of for 40 s is lost: its trial goes to "
        "another when the lease ends.",
    .examples = "nasctl worker list\nnasctl worker list --all --json",
    .positionals = {},
    .options = {{.name = "all", .value = "", .help = "also workers that have ended"}},
    .run = run_worker_list};

}  // namespace nas::cli
