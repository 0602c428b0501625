#include "core/util/process.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <vector>

#include "core/util/text.h"

namespace nas {
namespace {

/// Has ended, and nobody has asked how: in containers often for ever.
bool is_zombie(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  // "17 (name with) blanks) Z ..."
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string::npos && text.compare(name_end, 3, ") Z") == 0;
}

}  // namespace

std::string process_name() {
  char host[256] = "localhost";
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  std::string name(host);
  // The store splits worker names at colons.
  std::replace(name.begin(), name.end(), ':', '_');
  return name + ":" + std::to_string(getpid());
}

ProcessState find_process(const std::string& name) {
  const std::vector<std::string> parts = split(name, ':');
  const std::vector<std::string> own = split(process_name(), ':');
  if (parts.size() < 2 || parts[0] != own[0]) return ProcessState::kElsewhere;
  const std::optional<std::int64_t> pid = parse_int(parts[1]);
  if (!pid || *pid <= 0) return ProcessState::kElsewhere;
  const bool known = kill(static_cast<pid_t>(*pid), 0) == 0 || errno != ESRCH;
  return known && !is_zombie(*pid) ? ProcessState::kAlive : ProcessState::kGone;
}

}  // namespace nas
