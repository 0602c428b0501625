#include "app/devices/machine_load.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>
#include <thread>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// Of all processors together since the machine started, in its clock ticks.
struct Ticks {
  double work = 0;
  double all = 0;
  double processors = 0;  ///< of the machine; this process may be held on fewer
};

/// nullopt where the system does not say.
std::optional<Ticks> read_ticks() {
  std::ifstream file("/proc/stat");
  std::string word;
  // user, nice, system, idle, waiting for disks, interrupts, soft interrupts, stolen
  constexpr int kTimes = 8, kIdle = 3, kWaiting = 4;
  if (!(file >> word) || word != "cpu") return std::nullopt;
  Ticks sum;
  for (int i = 0; i < kTimes; ++i) {
    double ticks = 0;
    if (!(file >> ticks)) return std::nullopt;
    sum.all += ticks;
    if (i != kIdle && i != kWaiting) sum.work += ticks;
  }
  // "cpu0", "cpu1", ...: one line for each.
  while (std::getline(file, word)) sum.processors += word.starts_with("cpu") ? 1 : 0;
  return sum;
}

double processors() {
  const auto ticks = read_ticks();
  return ticks && ticks->processors > 0 ? ticks->processors
                                        : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

double busy_processors() {
  const auto before = read_ticks();
  if (!before) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  const auto after = read_ticks();
  if (!after || after->all <= before->all) return 0;
  return (after->work - before->work) / (after->all - before->all) * processors();
}

std::string load_text(double busy) {
  constexpr double kQuiet = 0.25;
  if (busy < kQuiet) return "";
  return "this machine is busy: " + format_short(busy, 2) + " of " + format_short(processors()) +
         " processors are at work";
}

void require_quiet_machine() {
  const std::string load = load_text(busy_processors());
  if (load.empty()) return;
  throw Error(ErrorKind::kUnsupported,
              load + "; wait until it is quiet, or measure a busy machine with --despite-load");
}

}  // namespace nas
