#include "core/api/device_settings.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::int64_t kMost = 4096;

[[noreturn]] void fail(const std::string& why) {
  throw Error(ErrorKind::kUnsupported, why);
}

std::int64_t number_of(const std::string& name, std::string_view text) {
  const auto value = parse_int(text);
  if (value && *value >= 1 && *value <= kMost) return *value;
  fail(name + " = '" + printable(text) + "', must be a number in [1, " + std::to_string(kMost) +
       "]");
}

/// The digits in front, the most there is where they are too many; nullopt below 1, and for a zero
/// in front.
std::optional<std::int64_t> digits_of(std::string_view text) {
  if (text.empty() || text[0] < '1' || text[0] > '9') return std::nullopt;
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc::result_out_of_range) return std::numeric_limits<std::int64_t>::max();
  return value;
}

/// Takes the first item off the text; the machine is all that is left.
std::string_view take_item(std::string_view& text) {
  const bool last = text.starts_with("machine=");
  const std::size_t end = last ? text.size() : std::min(text.find(','), text.size());
  const std::string_view item = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return item;
}

}  // namespace

std::string to_text(const DeviceSettings& settings) {
  std::vector<std::string> items;
  const auto add = [&items](const char* name, const std::string& value) {
    if (!value.empty()) items.push_back(std::string(name) + "=" + value);
  };
  add("batch", settings.batch ? std::to_string(*settings.batch) : "");
  add("threads", settings.threads ? std::to_string(*settings.threads) : "");
  add("precision", settings.precision);
  add("runtime", settings.runtime);
  add("machine", settings.machine);
  return join(items, ",");
}

DeviceSettings parse_device_settings(std::string_view text) {
  DeviceSettings settings;
  while (!text.empty()) {
    const std::string_view item = take_item(text);
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) fail("'" + printable(item) + "' is not name=value");
    const std::string name(item.substr(0, equals)), value(item.substr(equals + 1));
    if (name == "batch") {
      settings.batch = number_of(name, value);
    } else if (name == "threads") {
      settings.threads = number_of(name, value);
    } else if (name == "precision") {
      settings.precision = value;
    } else if (name == "runtime") {
      settings.runtime = value;
    } else if (name == "machine") {
      settings.machine = value;
    } else {
      fail("unknown setting '" + printable(name) + "'");
    }
  }
  return settings;
}

DeviceSettings known_settings(std::string_view text) {
  DeviceSettings settings;
  while (!text.empty()) {
    const std::string_view item = take_item(text);
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = item.substr(0, equals), value = item.substr(equals + 1);
    if (name == "batch" && !settings.batch) settings.batch = digits_of(value);
    if (name == "threads" && !settings.threads) settings.threads = digits_of(value);
    if (name == "precision" && settings.precision.empty()) settings.precision = value;
    if (name == "runtime" && settings.runtime.empty()) settings.runtime = value;
    if (name == "machine") settings.machine = value;
  }
  return settings;
}

}  // namespace nas
