#include <signal.h>
#include <sys/wait.h>

#include "app/cluster/launcher.h"
#include "app/cluster/program_output.h"
#include "app/study/study_owner.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// "host:17 host:18": processes that were started together.
std::vector<std::string> processes_of(const std::string& job) {
  return split(job, ' ');
}

class ShellLauncher final : public Launcher {
 public:
  std::string name() const override { return "shell"; }

  std::string start(const WorkerCommand& command, std::int64_t workers) override {
    const std::string own = process_name();
    const std::string host = own.substr(0, own.find(':'));
    std::vector<std::string> started;
    for (std::int64_t worker = 0; worker < workers; ++worker) {
      const int pid = start_program(command.words(), (command.logs / "worker.log").string());
      started.push_back(host + ":" + std::to_string(pid));
    }
    return join(started, " ");
  }

  std::int64_t alive(const std::string& job) override {
    std::int64_t count = 0;
    for (const std::string& process : processes_of(job)) {
      // Children of this process leave a trace until somebody asks.
      ::waitpid(pid_of(process), nullptr, WNOHANG);
      count += is_gone(process) ? 0 : 1;
    }
    return count;
  }

  void stop(const std::string& job) override {
    for (const std::string& process : processes_of(job)) {
      if (!is_gone(process)) ::kill(pid_of(process), SIGTERM);
    }
  }

  std::vector<std::string> jobs(const WorkerCommand&) override { return {}; }

 private:
  static pid_t pid_of(const std::string& process) {
    return static_cast<pid_t>(parse_int(process.substr(process.find(':') + 1)).value_or(0));
  }
};

class SshLauncher final : public Launcher {
 public:
  explicit SshLauncher(std::vector<std::string> hosts) : hosts_(std::move(hosts)) {}

  std::string name() const override { return "ssh"; }

  std::string start(const WorkerCommand& command, std::int64_t workers) override {
    std::string line = "nohup";
    for (const std::string& word : command.words()) line += " " + shell_word(word);
    line += " >> " + shell_word((command.logs / "worker.log").string()) + " 2>&1 < /dev/null & ";
    std::vector<std::string> started;
    for (std::int64_t worker = 0; worker < workers; ++worker) {
      const std::string& host = hosts_[next_++ % hosts_.size()];
      const ProgramOutput output = on(host, line + "echo $!");
      if (output.code != 0 || !parse_int(trim(output.text))) {
        throw Error(ErrorKind::kIo, "ssh " + printable(host) + ": " +
                                        printable(trim(output.errors)) + " (exit code " +
                                        std::to_string(output.code) + ")");
      }
      started.push_back(host + ":" + std::string(trim(output.text)));
    }
    return join(started, " ");
  }

  std::int64_t alive(const std::string& job) override {
    std::int64_t count = 0;
    for (const std::string& process : processes_of(job)) {
      count += tell(process, "kill -0 ") == 0 ? 1 : 0;
    }
    return count;
  }

  void stop(const std::string& job) override {
    for (const std::string& process : processes_of(job)) tell(process, "kill -TERM ");
  }

  std::vector<std::string> jobs(const WorkerCommand&) override { return {}; }

 private:
  static ProgramOutput on(const std::string& host, const std::string& line) {
    return run_program({"ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", host, line});
  }
  static int tell(const std::string& process, const std::string& what) {
    const std::size_t colon = process.rfind(':');
    return on(process.substr(0, colon), what + process.substr(colon + 1)).code;
  }

  std::vector<std::string> hosts_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<std::string> WorkerCommand::words() const {
  std::vector<std::string> words = {program,
                                    "worker",
                                    "run",
                                    "--store",
                                    store,
                                    "--study",
                                    study,
                                    "--threads",
                                    std::to_string(threads),
                                    "--idle-exit",
                                    format_short(idle_seconds),
                                    "--progress",
                                    "none"};
  if (!files.empty()) words.insert(words.end(), {"--files", files});
  return words;
}

std::unique_ptr<Launcher> make_shell_launcher() {
  return std::make_unique<ShellLauncher>();
}

std::unique_ptr<Launcher> make_ssh_launcher(const std::vector<std::string>& hosts) {
  if (hosts.empty()) throw Error(ErrorKind::kUsage, "--ssh: no machine is named");
  for (const std::string& host : hosts) {
    if (host.empty() || host.starts_with("-") || host.find_first_of(": ") != std::string::npos) {
      throw Error(ErrorKind::kUsage, "--ssh: '" + printable(host) + "' is no name of a machine");
    }
  }
  return std::make_unique<SshLauncher>(hosts);
}

}  // namespace nas
