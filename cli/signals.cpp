#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stop_token>
#include <thread>

#include "cli/context.h"

namespace nas::cli {
namespace {

std::atomic<int> signals_seen{0};

std::stop_source& stop_source() {
  static std::stop_source source;
  return source;
}

/// request_stop may run callbacks, so it must not be called from a signal handler: the handler
/// writes one byte to a pipe that a thread reads.
int wake_pipe[2] = {-1, -1};

extern "C" void on_signal(int) {
  const int saved = errno;
  if (signals_seen.fetch_add(1) > 0) {
    const char text[] = "\nnasctl: interrupted again, stopping at once\n";
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(130);
  }
  (void)!write(wake_pipe[1], "s", 1);
  errno = saved;
}

std::stop_source& time_limit_source() {
  static std::stop_source source;
  return source;
}

constexpr char kTimeLimit = 't';

extern "C" void on_time_limit(int) {
  const int saved = errno;
  (void)!write(wake_pipe[1], &kTimeLimit, 1);
  errno = saved;
}

void watch() {
  char byte = kTimeLimit;
  while (byte == kTimeLimit) {
    byte = 0;
    while (read(wake_pipe[0], &byte, 1) < 0 && errno == EINTR) {
    }
    if (byte == kTimeLimit) time_limit_source().request_stop();
  }
  const char text[] =
      "\nnasctl: stopping after the current step; interrupt again to stop at once\n";
  (void)!write(STDERR_FILENO, text, sizeof text - 1);
  stop_source().request_stop();
}

// A descriptor that the caller closed would be given to the next file that is opened, and an answer
// be written into it. In its place comes one that refuses to be written: the loss is noticed.
void occupy_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF) (void)open("/dev/null", O_RDONLY);
  }
}

/// A pipe that somebody made non-blocking refuses what its reader has no room for yet, and stdio
/// would take that for a failure.
void wait_for_readers_of_pipes() {
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    const int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || (flags & O_NONBLOCK) == 0 || isatty(descriptor) != 0) continue;
    (void)fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
  }
}

}  // namespace

void install_signal_handlers() {
  occupy_standard_descriptors();
  wait_for_readers_of_pipes();
  if (pipe(wake_pipe) != 0) return;
  stop_source();
  std::thread(watch).detach();
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGXCPU}) sigaction(signal, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

std::stop_token stop_token() {
  return stop_source().get_token();
}

std::stop_token time_limit_token() {
  time_limit_source();
  struct sigaction action {};
  action.sa_handler = on_time_limit;
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, nullptr);
  return time_limit_source().get_token();
}

bool interrupted() {
  return signals_seen.load() > 0;
}

int finish_output(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  if (errno == EPIPE) return 0;
  std::fprintf(stderr, "nasctl: cannot write the output: %s\n", std::strerror(errno));
  return 2;
}

}  // namespace nas::cli
