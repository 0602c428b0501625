#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace nas {

/// What recordings are augmented with, in memory at one sample rate, shared read-only.
struct SoundBank {
  /// "v2+" with the sounds of a folder, "v2+generated" with generated ones: results of the two
  /// must not be taken for each other.
  std::string mode;
  std::string id;  ///< `mode`, the numbers of sounds and a content hash
  int sample_rate = 0;
  std::vector<std::vector<std::int16_t>> noise;
  std::vector<std::vector<std::int16_t>> music;
  std::vector<std::vector<std::int16_t>> speech;  ///< at least seven, for babble
  std::vector<std::vector<float>> rooms;          ///< impulse responses, none silent
};

/// Reads DIR/noise, DIR/music, DIR/speech and DIR/rir: WAV or FLAC files at any depth and any rate,
/// for instance links to the parts of MUSAN and to the small and medium rooms of RIRS_NOISES.
/// Throws Error(kIo) or Error(kData) that names the folder or file: a missing part, too few
/// recordings, a silent response; Error(kUnsupported) above 4 GB of samples.
std::shared_ptr<const SoundBank> read_sound_bank(const std::filesystem::path& directory,
                                                 int sample_rate);

/// Sounds that stand in where there are no recordings, always the same ones for a rate: coloured
/// and swelling noise; chords of decaying harmonics; pulses and noise through moving formants with
/// the rhythm of syllables; exponentially decaying noise after a direct sound, with reverberation
/// times of 0.1 to 0.5 s. They distort as recordings do, but say less about real rooms and streets.
std::shared_ptr<const SoundBank> generated_sound_bank(int sample_rate);

/// Adds what `mode`, the rate and the sounds say. Both functions above call it.
std::string sound_bank_id(const SoundBank& bank);

}  // namespace nas
