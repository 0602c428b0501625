#include "core/util/interruption.h"

#include <utility>

namespace nas {
namespace {

thread_local const InterruptionScope* innermost = nullptr;

}  // namespace

InterruptionScope::InterruptionScope(std::stop_token stop)
    : stop_(std::move(stop)), outer_(std::exchange(innermost, this)) {}

InterruptionScope::~InterruptionScope() {
  innermost = outer_;
}

void check_interruption() {
  for (const InterruptionScope* scope = innermost; scope != nullptr; scope = scope->outer_) {
    if (scope->stop_.stop_requested()) throw Interrupted();
  }
}

}  // namespace nas
