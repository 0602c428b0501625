#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/api/store.h"

namespace nas::testing {

/// A directory that goes with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::filesystem::path file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// What trial `number` of the sample study has: accuracy, latency on two devices, and every tenth
/// trial failed without a value; every seventh accuracy is not a number.
bool sample_fails(std::int64_t number);
double sample_accuracy(std::int64_t number);
double sample_latency(std::int64_t number, bool on_phone);
std::string sample_text(std::int64_t number);

/// Adds `trials` trials to the study "sample" of the database, which is made when missing.
void add_sample_trials(const std::filesystem::path& file, std::int64_t first, std::int64_t trials);
/// Claims a trial of the study "sample" and leaves it running.
ClaimedTrial start_sample_trial(Store& store, std::int64_t number);
/// A study with this name and one trial of this architecture, without any value.
void add_named_study(const std::filesystem::path& file, const std::string& name,
                     const std::string& text);

}  // namespace nas::testing
