#include <cstdlib>
#include <filesystem>

#include "app/cluster/fleet.h"
#include "app/cluster/launcher.h"
#include "app/cluster/program_output.h"
#include "app/study/study.h"
#include "app/workers/worker_table.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "core/util/error.h"
#include "core/util/file_name.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

std::unique_ptr<Launcher> launcher_argument(const Arguments& arguments) {
  const int named =
      int{arguments.has("slurm")} + int{arguments.has("shell")} + int{arguments.has("ssh")};
  if (named != 1) {
    throw Error(ErrorKind::kUsage, "say where the workers run: one of --slurm, --shell N, --ssh");
  }
  if (arguments.has("shell")) return make_shell_launcher();
  if (arguments.has("ssh")) return make_ssh_launcher(split(*arguments.text("ssh"), ','));
  SlurmOptions options;
  options.partition = arguments.text_or("partition", "");
  options.time = arguments.text_or("time", "");
  options.more = arguments.all("sbatch");
  return make_slurm_launcher(options);
}

/// What other machines can open, and without a password that they are not given.
void require_shared(const StoreAddress& store) {
  if (store.is_file()) {
    throw Error(ErrorKind::kUsage, "--ssh: other machines cannot open the file '" +
                                       printable(store.text()) +
                                       "'; use a server (docs/server.md) or a directory that all "
                                       "see (dir:/shared/nas)");
  }
  if (!store.password()) return;
  throw Error(ErrorKind::kUsage,
              "--ssh: a password in the address reaches no other machine; put it into ~/.pgpass of "
              "the machines");
}

FleetOptions fleet_options(const Arguments& arguments) {
  FleetOptions options;
  options.most_workers = arguments.has("shell") ? arguments.whole("shell", 1, 1024)
                                                : arguments.whole("max-workers", 1, 100'000);
  options.look_seconds = arguments.number("look", 0.1, 3600);
  return options;
}

/// A study of the store, or a study file: its name and what runs it.
struct ClusterStudy {
  std::string name;
  std::optional<StudyConfig> config;
};

ClusterStudy study_argument(const Arguments& arguments) {
  const std::string text = *arguments.text("STUDY");
  std::error_code error;
  if (!text.ends_with(".toml") || !std::filesystem::exists(text, error)) return {text, {}};
  StudyConfig config = read_study_config(text);
  if (config.name.empty()) {
    config.name =
        config.space.name + "-" + config.searcher.name + "-" + std::to_string(config.seed);
  }
  return {config.name, config};
}

int run_cluster_run(const Arguments& arguments, Context& context) {
  std::unique_ptr<Launcher> launcher = launcher_argument(arguments);
  const FleetOptions options = fleet_options(arguments);
  Session& session = context.session();
  const StoreAddress& store = session.store_address();
  if (arguments.has("ssh")) require_shared(store);
  const ClusterStudy study = study_argument(arguments);
  if (!study.config) (void)find_study_or_throw(session.reader(), study.name);
  WorkerCommand command;
  command.program =
      arguments.text_or("program", std::filesystem::read_symlink("/proc/self/exe").string());
  command.store = store_words(session);
  if (!store.is_file() || !session.given_files().empty())
    command.files =
        (std::filesystem::current_path() / session.files_directory()).lexically_normal().string();
  // Launchers hand their environment on; a process list shows no environment.
  if (store.password()) ::setenv("PGPASSWORD", store.password()->c_str(), 1);
  command.study = study.name;
  command.threads = arguments.whole("threads", 1, 1024);
  command.idle_seconds = arguments.number("idle-exit", 0.1, 1e9);
  command.logs = std::filesystem::absolute(
      arguments.text_or("logs", (session.models_directory() / "logs").string()));
  make_directory(command.logs);
  const QueueChoice queue{.local_workers = 0, .lease_seconds = kLeaseSeconds, .workers_come = true};
  StudyReport report;
  {
    const Fleet fleet(session, std::move(launcher), command, options);
    report = study.config ? run_study(session, *study.config, queue)
                          : resume_study(session, study.name, {}, queue);
  }
  context.note(report.brief());
  if (report.state == StudyState::kPaused) {
    context.note("paused; the same command continues it, workers end when nothing waits");
    return report.stop_reason == StopReason::kFailures ? 1 : 130;
  }
  return report.complete > 0 ? 0 : 1;
}

int run_cluster_status(const Arguments& arguments, Context& context) {
  Session& session = context.session();
  context.print(allocations_table(session, *arguments.text("STUDY")));
  if (!context.human()) return 0;
  Table workers = workers_table(session.reader(), false);
  workers.caption = coordinators_text(session.reader());
  context.print(workers);
  return 0;
}

int run_cluster_stop(const Arguments& arguments, Context& context) {
  const std::int64_t stopped = stop_allocations(context.session(), *arguments.text("STUDY"));
  context.note("stopped " + std::to_string(stopped) + (stopped == 1 ? " job" : " jobs"));
  return stopped > 0 ? 0 : 1;
}

}  // namespace

