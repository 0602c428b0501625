#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <string_view>

#include "app/cluster/launcher.h"
#include "app/cluster/program_output.h"
#include "app/study/study_owner.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

bool is_letter_or_digit(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

struct Process {
  std::string host;
  std::string pid;  ///< digits, not 0
};

bool is_digits(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_host(const std::string& host) {
  constexpr std::string_view kSigns = "-._@~";  // '~' stands before a machine's mark
  const bool begins = !host.empty() && !host.starts_with("-") && !host.starts_with("~");
  return begins && std::ranges::all_of(host, [&](char c) {
           return is_letter_or_digit(c) || kSigns.find(c) != std::string_view::npos;
         });
}

/// Of "host:17 host:18": processes that were started together.
std::vector<Process> processes_of(const std::string& job) {
  std::vector<Process> processes;
  for (const std::string& text : split(job, ' ')) {
    const std::size_t colon = text.rfind(':');
    Process process;
    if (colon != std::string::npos) process = {text.substr(0, colon), text.substr(colon + 1)};
    const std::optional<std::int64_t> pid = parse_int(process.pid);
    const bool valid = pid && *pid > 0 && *pid <= std::numeric_limits<pid_t>::max();
    if (!is_host(process.host) || !valid || !is_digits(process.pid)) {
      throw Error(ErrorKind::kData, "allocation: expected 'machine:process' words as a job, got '" +
                                        printable(text) + "'");
    }
    processes.push_back(std::move(process));
  }
  return processes;
}

/// With the machine's mark.
std::string this_host() {
  const std::string own = process_name();
  return own.substr(0, own.find(':'));
}

class ShellLauncher final : public Launcher {
 public:
  std::string name() const override { return "shell"; }

  StartedJob start(const WorkerCommand& command, std::int64_t workers) override {
    StartedJob started;
    std::vector<std::string> processes;
    while (started.workers < workers) {
      try {
        const int pid = start_program(command.words(), (command.logs / "worker.log").string());
        processes.push_back(host_ + ":" + std::to_string(pid));
      } catch (const Error& error) {
        if (processes.empty()) throw;
        started.failure = error.what();
        break;
      }
      ++started.workers;
    }
    started.job = join(processes, " ");
    return started;
  }

  bool reaches(const std::string& job) const override {
    return std::ranges::all_of(processes_of(job),
                               [this](const Process& process) { return process.host == host_; });
  }

  std::int64_t alive(const std::string& job) override {
    return std::ranges::count_if(processes_of(job),
                                 [this](const Process& process) { return is_alive(process); });
  }

  void stop(const std::string& job) override {
    if (!reaches(job)) {
      throw Error(ErrorKind::kUsage, "job runs on another machine; stop it there: shell " + job);
    }
    for (const Process& process : processes_of(job)) {
      if (is_alive(process)) ::kill(pid_of(process), SIGTERM);
    }
  }

  std::vector<std::string> jobs(const WorkerCommand&) override { return {}; }

 private:
  static pid_t pid_of(const Process& process) {
    return static_cast<pid_t>(*parse_int(process.pid));
  }
  /// A process id that now belongs to another program is not a worker. A process that has ended
  /// has no words.
  bool is_alive(const Process& process) const {
    if (process.host != host_) return false;
    // Children of this process leave a trace until somebody asks.
    ::waitpid(pid_of(process), nullptr, WNOHANG);
    std::ifstream file("/proc/" + process.pid + "/cmdline");
    const std::string words{std::istreambuf_iterator<char>(file), {}};
    return words.find("worker") != std::string::npos;
  }

  const std::string host_ = this_host();
};

class SshLauncher final : public Launcher {
 public:
  explicit SshLauncher(std::vector<std::string> hosts) : hosts_(std::move(hosts)) {}

  std::string name() const override { return "ssh"; }

  StartedJob start(const WorkerCommand& command, std::int64_t workers) override {
    std::string line = "nohup";
    for (const std::string& word : command.words()) line += " " + shell_word(word);
    line += " >> " + shell_word((command.logs / "worker.log").string()) + " 2>&1 < /dev/null & ";
    StartedJob started;
    std::vector<std::string> processes;
    while (started.workers < workers) {
      const std::optional<std::string> host = next_host();
      if (!host) break;
      try {
        const ProgramOutput output = on(*host, line + "echo $!");
        const std::string pid(trim(output.text));
        if (output.code != 0 || !is_digits(pid)) {
          throw Error(ErrorKind::kIo, "ssh " + *host + ": " + printable(trim(output.errors)) +
                                          " (exit code " + std::to_string(output.code) + ")");
        }
        processes.push_back(*host + ":" + pid);
        ++started.workers;
      } catch (const Error& error) {
        started.failure = error.what();
        failed_[*host] = Clock::now();
      }
    }
    if (processes.empty()) {
      throw Error(ErrorKind::kIo, started.failure.empty()
                                      ? "ssh: no machine could be reached in the last minutes"
                                      : started.failure);
    }
    started.job = join(processes, " ");
    return started;
  }

  bool reaches(const std::string&) const override { return true; }

  std::int64_t alive(const std::string& job) override {
    return std::ranges::count_if(processes_of(job), [](const Process& process) {
      return on(process.host, is_worker(process)).code == 0;
    });
  }

  void stop(const std::string& job) override {
    for (const Process& process : processes_of(job)) {
      on(process.host, is_worker(process) + " && kill -TERM " + shell_word(process.pid));
    }
  }

  std::vector<std::string> jobs(const WorkerCommand&) override { return {}; }

 private:
  using Clock = std::chrono::steady_clock;

  static std::string is_worker(const Process& process) {
    return "grep -qa worker " + shell_word("/proc/" + process.pid + "/cmdline") + " 2>/dev/null";
  }

  static ProgramOutput on(const std::string& host, const std::string& line) {
    ProgramOutput output = run_program({"ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10",
                                        "-o", "ServerAliveInterval=15", host, line});
    constexpr int kUnreachable = 255;  // what ssh itself ends with
    if (output.code != kUnreachable) return output;
    throw Error(ErrorKind::kIo, "ssh " + host + ": not reached: " + printable(trim(output.errors)));
  }

  /// In turn; one that failed is left alone for a while.
  std::optional<std::string> next_host() {
    constexpr std::chrono::minutes kLeftAlone{5};
    for (std::size_t tried = 0; tried < hosts_.size(); ++tried) {
      const std::string& host = hosts_[next_++ % hosts_.size()];
      const auto failed = failed_.find(host);
      if (failed == failed_.end() || Clock::now() - failed->second > kLeftAlone) return host;
    }
    return {};
  }

  std::vector<std::string> hosts_;
  std::size_t next_ = 0;
  std::map<std::string, Clock::time_point> failed_;
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
    if (!is_host(host)) {
      throw Error(ErrorKind::kUsage, "--ssh: '" + printable(host) + "' is not a machine name");
    }
  }
  return std::make_unique<SshLauncher>(hosts);
}

}  // namespace nas
