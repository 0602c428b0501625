#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "hwmodels/device_model_fit.h"

namespace nas {

/// A kernel by its text, and its milliseconds.
using TimedKernelText = std::pair<std::string, double>;

/// Two operations alone and one after the other.
struct TimedPair {
  std::string first, second;  ///< kinds
  double first_ms = 0, second_ms = 0, both_ms = 0;
};
/// A network of a space and the kernels inside of its passes, in their order.
struct LoggedNetwork {
  std::size_t number = 0;  ///< in the plan of the fit
  std::string space, architecture;
  double milliseconds = 0;
  std::vector<TimedKernelText> kernels;
};
/// Kernels that were made to be timed.
struct LoggedStrip {
  std::size_t round = 0;
  std::vector<TimedKernelText> kernels;
};

/// What was timed for a model of a device: a file of JSON lines that grows by one line with each
/// measurement, so that a killed fit resumes. Its first line holds the settings.
class MeasurementLog {
 public:
  /// For a reader: of any settings. The file stays as it is; a torn last line does not count.
  /// Throws Error(kData) for a damaged file and for one whose first line does not say of what it
  /// is, Error(kIo).
  explicit MeasurementLog(std::filesystem::path path);
  /// For a fit: begins the file where nothing whole is there, and cuts a torn last line off. Throws
  /// Error(kUsage) for a file of other settings besides.
  MeasurementLog(std::filesystem::path path, const std::string& settings);

  const std::string& settings() const { return settings_; }  ///< empty where nothing whole is there

  const std::vector<TimedPair>& pairs() const { return pairs_; }
  const std::vector<LoggedNetwork>& networks() const { return networks_; }
  const std::vector<LoggedStrip>& strips() const { return strips_; }

  /// Returns when the line is with the operating system. Throws Error(kIo).
  void add(const TimedPair& pair);
  void add(const LoggedNetwork& network);
  void add(const LoggedStrip& strip);

  /// The kernels of the plan of a round that no strip of it has yet; one that the plan has several
  /// times as often as it lacks. The plan may be another one than that of the call before.
  std::vector<Kernel> missing(std::size_t round, std::vector<Kernel> plan) const;

  /// For a fit: networks by number, of several timings the least of each time; and the strips of
  /// rounds before `round`.
  DeviceMeasurements measurements(std::size_t round) const;

 private:
  void read();
  void read_heading(const std::string& line);
  void read_line(const std::string& line);
  void append(const std::string& line);

  std::filesystem::path path_;
  std::size_t whole_ = 0;  ///< bytes of whole lines when it was read
  std::string settings_;
  std::vector<TimedPair> pairs_;
  std::vector<LoggedNetwork> networks_;
  std::vector<LoggedStrip> strips_;
};

}  // namespace nas
