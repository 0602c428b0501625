#include "core/util/progress.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "core/util/text.h"

using namespace nas;

namespace {

// A stream in memory.
class Capture {
 public:
  Capture() : stream_(open_memstream(&data_, &size_)) { REQUIRE(stream_ != nullptr); }
  ~Capture() {
    std::fclose(stream_);
    std::free(data_);
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  std::FILE* stream() { return stream_; }
  std::string text() {
    std::fflush(stream_);
    return {data_, size_};
  }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* stream_;
};

// What a terminal shows after these bytes, line by line, without trailing blanks.
std::vector<std::string> screen(const std::string& bytes) {
  std::vector<std::string> lines(1);
  std::size_t column = 0;
  for (const char c : bytes) {
    if (c == '\r') {
      column = 0;
    } else if (c == '\n') {
      lines.emplace_back();
      column = 0;
    } else {
      lines.back().resize(std::max(lines.back().size(), column + 1), ' ');
      lines.back()[column++] = c;
    }
  }
  for (std::string& line : lines) line.erase(line.find_last_not_of(' ') + 1);
  return lines;
}

constexpr ProgressStyle kBar{.bar = true, .width = 100, .plain_interval_s = 0, .quiet = false};
constexpr ProgressStyle kPlain{.bar = false, .width = 80, .plain_interval_s = 0, .quiet = false};

}  // namespace

TEST_CASE("progress: the bar shows percent, steps, time and note on one line") {
  Capture capture;
  const auto progress = make_progress_reporter(capture.stream(), kBar);
  progress->begin("search", 4);
  CHECK(screen(capture.text()).back().find("0 %") != std::string::npos);
  progress->update(4, "best 93.1 %");
  const std::vector<std::string> lines = screen(capture.text());
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("search: 100 % [####################] 4/4, ") == 0);
  CHECK(lines[0].find("best 93.1 %") != std::string::npos);
  CHECK(capture.text().find('\n') == std::string::npos);
}

TEST_CASE("progress: the end leaves one clean line, and a message does not tear the bar") {
  Capture capture;
  const auto progress = make_progress_reporter(capture.stream(), kBar);
  progress->begin("train", 3);
  progress->update(3, "a long note that must be wiped away");
  progress->message("warning: one image is broken");
  progress->update(3, "done");
  progress->end();
  progress->end();  // a second end is harmless
  const std::vector<std::string> lines = screen(capture.text());
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "warning: one image is broken");
  CHECK(lines[1].find("train: 3/3 in ") == 0);
  CHECK(lines[1].find(", done") == lines[1].size() - 6);
  CHECK(lines[2].empty());
}

TEST_CASE("progress: no line is wider than the terminal, in columns") {
  for (const int width : {20, 40, 79}) {
    Capture capture;
    ProgressStyle style = kBar;
    style.width = width;
    const auto progress = make_progress_reporter(capture.stream(), style);
    progress->begin("Prüfung der Architekturen", 10);
    progress->update(10, "größte Genauigkeit 93.1 %, und noch viel mehr Text, der nicht passt");
    std::size_t columns = 0;
    for (const char c : capture.text()) {
      if (c == '\r') columns = 0;
      if (c != '\r' && (static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++columns;
      REQUIRE(columns < static_cast<std::size_t>(width));
    }
  }
}

TEST_CASE("progress: plain lines have no control characters, one for each update at interval 0") {
  Capture capture;
  const auto progress = make_progress_reporter(capture.stream(), kPlain);
  progress->begin("load", 2);
  progress->update(1, "name\x1b[2J");
  progress->update(2, "");
  progress->end();
  const std::string text = capture.text();
  CHECK(text.find_first_of("\r\x1b") == std::string::npos);
  const std::vector<std::string> lines = split(text, '\n');
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].find("load:  50 % 1/2, ") == 0);
  CHECK(lines[0].find("ETA ") != std::string::npos);
  CHECK(lines[0].find("name?[2J") != std::string::npos);
  CHECK(lines[1].find("load: 100 % 2/2, ") == 0);
  CHECK(lines[1].find("ETA") == std::string::npos);
  CHECK(lines[2].find("load: 2/2 in ") == 0);
}

TEST_CASE("progress: between plain lines lies the interval") {
  Capture capture;
  ProgressStyle style = kPlain;
  style.plain_interval_s = 3600;
  const auto progress = make_progress_reporter(capture.stream(), style);
  progress->begin("load", 1000);
  for (int i = 1; i <= 1000; ++i) progress->update(i, "");
  CHECK(capture.text().empty());
  progress->begin("next", 0);
  CHECK(capture.text().find("load: 1,000/1,000 in ") == 0);
}

TEST_CASE("progress: a resumed task does not count old steps in its ETA") {
  Capture capture;
  const auto progress = make_progress_reporter(capture.stream(), kPlain);
  progress->begin("search", 1000);
  progress->update(900, "");
  CHECK(capture.text().find("ETA ?") != std::string::npos);
}

TEST_CASE("progress: an unknown total has neither percent nor ETA") {
  Capture capture;
  const auto progress = make_progress_reporter(capture.stream(), kPlain);
  progress->begin("scan", 0);
  progress->update(1234, "");
  CHECK(capture.text().find("scan: 1,234, ") == 0);
  CHECK(capture.text().find('%') == std::string::npos);
  CHECK(capture.text().find("ETA") == std::string::npos);
}

TEST_CASE("progress: quiet shows messages only; steps beyond the total do no harm") {
  Capture capture;
  for (const bool bar : {false, true}) {
    ProgressStyle style = kPlain;
    style.bar = bar;
    style.quiet = true;
    const auto progress = make_progress_reporter(capture.stream(), style);
    progress->begin("x", 1);
    progress->update(7, "");
    progress->message("kept");
    progress->end();
  }
  CHECK(capture.text() == "kept\nkept\n");
}

TEST_CASE("progress: several threads may report at once and lines stay whole") {
  Capture capture;
  {
    const auto progress = make_progress_reporter(capture.stream(), kPlain);
    progress->begin("work", 4000);
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&progress] {
        for (int i = 0; i < 100; ++i) {
          progress->update(i, "note");
          progress->message("message");
        }
      });
    }
  }
  std::size_t messages = 0;
  for (const std::string& line : split(capture.text(), '\n')) {
    if (line == "message") ++messages;
    REQUIRE((line.empty() || line == "message" || line.find("work: ") == 0));
  }
  CHECK(messages == 400);
}

TEST_CASE("progress: a stream that is not a terminal gets plain lines") {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  CHECK_FALSE(detect_progress_style(file).bar);
  std::fclose(file);
}
