#pragma once

#include <memory>

namespace nas {

/// Keeps the calling thread on the processor that it runs on while it lives, so that what is timed
/// keeps its caches. Does nothing where the system refuses.
class ProcessorPin {
 public:
  ProcessorPin();
  ~ProcessorPin();
  ProcessorPin(const ProcessorPin&) = delete;
  ProcessorPin& operator=(const ProcessorPin&) = delete;

 private:
  struct Processors;
  std::unique_ptr<Processors> before_;
};

}  // namespace nas
