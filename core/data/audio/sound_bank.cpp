#include "core/data/audio/sound_bank.h"

#include <algorithm>
#include <array>

#include "core/data/audio/audio_file.h"
#include "core/data/audio/resample.h"
#include "core/util/content_hash.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{4} << 30;
constexpr std::size_t kMostBabble = 7;  // speakers at once

struct Part {
  const char* folder;
  std::size_t least;
};
constexpr std::array<Part, 4> kParts = {
    {{"noise", 1}, {"music", 1}, {"speech", kMostBabble}, {"rir", 1}}};

std::vector<fs::path> files_of(const fs::path& directory, const Part& part) {
  const fs::path folder = directory / part.folder;
  const std::string name = printable(folder.native());
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw Error(ErrorKind::kIo,
                name +
                    ": no such directory; sounds for augmentation are in DIR/noise, DIR/music, "
                    "DIR/speech and DIR/rir (without a folder they are generated)");
  }
  std::vector<fs::path> files = audio_files_below(folder);
  if (files.size() < part.least) {
    throw Error(ErrorKind::kData, name + ": " + std::to_string(files.size()) +
                                      " WAV or FLAC files, at least " + std::to_string(part.least) +
                                      " expected" + unread_audio_hint(folder));
  }
  return files;
}

/// Reads the parts one after the other and counts what they take.
class BankReader {
 public:
  explicit BankReader(int sample_rate) : sample_rate_(sample_rate) {}

  Waveform read(const fs::path& path) {
    Waveform waveform = resampled(read_audio_file(path), sample_rate_);
    bytes_ += waveform.samples.size() * sizeof(std::int16_t);
    if (bytes_ <= kMostBytes) return waveform;
    throw Error(ErrorKind::kUnsupported, printable(path.native()) +
                                             ": the sounds for augmentation take more than " +
                                             format_bytes(static_cast<std::int64_t>(kMostBytes)) +
                                             " of memory; use a folder with a part of them");
  }

  std::vector<std::vector<std::int16_t>> sounds(const std::vector<fs::path>& files) {
    std::vector<std::vector<std::int16_t>> result;
    for (const fs::path& file : files) result.push_back(to_int16(read(file).samples));
    return result;
  }

  std::vector<std::vector<float>> responses(const std::vector<fs::path>& files) {
    std::vector<std::vector<float>> result;
    for (const fs::path& file : files) {
      result.push_back(read(file).samples);
      const auto& samples = result.back();
      if (std::any_of(samples.begin(), samples.end(), [](float x) { return x != 0; })) continue;
      throw Error(ErrorKind::kData, printable(file.native()) +
                                        ": an impulse response that is silent; remove the file");
    }
    return result;
  }

 private:
  int sample_rate_;
  std::size_t bytes_ = 0;
};

template <class Sample>
std::string digest_of(const std::vector<std::vector<Sample>>& sounds) {
  std::string digests;
  for (const std::vector<Sample>& sound : sounds) digests += sha256_of(sound);
  return sha256_hex(digests);
}

}  // namespace

std::string sound_bank_id(const SoundBank& bank) {
  const std::string digest =
      sha256_hex(std::to_string(bank.sample_rate) + digest_of(bank.noise) + digest_of(bank.music) +
                 digest_of(bank.speech) + digest_of(bank.rooms));
  return bank.mode + "[" + std::to_string(bank.noise.size()) + "+" +
         std::to_string(bank.music.size()) + "+" + std::to_string(bank.speech.size()) + "+" +
         std::to_string(bank.rooms.size()) + "]#" + digest.substr(0, 8);
}

std::shared_ptr<const SoundBank> read_sound_bank(const fs::path& directory, int sample_rate) {
  std::array<std::vector<fs::path>, kParts.size()> files;  // all folders are seen before the work
  for (std::size_t i = 0; i < kParts.size(); ++i) files[i] = files_of(directory, kParts[i]);
  BankReader reader(sample_rate);
  auto bank = std::make_shared<SoundBank>();
  bank->mode = "v2+";
  bank->sample_rate = sample_rate;
  bank->noise = reader.sounds(files[0]);
  bank->music = reader.sounds(files[1]);
  bank->speech = reader.sounds(files[2]);
  bank->rooms = reader.responses(files[3]);
  bank->id = sound_bank_id(*bank);
  return bank;
}

}  // namespace nas