const Command cluster_run{
    .noun = "cluster",
    .verb = "run",
    .summary = "run a study with workers that a cluster starts",
    .description =
        "Proposes the trials of a study as search run --queue does, and starts as many workers as "
        "there are trials\nto evaluate: arrays of Slurm, processes here, or processes of other "
        "machines. Workers end when there is\nnothing to do. Jobs are kept in the store: the same "
        "command again, here or on another machine, takes over\nwhere this process was killed. A "
        "worker near its time limit hands its training on, and its job is put into\nthe cluster's "
        "queue again. The winner is trained by search best --train.",
    .examples =
        "nasctl cluster run first --slurm --partition cpu --time 2:00:00 --max-workers 64\n"
        "nasctl cluster run study.toml --shell 4\n"
        "nasctl cluster run first --store postgresql://db/nas --ssh node1,node2 --max-workers 8",
    .positionals = {{.name = "STUDY", .help = "study, or a study file", .completes = "study"}},
    .options = {{.name = "slurm", .value = "", .help = "arrays of sbatch", .excludes = "shell|ssh"},
                {.name = "partition", .value = "NAME", .help = "of Slurm", .needs = "slurm"},
                {.name = "time", .value = "LIMIT", .help = "of a job: 2:00:00", .needs = "slurm"},
                {.name = "sbatch",
                 .value = "OPTION",
                 .help = "one more option of sbatch: --account=x",
                 .repeated = true,
                 .needs = "slurm"},
                {.name = "shell",
                 .value = "N",
                 .help = "start at most this many processes on this machine",
                 .excludes = "ssh"},
                {.name = "ssh",
                 .value = "HOST,...",
                 .help =
                     "processes of these machines, which see the same server, files and program"},
                {.name = "max-workers",
                 .value = "N",
                 .help = "worker processes at most",
                 .standard = "16"},
                {.name = "threads",
                 .value = "N",
                 .help = "trials at once in each worker process",
                 .standard = "1"},
                {.name = "idle-exit",
                 .value = "S",
                 .help = "a worker ends after this many seconds without a trial",
                 .standard = "60"},
                {.name = "look",
                 .value = "S",
                 .help = "seconds between two looks at what waits",
                 .standard = "10"},
                {.name = "program",
                 .value = "PATH",
                 .help = "nasctl as the machines find it (default: this one's path)"},
                {.name = "logs",
                 .value = "DIR",
                 .help =
                     "where workers write what they say (default: models/logs beside the store)",
                 .completes = "dir"}},
    .run = run_cluster_run};

const Command cluster_status{
    .noun = "cluster",
    .verb = "status",
    .summary = "what was asked of a cluster for a study, and who works",
    .description =
        "Jobs with their workers that are alive, then the workers of the store "
        "(nasctl worker list).",
    .examples = "nasctl cluster status first",
    .positionals = {{.name = "STUDY", .help = "study", .completes = "study"}},
    .options = {},
    .run = run_cluster_status};

const Command cluster_stop{
    .noun = "cluster",
    .verb = "stop",
    .summary = "end the jobs of a study",
    .description =
        "Workers hand on what runs. Stop the process of cluster run first, or it asks "
        "for new ones.\nExit code 1: nothing was alive.",
    .examples = "nasctl cluster stop first",
    .positionals = {{.name = "STUDY", .help = "study", .completes = "study"}},
    .options = {},
    .run = run_cluster_stop};

}  // namespace nas::cli
