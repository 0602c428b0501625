#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/sample_split.h"

namespace nas {

/// Recordings of one rate and of different lengths, each of one class, in memory as 16-bit
/// integers. Files of more than 16 bits are rounded, those beyond the full scale are cut.
struct RecordingStore {
  int sample_rate = 0;                ///< Hz
  std::vector<std::int16_t> samples;  ///< one recording after the other
  std::vector<std::size_t> ends;      ///< where each recording ends in `samples`
  std::vector<std::uint32_t> labels;  ///< positions in `RecordingDataset::classes`
  std::vector<std::string> names;     ///< "id10270/5r0dWy17C8/00001.wav"

  std::size_t size() const { return labels.size(); }
  std::span<const std::int16_t> recording(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends[i - 1];
    return std::span(samples).subspan(begin, ends[i] - begin);
  }
  void add(std::span<const std::int16_t> recording, std::uint32_t label, std::string name);
};

/// A data set of recordings, shared read-only by all trials. The classes are speakers, or what is
/// said ("0" to "9").
struct RecordingDataset {
  /// Kind, sizes of both parts, and a hash of rate, samples, labels and split: what fidelity names.
  std::string id;
  std::string source;  ///< where it came from, for people
  std::string note;    ///< how it was split, for people; "" where its folders say so
  std::vector<std::string> classes;
  RecordingStore recordings;
  SampleSplit split;
};

/// "speakers[2700+300]#0ca0a861".
std::string recording_identity(std::string_view kind, const RecordingDataset& dataset);

/// The classes of some recordings, ascending. A network that learns some speakers only numbers them
/// by their positions here.
std::vector<std::uint32_t> classes_of(const RecordingStore& store,
                                      std::span<const std::uint32_t> recordings);

// Train on some speakers and verify others that the network never heard. All recordings take part,
// whatever part of the official split they are in.

/// `dataset` with all recordings of these speakers as the test part and no other; its identity and
/// note say so. Throws Error(kUsage) for an unknown speaker or one named twice, and where either
/// part has fewer than two.
RecordingDataset with_unseen(RecordingDataset dataset, std::span<const std::string> speakers);

/// `count` of `classes` classes drawn from (seed, kSplit), ascending.
std::vector<std::uint32_t> draw_held_out(std::uint32_t classes, std::uint32_t count,
                                         std::uint64_t seed);

/// Reads the recordings of "speakers:DIR" (docs/data.md): DIR/SPEAKER/*.wav or .flac, at any depth
/// below the speaker, where the first folder is a session; or DIR/train and DIR/test with speakers
/// in each. Without these a fifth of each speaker's sessions, or of the recordings where there is
/// one session, is the test part, drawn with seed 0. `sample_rate`: recordings are resampled to it;
/// 0: they must have one rate. Throws Error(kIo) for a missing folder, Error(kData) that names
/// speaker or file: no speakers or one, a speaker without recordings or with one, test speakers of
/// whom some are in train/ and some are not, a test part in which no speaker has two recordings, a
/// damaged file, another rate; Error(kUnsupported) when the files are larger than the memory of the
/// machine.
std::shared_ptr<const RecordingDataset> load_speaker_folder(const std::filesystem::path& directory,
                                                            int sample_rate = 0);

/// What the classes of the spoken digits are.
enum class SpokenDigitClass { kSpeaker, kDigit };

/// Reads "fsdd:DIR", the Free Spoken Digit Dataset as one file: `fsdd_8k_int16le.pcm` (or .gz), all
/// samples at 8 kHz one after the other, and `index.csv` with columns file, digit, speaker, take,
/// offset_samples, n_samples. Takes 0 to 4 are the test part (the official split).
/// Throws Error(kIo) for missing files, Error(kData) with file and line.
std::shared_ptr<const RecordingDataset> load_spoken_digits(const std::filesystem::path& directory,
                                                           SpokenDigitClass what);

}  // namespace nas
