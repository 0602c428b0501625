#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/data/sample_split.h"

namespace nas {

/// Sequences of different lengths with class labels: numbers for each frame, in memory, shared
/// read-only by all trials.
struct SequenceDataset {
  std::string id;                     ///< "sequences[270+370]#0ca0a861": sizes and a content hash
  std::string source;                 ///< where it came from, for people
  std::vector<std::string> classes;   ///< ascending, as numbers where all are numbers
  std::vector<std::string> features;  ///< names of the columns, F
  std::vector<float> values;          ///< [frames of all sequences, F], row-major
  std::vector<std::size_t> ends;      ///< where each sequence ends, in frames
  std::vector<std::uint32_t> labels;  ///< positions in `classes`
  SampleSplit split;

  std::size_t size() const { return labels.size(); }
  std::size_t frames(std::size_t i) const { return ends[i] - begin(i); }
  /// [frames(i), F]
  std::span<const float> sequence(std::size_t i) const {
    const std::size_t width = features.size();
    return std::span(values).subspan(begin(i) * width, frames(i) * width);
  }

 private:
  std::size_t begin(std::size_t i) const { return i == 0 ? 0 : ends[i - 1]; }
};

/// Reads "sequences:DIR": `frames.csv` (or .gz) with one row per frame and the columns split
/// ("train" or "test"), utterance, a label of any name ("speaker"), frame, then the features. The
/// rows of an utterance stand together, its frames count from 0.
/// Throws Error(kIo) for a missing file; Error(kData) that names file and line: other columns, a
/// row of another split, a frame out of turn, two labels in an utterance, an utterance that comes
/// again, a feature that is no finite number, a test label that no training utterance has, an empty
/// part.
std::shared_ptr<const SequenceDataset> load_sequences(const std::filesystem::path& directory);

}  // namespace nas
