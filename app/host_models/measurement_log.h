#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
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
/// measurement, so that a fit goes on where it was killed. Its first line says of what.
class MeasurementLog {
 public:
  /// Reads what is there; a torn last line is cut off. Throws Error(kUsage) for a file of other
  /// settings (nullopt: any will do), Error(kData) for a damaged one, Error(kIo).
  MeasurementLog(std::filesystem::path path, const std::optional<std::string>& settings);

  const std::vector<TimedPair>& pairs() const { return pairs_; }
  const std::vector<LoggedNetwork>& networks() const { return networks_; }
  const std::vector<LoggedStrip>& strips() const { return strips_; }

  /// Returns when the line is with the operating system. Throws Error(kIo).
  void add(const TimedPair& pair);
  void add(const LoggedNetwork& network);
  void add(const LoggedStrip& strip);

  /// For a fit: networks by number, of several timings the least of each time; and the strips of
  /// rounds before `round`.
  DeviceMeasurements measurements(std::size_t round) const;

 private:
  void read(const std::optional<std::string>& settings);
  void append(const std::string& line);

  std::filesystem::path path_;
  std::vector<TimedPair> pairs_;
  std::vector<LoggedNetwork> networks_;
  std::vector<LoggedStrip> strips_;
};

}  // namespace nas
