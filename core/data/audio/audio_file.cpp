#include "core/data/audio/audio_file.h"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "core/data/audio/riff.h"
#include "core/util/directory.h"
#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

constexpr sf_count_t kBlockFrames = 16384;
constexpr double kLongestSeconds = 24 * 3600;
constexpr float kFullScale = 32768;

constexpr char kConvert[] = "convert it to WAV or FLAC, for example with ffmpeg";

[[noreturn]] void fail(const std::string& text) {
  throw Error(ErrorKind::kData, text);
}

/// A file in memory, as libsndfile reads it.
struct MemoryFile {
  std::string_view bytes;
  sf_count_t at = 0;
  sf_count_t size() const { return static_cast<sf_count_t>(bytes.size()); }
};

MemoryFile& memory_file(void* user) {
  return *static_cast<MemoryFile*>(user);
}

sf_count_t seek_in_memory(sf_count_t offset, int whence, void* user) {
  MemoryFile& file = memory_file(user);
  const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? file.at : file.size();
  file.at = std::clamp<sf_count_t>(base + offset, 0, file.size());
  return file.at;
}

sf_count_t read_from_memory(void* target, sf_count_t count, void* user) {
  MemoryFile& file = memory_file(user);
  const sf_count_t available = std::clamp<sf_count_t>(count, 0, file.size() - file.at);
  std::memcpy(target, file.bytes.data() + file.at, static_cast<std::size_t>(available));
  file.at += available;
  return available;
}

SF_VIRTUAL_IO memory_callbacks() {
  SF_VIRTUAL_IO io{};
  io.get_filelen = [](void* user) { return memory_file(user).size(); };
  io.seek = seek_in_memory;
  io.read = read_from_memory;
  io.write = [](const void*, sf_count_t, void*) { return sf_count_t{0}; };
  io.tell = [](void* user) { return memory_file(user).at; };
  return io;
}

using SoundFile = std::unique_ptr<SNDFILE, int (*)(SNDFILE*)>;

/// What a file is that is neither WAV nor FLAC.
std::string other_format(std::string_view bytes) {
  const auto has = [&](std::size_t at, std::string_view mark) {
    return bytes.size() >= at && bytes.substr(at).starts_with(mark);
  };
  if (has(0, "NIST_1A")) return "a NIST SPHERE file";
  if (has(0, "OggS")) return "an Ogg file";
  if (has(0, "FORM")) return "an AIFF file";
  if (has(0, ".snd")) return "an AU file";
  if (has(4, "ftyp")) return "an MP4 (M4A) file";
  if (has(0, "ID3") || has(0, "\xff\xfb") || has(0, "\xff\xf3")) return "an MP3 file";
  return "";
}

void require_known_format(std::string_view bytes) {
  if (is_wave(bytes)) return check_wave_is_whole(bytes);
  if (bytes.starts_with("fLaC")) return;
  const std::string other = other_format(bytes);
  if (!other.empty()) fail(other + ", only WAV and FLAC are read; " + kConvert);
  fail(std::string("neither a WAV nor a FLAC file; fetch it again or ") + kConvert);
}

void check_format(const SF_INFO& info) {
  if (info.samplerate < kLowestSampleRate || info.samplerate > kHighestSampleRate) {
    fail("a sample rate of " + std::to_string(info.samplerate) + " Hz, must be in [" +
         std::to_string(kLowestSampleRate) + ", " + std::to_string(kHighestSampleRate) + "]");
  }
  if (info.channels < 1) fail("no channels; export the recording again");
}

/// The mean of the channels, frame by frame.
void append_mixed(std::span<const float> interleaved, std::size_t channels,
                  std::vector<float>& samples) {
  for (std::size_t at = 0; at < interleaved.size(); at += channels) {
    double sum = 0;
    for (std::size_t c = 0; c < channels; ++c) sum += static_cast<double>(interleaved[at + c]);
    samples.push_back(static_cast<float>(sum / static_cast<double>(channels)) * kFullScale);
  }
}

std::vector<float> read_samples(SNDFILE* file, const SF_INFO& info) {
  const auto channels = static_cast<std::size_t>(info.channels);
  const auto longest = static_cast<std::size_t>(kLongestSeconds * info.samplerate);
  std::vector<float> block(static_cast<std::size_t>(kBlockFrames) * channels);
  std::vector<float> samples;
  for (;;) {
    const sf_count_t frames = ::sf_readf_float(file, block.data(), kBlockFrames);
    if (frames <= 0) break;
    append_mixed(std::span(block).first(static_cast<std::size_t>(frames) * channels), channels,
                 samples);
    if (samples.size() > longest) fail("longer than 24 hours; cut it into recordings");
  }
  return samples;
}

void check_samples(const std::vector<float>& samples, int sample_rate) {
  if (samples.empty()) fail("it holds no samples; leave it out or record it again");
  const auto bad = std::find_if(samples.begin(), samples.end(),
                                [](float sample) { return !std::isfinite(sample); });
  if (bad == samples.end()) return;
  const auto at = bad - samples.begin();
  fail("sample " + format_count(at) + ", at " +
       format_short(static_cast<double>(at) / sample_rate) +
       " s, is not a finite number; export the recording again");
}

bool has_audio_ending(const fs::path& path) {
  const std::string ending = to_lower(path.extension().string());
  return ending == ".wav" || ending == ".flac";
}

}  // namespace

Waveform decode_audio(std::string_view bytes) {
  require_known_format(bytes);
  MemoryFile memory{bytes};
  SF_VIRTUAL_IO io = memory_callbacks();
  SF_INFO info{};
  const SoundFile file(::sf_open_virtual(&io, SFM_READ, &info, &memory), &::sf_close);
  if (!file) {
    fail("damaged, or of a kind that is not read (" + std::string(::sf_strerror(nullptr)) +
         "); fetch it again or " + kConvert);
  }
  check_format(info);
  Waveform waveform{info.samplerate, read_samples(file.get(), info)};
  const auto frames = static_cast<sf_count_t>(waveform.samples.size());
  if (bytes.starts_with("fLaC") && info.frames != SF_COUNT_MAX && frames < info.frames) {
    fail(format_count(info.frames) + " samples expected, got " + format_count(frames) +
         ": the file is truncated; fetch it again");
  }
  check_samples(waveform.samples, waveform.sample_rate);
  return waveform;
}

Waveform read_audio_file(const fs::path& path) {
  const std::string bytes = read_file(path);
  const std::string name = printable(path.native());
  if (!is_wave(bytes)) refuse_foreign_content(std::string_view(bytes).substr(0, 4096), name);
  try {
    return decode_audio(bytes);
  } catch (const Error& error) {
    throw error.with_context(name);
  }
}

std::vector<fs::path> audio_files_below(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : visible_entries_below(directory)) {
    if (has_audio_ending(entry.path())) files.push_back(entry.path());
  }
  return files;
}

std::string unread_audio_hint(const fs::path& directory) {
  std::error_code ignored;
  for (const char* ending : {".m4a", ".mp3", ".ogg", ".opus", ".aac", ".sph", ".aiff"}) {
    std::int64_t count = 0;
    for (fs::recursive_directory_iterator at(directory, ignored), end; at != end;
         at.increment(ignored)) {
      count += to_lower(at->path().extension().string()) == ending ? 1 : 0;
    }
    if (count > 0) {
      return " (its " + format_count(count) + " " + ending +
             " files are not read: convert them to WAV or FLAC, for example with ffmpeg)";
    }
  }
  return "";
}

}  // namespace nas
