#include <algorithm>
#include <set>

#include "app/cluster/launcher.h"
#include "app/cluster/program_output.h"
#include "core/util/error.h"
#include "core/util/file_name.h"
#include "core/util/hash.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// Tells the arrays of this study of this store from all others.
std::string job_name(const WorkerCommand& command) {
  constexpr std::size_t kDigits = 12;
  return "searchlight-" + sha256_hex(command.store + "\n" + command.study).substr(0, kDigits);
}

std::string checked(const std::vector<std::string>& words, const std::string& input = "") {
  const ProgramOutput output = run_program(words, input);
  if (output.code == 0) return output.text;
  throw Error(ErrorKind::kIo, words.front() + " failed (" + std::to_string(output.code) +
                                  "): " + printable(trim(output.errors)));
}

class SlurmLauncher final : public Launcher {
 public:
  explicit SlurmLauncher(SlurmOptions options) : options_(std::move(options)) {}

  std::string name() const override { return "slurm"; }

  std::string start(const WorkerCommand& command, std::int64_t workers) override {
    const std::string answer =
        checked({"sbatch", "--parsable"}, slurm_script(command, workers, options_));
    const std::string job(trim(answer.substr(0, answer.find(';'))));  // "17;cluster"
    if (!parse_int(job)) {
      throw Error(ErrorKind::kIo,
                  "sbatch: expected the number of a job, got '" + printable(trim(answer)) + "'");
    }
    return job;
  }

  std::int64_t alive(const std::string& job) override {
    // Jobs that ended a while ago are unknown to it.
    const ProgramOutput output = run_program({"squeue", "-h", "-r", "-j", job, "-o", "%T"});
    if (output.code != 0) {
      if (output.errors.find("Invalid job id") != std::string::npos) return 0;
      throw Error(ErrorKind::kIo, "squeue failed: " + printable(trim(output.errors)));
    }
    const auto lines = std::ranges::count(output.text, '\n');
    return static_cast<std::int64_t>(lines);
  }

  void stop(const std::string& job) override { run_program({"scancel", job}); }

  std::vector<std::string> jobs(const WorkerCommand& command) override {
    std::set<std::string> jobs;
    const std::string text = checked({"squeue", "-h", "-o", "%F", "--name", job_name(command)});
    for (const std::string& line : split(text, '\n')) {
      if (!trim(line).empty()) jobs.insert(std::string(trim(line)));
    }
    return {jobs.begin(), jobs.end()};
  }

 private:
  SlurmOptions options_;
};

}  // namespace

std::string slurm_script(const WorkerCommand& command, std::int64_t workers,
                         const SlurmOptions& options) {
  std::string script = "#!/bin/bash\n";
  const auto say = [&script](const std::string& option) { script += "#SBATCH " + option + "\n"; };
  say("--job-name=" + job_name(command));
  say("--array=0-" + std::to_string(workers - 1));
  say("--ntasks=1");
  say("--cpus-per-task=" + std::to_string(command.threads));
  say("--requeue");
  say("--open-mode=append");
  say("--signal=B:USR1@60");
  say("--output=" + (command.logs / "slurm-%A_%a.log").string());
  if (!options.partition.empty()) say("--partition=" + options.partition);
  if (!options.time.empty()) say("--time=" + options.time);
  for (const std::string& option : options.more) say(option);
  std::string line;
  for (const std::string& word : command.words()) line += shell_word(word) + " ";
  // The shell is told of the time limit, the worker must hear of it. A signal ends `wait` early.
  return script + line + "&\n" +
         "worker=$!\n"
         "trap 'kill -USR1 $worker' USR1\n"
         "trap 'kill -TERM $worker' TERM\n"
         "wait $worker\n"
         "code=$?\n"
         "while kill -0 $worker 2>/dev/null; do wait $worker; code=$?; done\n"
         "# What ran was handed on, and there may be more to do.\n"
         "if [ $code = 75 ]; then scontrol requeue \"$SLURM_JOB_ID\"; fi\n"
         "exit $code\n";
}

std::unique_ptr<Launcher> make_slurm_launcher(const SlurmOptions& options) {
  for (const char* program : {"sbatch", "squeue", "scancel"}) {
    if (has_program(program)) continue;
    throw Error(ErrorKind::kUsage,
                std::string("there is no Slurm here: '") + program +
                    "' is not in PATH; run this on a login node, or use --shell N or --ssh HOST");
  }
  return std::make_unique<SlurmLauncher>(options);
}

}  // namespace nas
