#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace nas {

/// Where long operations say how far they are. Thread-safe. Libraries only ever see this interface.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  /// Starts a task of `total` steps (0 = unknown). Ends the task before it.
  virtual void begin(std::string_view task, std::int64_t total) = 0;
  /// `done` steps are finished; `note` is a short state such as "best 93.1 %".
  virtual void update(std::int64_t done, std::string_view note) = 0;
  virtual void end() = 0;
  /// One line for the user that stays (a warning, a finished epoch).
  virtual void message(std::string_view line) = 0;
};

/// Swallows everything.
ProgressSink& no_progress();

struct ProgressStyle {
  bool bar = false;              ///< redraw one line in place; false: plain lines
  int width = 80;                ///< columns of the terminal
  double plain_interval_s = 10;  ///< seconds between two plain lines
  bool quiet = false;            ///< only `message` lines
};

/// A bar when the stream is a terminal and TERM is not "dumb"; the width of COLUMNS or of the
/// terminal.
ProgressStyle detect_progress_style(std::FILE* stream);

/// The one progress reporter: a bar with percentage, elapsed time and ETA on a terminal, otherwise
/// a plain line every few seconds. Writes to `stream` (stderr in nasctl).
std::unique_ptr<ProgressSink> make_progress_reporter(std::FILE* stream, const ProgressStyle& style);

}  // namespace nas
