#include "core/util/process.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

#include "core/util/hash.h"
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

/// Of this start of the machine and of the container: what the numbers of processes belong to. ""
/// where the system does not say.
std::string machine_mark() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string text;
  std::getline(file, text);
  std::error_code error;
  text += std::filesystem::read_symlink("/proc/self/ns/pid", error).native();
  constexpr std::size_t kDigits = 6;
  return text.empty() ? "" : "~" + sha256_hex(text).substr(0, kDigits);
}

std::string marked_host() {
  char host[256] = "localhost";
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  std::string name(host);
  // The store splits worker names at colons.
  std::ranges::replace(name, ':', '_');
  std::ranges::replace(name, '~', '_');
  return name + machine_mark();
}

}  // namespace

std::string process_name() {
  static const std::string host = marked_host();
  return host + ":" + std::to_string(getpid());
}

std::string host_of(const std::string& process) {
  return process.substr(0, process.find_first_of("~:"));
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
