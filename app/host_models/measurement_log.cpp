#include "app/host_models/measurement_log.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_name.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Json = nlohmann::json;

constexpr const char* kSchema = "searchlight.device_measurements";

Json json_of(const std::vector<TimedKernelText>& kernels) {
  Json json = Json::array();
  for (const auto& [text, milliseconds] : kernels) json.push_back({text, milliseconds});
  return json;
}

std::vector<TimedKernelText> kernels_of(const Json& json) {
  std::vector<TimedKernelText> kernels;
  for (const Json& entry : json) {
    kernels.emplace_back(entry.at(0).get<std::string>(), entry.at(1).get<double>());
  }
  return kernels;
}

/// Numbers for kernels, each once.
class KernelTable {
 public:
  explicit KernelTable(DeviceMeasurements& data) : data_(data) {}

  std::uint32_t number(const std::string& text) {
    const auto [at, fresh] =
        numbers_.emplace(text, static_cast<std::uint32_t>(data_.kernels.size()));
    if (fresh) data_.kernels.push_back(parse_kernel(text));
    return at->second;
  }

 private:
  DeviceMeasurements& data_;
  std::map<std::string, std::uint32_t> numbers_;
};

/// Of two timings of a network the lesser time of each kernel and of the whole.
void keep_least(LoggedNetwork& kept, const LoggedNetwork& other) {
  kept.milliseconds = std::min(kept.milliseconds, other.milliseconds);
  const std::size_t count = std::min(kept.kernels.size(), other.kernels.size());
  for (std::size_t i = 0; i < count; ++i) {
    kept.kernels[i].second = std::min(kept.kernels[i].second, other.kernels[i].second);
  }
}

}  // namespace

MeasurementLog::MeasurementLog(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code error;
  if (std::filesystem::exists(path_, error)) read();
}

MeasurementLog::MeasurementLog(std::filesystem::path path, const std::string& settings)
    : MeasurementLog(std::move(path)) {
  if (whole_ == 0) {
    make_directory(path_.parent_path());
    const Json heading{{"schema", kSchema}, {"version", 1}, {"settings", settings}};
    write_file_atomically(path_, heading.dump() + "\n");
    settings_ = settings;
    return;
  }
  if (settings_ != settings) {
    throw Error(ErrorKind::kUsage, path_.string() + ": holds measurements of other settings (" +
                                       printable(settings_) +
                                       "); choose another name, or measure anew with --replace");
  }
  std::error_code error;
  if (std::filesystem::file_size(path_, error) > whole_ && !error) {
    std::filesystem::resize_file(path_, whole_, error);
  }
  if (error) throw Error(ErrorKind::kIo, path_.string() + ": cannot be written");
}

void MeasurementLog::read() {
  const std::string text = read_file(path_);
  const std::size_t last = text.rfind('\n');
  if (last == std::string::npos) return;
  whole_ = last + 1;
  const std::vector<std::string> lines = split(std::string_view(text).substr(0, last), '\n');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    try {
      if (i == 0) {
        read_heading(lines[i]);
      } else if (!lines[i].empty()) {
        read_line(lines[i]);
      }
    } catch (const Json::exception&) {
      throw Error(ErrorKind::kData, path_.string() + ", line " + std::to_string(i + 1) +
                                        ": is damaged; remove the line, or the file");
    }
  }
}

void MeasurementLog::read_heading(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("schema") || json.at("schema") != kSchema) {
    throw Error(ErrorKind::kData, path_.string() +
                                      ": its first line does not say of which settings its "
                                      "measurements are; remove it, or measure anew with "
                                      "--replace");
  }
  settings_ = json.at("settings").get<std::string>();
}

void MeasurementLog::read_line(const std::string& line) {
  const Json json = Json::parse(line);
  if (json.contains("first")) {
    pairs_.push_back({json.at("first"), json.at("second"), json.at("first_ms"),
                      json.at("second_ms"), json.at("both_ms")});
  } else if (json.contains("network")) {
    networks_.push_back({json.at("network"), json.at("space"), json.at("architecture"),
                         json.at("ms"), kernels_of(json.at("kernels"))});
  } else {
    strips_.push_back({json.at("round"), kernels_of(json.at("kernels"))});
  }
}

void MeasurementLog::append(const std::string& line) {
  std::ofstream file(path_, std::ios::app | std::ios::binary);
  file << line << '\n';
  file.flush();
  if (!file) throw Error(ErrorKind::kIo, path_.string() + ": cannot be written");
}

void MeasurementLog::add(const TimedPair& pair) {
  append(Json{{"first", pair.first},
              {"second", pair.second},
              {"first_ms", pair.first_ms},
              {"second_ms", pair.second_ms},
              {"both_ms", pair.both_ms}}
             .dump());
  pairs_.push_back(pair);
}

void MeasurementLog::add(const LoggedNetwork& network) {
  append(Json{{"network", network.number},
              {"space", network.space},
              {"architecture", network.architecture},
              {"ms", network.milliseconds},
              {"kernels", json_of(network.kernels)}}
             .dump());
  networks_.push_back(network);
}

void MeasurementLog::add(const LoggedStrip& strip) {
  append(Json{{"round", strip.round}, {"kernels", json_of(strip.kernels)}}.dump());
  strips_.push_back(strip);
}

std::vector<Kernel> MeasurementLog::missing(std::size_t round, std::vector<Kernel> plan) const {
  std::multiset<std::string> timed;
  for (const LoggedStrip& strip : strips_) {
    if (strip.round != round) continue;
    for (const auto& [text, milliseconds] : strip.kernels) timed.insert(text);
  }
  std::erase_if(plan, [&timed](const Kernel& kernel) {
    const auto known = timed.find(kernel_text(kernel));
    if (known == timed.end()) return false;
    timed.erase(known);
    return true;
  });
  return plan;
}

DeviceMeasurements MeasurementLog::measurements(std::size_t round) const {
  DeviceMeasurements data;
  KernelTable table(data);
  std::map<std::size_t, LoggedNetwork> networks;
  for (const LoggedNetwork& network : networks_) {
    const auto [at, fresh] = networks.emplace(network.number, network);
    if (!fresh) keep_least(at->second, network);
  }
  for (const auto& [number, network] : networks) {
    const auto place = static_cast<std::uint32_t>(data.networks.size());
    DeviceMeasurements::NetworkTime& time = data.networks.emplace_back();
    time.milliseconds = network.milliseconds;
    for (const auto& [text, milliseconds] : network.kernels) {
      time.kernels.push_back(table.number(text));
      data.times.push_back({time.kernels.back(), milliseconds, place});
    }
  }
  for (const LoggedStrip& strip : strips_) {
    if (strip.round >= round) continue;
    for (const auto& [text, milliseconds] : strip.kernels) {
      data.times.push_back({table.number(text), milliseconds, DeviceMeasurements::kNoNetwork});
    }
  }
  return data;
}

}  // namespace nas
