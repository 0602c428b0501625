#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "core/data/speech/recordings.h"
#include "core/util/verification.h"

namespace nas {

/// A comparison of two recordings of a store.
struct VerificationTrial {
  std::uint32_t enrol = 0;
  std::uint32_t test = 0;
  bool target = false;  ///< both are of one speaker
};

/// Every pair of different recordings once: n (n - 1) / 2 trials. Throws Error(kUnsupported) beyond
/// 50 million: 10,001 recordings need a trial list.
std::vector<VerificationTrial> all_pairs(const RecordingStore& store,
                                         std::span<const std::uint32_t> recordings);

/// Reads a list as VoxCeleb's: one trial per line, "1 ENROL TEST" with 1 (also "target") for the
/// same speaker and 0 ("nontarget") for different ones; the names are those of the store, below the
/// data set's folder or its test/ or train/. Empty lines do not count.
/// Throws Error(kData) with file and line: another number of words, another label, a recording that
/// is not in the data set (with the near miss), a label that the folders of the speakers
/// contradict; Error(kIo) when it cannot be read.
std::vector<VerificationTrial> read_trial_list(const std::filesystem::path& path,
                                               const RecordingDataset& dataset);

// What `eer_interval` draws.
std::vector<TrialUnits> recording_units(std::span<const VerificationTrial> trials);
std::vector<TrialUnits> speaker_units(std::span<const VerificationTrial> trials,
                                      const RecordingStore& store);

}  // namespace nas
