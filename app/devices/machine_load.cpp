#include "app/devices/machine_load.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// Time that all processors together have worked since the machine started, in its clock ticks;
/// negative where the system does not say.
double ticks_at_work(double& all) {
  std::ifstream file("/proc/stat");
  std::string word;
  // user, nice, system, idle, waiting for disks, interrupts, soft interrupts, stolen
  constexpr int kTimes = 8, kIdle = 3, kWaiting = 4;
  if (!(file >> word) || word != "cpu") return -1;
  double work = 0;
  all = 0;
  for (int i = 0; i < kTimes; ++i) {
    double ticks = 0;
    if (!(file >> ticks)) return -1;
    all += ticks;
    if (i != kIdle && i != kWaiting) work += ticks;
  }
  return work;
}

double processors() {
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

double busy_processors() {
  double all_before = 0, all = 0;
  const double before = ticks_at_work(all_before);
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  const double after = ticks_at_work(all);
  if (before < 0 || after < 0 || all <= all_before) return 0;
  return (after - before) / (all - all_before) * processors();
}

std::string load_text(double busy) {
  constexpr double kQuiet = 0.25;
  if (busy < kQuiet) return "";
  return format_short(busy, 2) + " of " + format_short(processors()) + " processors are at work";
}

void require_quiet_machine() {
  const std::string load = load_text(busy_processors());
  if (load.empty()) return;
  throw Error(ErrorKind::kUnsupported,
              "this machine is busy: " + load +
                  "; wait until it is quiet, or measure a busy machine with --despite-load");
}

}  // namespace nas
