#include "core/util/processor_pin.h"

#include <sched.h>

namespace nas {

struct ProcessorPin::Processors {
  cpu_set_t set;
};

ProcessorPin::ProcessorPin() {
  auto before = std::make_unique<Processors>();
  const int here = ::sched_getcpu();
  if (here < 0 || ::sched_getaffinity(0, sizeof before->set, &before->set) != 0) return;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<unsigned>(here), &one);
  if (::sched_setaffinity(0, sizeof one, &one) == 0) before_ = std::move(before);
}

ProcessorPin::~ProcessorPin() {
  if (before_) ::sched_setaffinity(0, sizeof before_->set, &before_->set);
}

}  // namespace nas
