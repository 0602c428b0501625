#include "core/util/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <mutex>

#include "core/util/text.h"

namespace nas {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

std::size_t columns_of(std::string_view text) {
  // One column for each code point: continuation bytes of UTF-8 take none.
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string elided(const std::string& text, std::size_t width) {
  if (columns_of(text) <= width) return text;
  const std::string_view mark = width > 3 ? "..." : "";
  std::size_t end = 0;
  for (std::size_t column = 0; end < text.size(); ++end) {
    const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
    if (starts && ++column > width - mark.size()) break;
  }
  return text.substr(0, end) + std::string(mark);
}

class NoProgress final : public ProgressSink {
 public:
  void begin(std::string_view, std::int64_t) override {}
  void update(std::int64_t, std::string_view) override {}
  void end() override {}
  void message(std::string_view) override {}
};

// Invariant: `drawn_` is the number of columns that the unfinished line on the terminal takes.
class Reporter final : public ProgressSink {
 public:
  Reporter(std::FILE* stream, const ProgressStyle& style) : stream_(stream), style_(style) {}
  ~Reporter() override { finish(); }

  void begin(std::string_view task, std::int64_t total) override {
    const std::lock_guard lock(mutex_);
    finish();
    active_ = true;
    task_ = printable(task);
    note_.clear();
    total_ = std::max<std::int64_t>(0, total);
    done_ = 0;
    first_done_ = 0;
    begun_ = first_seen_ = last_shown_ = Clock::now();
    updates_ = 0;
    if (style_.bar) show(begun_);
  }

  void update(std::int64_t done, std::string_view note) override {
    const std::lock_guard lock(mutex_);
    if (!active_) return;
    const Clock::time_point now = Clock::now();
    if (updates_++ == 0 &&
        done > 1) {  // a resumed task: what was done before says nothing of its speed
      first_done_ = done;
      first_seen_ = now;
    }
    done_ = done;
    note_ = printable(note);
    const double interval = style_.bar ? kRedrawSeconds : style_.plain_interval_s;
    const bool complete = style_.bar && done == total_;
    if (complete || seconds_between(last_shown_, now) >= interval) show(now);
  }

  void end() override {
    const std::lock_guard lock(mutex_);
    finish();
  }

  void message(std::string_view line) override {
    const std::lock_guard lock(mutex_);
    erase();
    write(printable(line) + "\n");
    if (active_ && style_.bar) show(Clock::now());
  }

 private:
  static constexpr double kRedrawSeconds = 0.1;
  static constexpr std::size_t kBarWidth = 20;

  void finish() {
    if (!active_) return;
    active_ = false;
    erase();
    if (style_.quiet) return;
    std::string line =
        task_ + ": " + steps() + " in " + format_seconds(seconds_between(begun_, Clock::now()));
    if (!note_.empty()) line += ", " + note_;
    write(line + "\n");
  }

  std::string steps() const {
    if (total_ == 0) return format_count(done_);
    return format_count(done_) + "/" + format_count(total_);
  }

  double fraction() const {
    if (total_ == 0) return 0;
    return std::clamp(static_cast<double>(done_) / static_cast<double>(total_), 0.0, 1.0);
  }

  std::string times(Clock::time_point now) const {
    std::string text = format_seconds(seconds_between(begun_, now));
    if (total_ == 0 || done_ >= total_) return text;
    if (done_ <= first_done_) return text + ", ETA ?";
    const double rate_s =
        seconds_between(first_seen_, now) / static_cast<double>(done_ - first_done_);
    return text + ", ETA " + format_seconds(rate_s * static_cast<double>(total_ - done_));
  }

  std::string line(Clock::time_point now) const {
    std::string text = task_ + ": ";
    if (total_ > 0) {
      const auto percent = static_cast<int>(100 * fraction());
      text += std::string(percent < 10    ? 2
                          : percent < 100 ? 1
                                          : 0,
                          ' ') +
              std::to_string(percent) + " % ";
      if (style_.bar) {
        const auto full = static_cast<std::size_t>(fraction() * static_cast<double>(kBarWidth));
        text += "[" + std::string(full, '#') + std::string(kBarWidth - full, '-') + "] ";
      }
    }
    text += steps() + ", " + times(now);
    if (!note_.empty()) text += ", " + note_;
    return text;
  }

  void show(Clock::time_point now) {
    last_shown_ = now;
    if (style_.quiet) return;
    if (!style_.bar) return write(line(now) + "\n");
    // The last column stays free: some terminals wrap as soon as it is written.
    const auto width = static_cast<std::size_t>(std::max(1, style_.width - 1));
    const std::string text = elided(line(now), width);
    const std::size_t columns = columns_of(text);
    const std::size_t rest = drawn_ > columns ? drawn_ - columns : 0;
    write("\r" + text + std::string(rest, ' '));
    drawn_ = columns + rest;
  }

  void erase() {
    if (drawn_ == 0) return;
    write("\r" + std::string(drawn_, ' ') + "\r");
    drawn_ = 0;
  }

  void write(const std::string& text) {
    std::fputs(text.c_str(), stream_);
    std::fflush(stream_);
  }

  std::mutex mutex_;
  std::FILE* stream_;
  ProgressStyle style_;
  bool active_ = false;
  std::string task_;
  std::string note_;
  std::int64_t total_ = 0;
  std::int64_t done_ = 0;
  std::int64_t first_done_ = 0;
  std::int64_t updates_ = 0;
  Clock::time_point begun_, first_seen_, last_shown_;
  std::size_t drawn_ = 0;
};

int terminal_width(int fd) {
  constexpr int kDefault = 80;
  constexpr int kNarrowest = 20;
  if (const char* columns = std::getenv("COLUMNS")) {
    if (const auto value = parse_int(columns); value && *value > 0 && *value < 10000) {
      return std::max(kNarrowest, static_cast<int>(*value));
    }
  }
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return std::max<int>(kNarrowest, size.ws_col);
  }
  return kDefault;
}

}  // namespace

ProgressSink& no_progress() {
  static NoProgress sink;
  return sink;
}

ProgressStyle detect_progress_style(std::FILE* stream) {
  ProgressStyle style;
  const int fd = ::fileno(stream);
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  style.bar = ::isatty(fd) == 1 && !dumb;
  style.width = terminal_width(fd);
  return style;
}

std::unique_ptr<ProgressSink> make_progress_reporter(std::FILE* stream,
                                                     const ProgressStyle& style) {
  return std::make_unique<Reporter>(stream, style);
}

}  // namespace nas
