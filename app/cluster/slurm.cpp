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

/// "17" or, of an array, "17_3": what may be said to squeue and scancel.
bool is_job(const std::string& text) {
  const std::vector<std::string> parts = split(text, '_');
  return parts.size() <= 2 && std::ranges::all_of(parts, [](const std::string& part) {
           return !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
         });
}

void require_job(const std::string& text) {
  if (is_job(text)) return;
  throw Error(ErrorKind::kData,
              "allocation: expected the number of a Slurm job, got '" + printable(text) + "'");
}

bool is_unknown_job(const ProgramOutput& output) {
  return output.errors.find("Invalid job id") != std::string::npos;
}

/// Where the tasks of an array write; '%' is a sign of sbatch.
std::string output_option(const WorkerCommand& command) {
  std::string folder;
  for (const char c : command.logs.string()) folder += c == '%' ? "%%" : std::string(1, c);
  return "--output=" + folder + "/slurm-%A_%a.log";
}

class SlurmLauncher final : public Launcher {
 public:
  explicit SlurmLauncher(SlurmOptions options) : options_(std::move(options)) {}

  std::string name() const override { return "slurm"; }

  StartedJob start(const WorkerCommand& command, std::int64_t workers) override {
    std::vector<std::string> words = {"sbatch", "--parsable"};
    const bool named = std::ranges::any_of(options_.more, [](const std::string& option) {
      return option.starts_with("--output") || option.starts_with("-o");
    });
    // As a word: a line of the script would end at a blank of the folder's name.
    if (!named) words.push_back(output_option(command));
    const std::string answer = checked(words, slurm_script(command, workers, options_));
    const std::string job(trim(answer.substr(0, answer.find(';'))));  // "17;cluster"
    if (!is_job(job)) {
      throw Error(ErrorKind::kIo,
                  "sbatch: expected the number of a job, got '" + printable(trim(answer)) + "'");
    }
    return {job, workers};
  }

  bool reaches(const std::string&) const override { return true; }

  std::int64_t alive(const std::string& job) override {
    require_job(job);
    // Jobs that ended a while ago are unknown to it.
    const ProgramOutput output = run_program({"squeue", "-h", "-r", "-j", job, "-o", "%T"});
    if (output.code != 0) {
      if (is_unknown_job(output)) return 0;
      throw Error(ErrorKind::kIo, "squeue failed: " + printable(trim(output.errors)));
    }
    const auto lines = std::ranges::count(output.text, '\n');
    return static_cast<std::int64_t>(lines);
  }

  void stop(const std::string& job) override {
    require_job(job);
    const ProgramOutput output = run_program({"scancel", job});
    if (output.code == 0 || is_unknown_job(output)) return;
    throw Error(ErrorKind::kIo, "scancel " + job + " failed: " + printable(trim(output.errors)));
  }

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
  if (!options.partition.empty()) say("--partition=" + options.partition);
  if (!options.time.empty()) say("--time=" + options.time);
  for (const std::string& option : options.more) say(option);
  std::string line;
  for (const std::string& word : command.words()) line += shell_word(word) + " ";
  // The shell alone is told of the time limit, the worker must hear of it. SIGTERM reaches both: a
  // second one would end the worker without handing on. A signal ends `wait` early, with more than
  // 128; what the worker itself ended with is known when no signal came meanwhile.
  return script + line + "&\n" +
         "worker=$!\n"
         "told= woken=yes\n"
         "trap 'told=yes woken=yes; kill -USR1 $worker' USR1\n"
         "trap woken=yes TERM\n"
         "while [ -n \"$woken\" ]; do\n"
         "  woken=\n"
         "  wait $worker\n"
         "  code=$?\n"
         "  if [ $code -le 128 ]; then break; fi\n"
         "done\n"
         "# What ran was handed on, and there may be more to do; 138: it was told before it "
         "listened.\n"
         "if [ $code = 75 ] || { [ $code = 138 ] && [ -n \"$told\" ]; }; then\n"
         "  scontrol requeue \"$SLURM_JOB_ID\"\n"
         "fi\n"
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
