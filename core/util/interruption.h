#pragma once

#include <exception>
#include <stop_token>

namespace nas {

/// What `check_interruption` throws. Not an Error: nothing is wrong with the work it ends.
class Interrupted : public std::exception {
 public:
  const char* what() const noexcept override { return "interrupted"; }
};

/// While it lives, long computations on this thread end soon after `stop` is requested, whoever
/// runs them: networks ask at every node (`check_interruption`). Scopes nest.
class InterruptionScope {
 public:
  explicit InterruptionScope(std::stop_token stop);
  ~InterruptionScope();
  InterruptionScope(const InterruptionScope&) = delete;
  InterruptionScope& operator=(const InterruptionScope&) = delete;

 private:
  friend void check_interruption();
  std::stop_token stop_;
  const InterruptionScope* outer_;
};

/// Throws Interrupted when a scope of this thread is to stop. Costs nanoseconds.
void check_interruption();

}  // namespace nas
