#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "app/presentation/table.h"
#include "app/session/session.h"
#include "cli/command.h"

namespace nas::cli {

/// What a command runs in: the session, the output format and the progress reporter. Data goes to
/// stdout through `print`; everything else to stderr.
class Context {
 public:
  /// Throws Error(kUsage) for a bad --format.
  explicit Context(const Arguments& arguments);
  ~Context();

  Session& session() { return *session_; }
  Format format() const { return format_; }
  bool human() const { return format_ == Format::kTable; }
  ProgressSink& progress() { return *progress_; }

  /// For an answer that has one form, `form` ("a study file"). Throws Error(kUsage) where --format
  /// or --json asks for another one.
  void require_own_form(std::string_view form) const;
  void print(std::string_view text);  ///< to stdout; control characters never reach a terminal
  void print(const Table& table);     ///< in the chosen format, fitted to the terminal
  void note(std::string_view line);   ///< to stderr; not with --quiet

 private:
  Format format_ = Format::kTable;
  int width_ = 0;
  bool terminal_ = false;
  bool quiet_ = false;
  std::unique_ptr<ProgressSink> progress_;
  std::unique_ptr<Session> session_;
};

/// SIGINT, SIGTERM, SIGHUP and SIGXCPU: the first requests a stop (the running work is left
/// resumable), the second ends the process at once with exit code 130. SIGPIPE and SIGXFSZ are
/// ignored: what cannot be written is an error where it is written.
void install_signal_handlers();
std::stop_token stop_token();
bool interrupted();

/// Stopped by SIGUSR1, by which a cluster says that the time limit of a job is near. From the first
/// call on the signal does not end the process.
std::stop_token time_limit_token();
/// The exit code of work that was handed on and wants to be put into the cluster's queue again
/// (EX_TEMPFAIL).
inline constexpr int kRequeue = 75;

/// Flushes stdout. Returns `code`, or 0 when the reader has closed the pipe, or 2 (with a line on
/// stderr) when the output could not be written, e.g. to a full disk.
int finish_output(int code);

}  // namespace nas::cli
