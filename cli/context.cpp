#include "cli/context.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "core/util/error.h"
#include "core/util/terminal.h"

namespace nas::cli {
namespace {

/// Columns of the terminal on stdout; 0 = not a terminal, nothing is elided.
int output_width() {
  if (isatty(STDOUT_FILENO) == 0) return 0;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

ProgressStyle progress_style(const Arguments& arguments, bool quiet) {
  ProgressStyle style = detect_progress_style(stderr);
  const std::string mode = arguments.value("progress");
  if (mode == "bar") style.bar = true;
  if (mode == "plain") style.bar = false;
  style.quiet = quiet || mode == "none";
  return style;
}

}  // namespace

Context::Context(const Arguments& arguments)
    : format_(arguments.has("json") ? Format::kJson : parse_format(arguments.value("format"))),
      width_(arguments.has("wide") ? 0 : output_width()),
      terminal_(isatty(STDOUT_FILENO) != 0),
      quiet_(arguments.has("quiet")),
      progress_(make_progress_reporter(stderr, progress_style(arguments, quiet_))) {
  SessionOptions options;
  options.store = StoreAddress::parse(arguments.text_or("store", ""));
  options.files = arguments.text_or("files", "");
  options.progress = progress_.get();
  options.stop = stop_token();
  session_ = std::make_unique<Session>(options);
}

Context::~Context() = default;

void Context::require_own_form(std::string_view form) const {
  if (human()) return;
  throw Error(ErrorKind::kUsage,
              "--format and --json have no effect: the answer is " + std::string(form));
}

void Context::print(std::string_view text) {
  // A file or a pipe gets the bytes as they are; a terminal would obey what it finds in them.
  const std::string shown = terminal_ ? printable_lines(text) : std::string(text);
  std::fwrite(shown.data(), 1, shown.size(), stdout);
}

void Context::print(const Table& table) {
  print(render(table, format_, width_));
}

void Context::note(std::string_view line) {
  if (!quiet_) progress_->message(line);
}

}  // namespace nas::cli
