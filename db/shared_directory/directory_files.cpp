#include "db/shared_directory/directory_files.h"

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <system_error>

#include "core/util/text.h"

namespace nas {

namespace {

std::string numbered(std::int64_t generation) {
  char text[32];
  std::snprintf(text, sizeof text, "%06lld", static_cast<long long>(generation));
  return text;
}

}  // namespace

std::filesystem::path leader_file(const std::filesystem::path& directory, std::int64_t generation) {
  return directory / ("coordinator." + numbered(generation));
}

std::filesystem::path beat_file(const std::filesystem::path& directory, std::int64_t generation) {
  return directory / ("coordinator." + numbered(generation) + ".beat");
}

std::filesystem::path database_file_of(const std::filesystem::path& directory,
                                       std::int64_t generation) {
  return directory / ("results." + numbered(generation) + ".db");
}

std::filesystem::path journal_directory(const std::filesystem::path& directory) {
  return directory / "workers";
}

std::filesystem::path replies_file(const std::filesystem::path& requests, std::int64_t generation) {
  std::string name = requests.native();
  name.resize(name.size() - kRequestsSuffix.size());
  return name + ".replies." + numbered(generation);
}

std::int64_t newest_generation(const std::filesystem::path& directory, std::string_view stem,
                               std::string_view suffix, std::int64_t most) {
  std::int64_t newest = 0;
  std::error_code error;
  const std::string prefix = std::string(stem) + ".";
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().native();
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) continue;
    name = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    const std::optional<std::int64_t> number = parse_int(name);
    if (number && numbered(*number) == name && *number <= most) newest = std::max(newest, *number);
  }
  return newest;
}

std::int64_t boot_clock_us() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace nas
