#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace nas {

/// How the workers of a study are started, wherever that is.
struct WorkerCommand {
  std::string program;  ///< nasctl, as the machines of the cluster find it
  std::string store;    ///< address or absolute path; never a password
  std::string files;    ///< directory of the store's files, absolute; "": beside the database
  std::string study;
  std::int64_t threads = 1;    ///< of each worker process
  double idle_seconds = 60;    ///< a worker that has nothing to do ends: this scales down
  std::filesystem::path logs;  ///< folder, there already
  /// The words of the command line.
  std::vector<std::string> words() const;
};

/// What came of a wish for workers.
struct StartedJob {
  std::string job;
  std::int64_t workers = 0;  ///< that were started; fewer than wished where some failed
  std::string failure{};     ///< why the others were not; "": all were
};

/// Starts workers. Jobs are known by a text of the launcher's own; one that comes from a store and
/// is no such text is refused with Error(kData).
class Launcher {
 public:
  virtual ~Launcher() = default;
  virtual std::string name() const = 0;  ///< "slurm"
  /// Starts worker processes together. Throws Error(kIo | kUsage) when there is none.
  virtual StartedJob start(const WorkerCommand& command, std::int64_t workers) = 0;
  /// Can the job be looked at from this machine?
  virtual bool reaches(const std::string& job) const = 0;
  /// Workers of a job that run or wait for their turn; 0: it has ended. Throws Error(kIo) when that
  /// cannot be known.
  virtual std::int64_t alive(const std::string& job) = 0;
  /// Throws Error(kUsage) for a job of another machine, Error(kIo) when it cannot be told.
  virtual void stop(const std::string& job) = 0;
  /// Jobs of the study that are alive, whoever started them: also those whose process was killed
  /// before it could store that it had asked for them.
  virtual std::vector<std::string> jobs(const WorkerCommand& command) = 0;
};

/// What is said to sbatch beside the script's own lines.
struct SlurmOptions {
  std::string partition;          ///< "": the default one
  std::string time;               ///< "2:00:00"; "": the partition's
  std::vector<std::string> more;  /// "--account=x"
};
/// Throws Error(kUsage) if Slurm is not installed.
std::unique_ptr<Launcher> make_slurm_launcher(const SlurmOptions& options);
/// The script of an array, as sbatch reads it.
std::string slurm_script(const WorkerCommand& command, std::int64_t workers,
                         const SlurmOptions& options);

/// Processes of this machine.
std::unique_ptr<Launcher> make_shell_launcher();
/// Processes of other machines, in turn; ssh must reach them without a question.
std::unique_ptr<Launcher> make_ssh_launcher(const std::vector<std::string>& hosts);

}  // namespace nas
